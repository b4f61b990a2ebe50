import pino from 'pino'

export type Logger = pino.Logger
export type Level = pino.LevelWithSilent

// What people or providers could be harmed by, wherever a caller puts it: at the top or up to two levels down.
const withheld = [
  ...[
    'authorization',
    'Authorization',
    'cookie',
    '["set-cookie"]',
    'password',
    'pass',
    'token',
    'secret',
    'secrets',
  ],
  ...['key', 'keys', 'apiKey', 'writeKey', 'hash'],
  ...['address', 'email', 'phone', 'to', 'from', 'recipient', 'traits', 'properties'],
  ...['body', 'content', 'subject', 'text', 'html', 'data'],
]

const nested = (name: string) =>
  name.startsWith('[') ? [name, `*${name}`, `*.*${name}`] : [name, `*.${name}`, `*.*.${name}`]

/** Logs JSON lines to stdout, or to `destination`. Keys, addresses and message bodies never appear. */
export const createLogger = (level: Level = 'info', destination?: pino.DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      redact: { paths: withheld.flatMap(nested), censor: '[redacted]' },
      serializers: { err: errorFacts },
      hooks: { logMethod },
    },
    destination,
  )

type Given = Parameters<pino.LogFn>

function logMethod(this: pino.Logger, given: Given, log: pino.LogFn): void {
  log.apply(this, spoken(given))
}

/** Scrubs what is said; where only an error is given, pino would say its message as it is. */
function spoken([first, ...rest]: Given): Given {
  const { err } = (first ?? {}) as { err?: unknown }
  const error = [first, err].find((each) => each instanceof Error)
  const words = error && rest.length === 0 ? [error.message] : rest
  return [first, ...words].map((each) => (typeof each === 'string' ? scrub(each) : each)) as unknown as Given
}

/** What is safe to tell of an error: database errors carry row values in `detail`, URLs carry passwords. */
export function errorFacts(error: unknown): object {
  if (!(error instanceof Error)) return { message: scrub(String(error)) }
  const { code, cause } = error as Error & { code?: unknown }
  return {
    type: error.name,
    message: scrub(error.message),
    stack: scrub(error.stack ?? ''),
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: errorFacts(cause) }),
  }
}

const scrub = (text: string): string =>
  text
    .replace(/\/\/[^/\s@]+@/g, '//[redacted]@')
    .replace(/[^\s@<>"'(]+@[^\s@<>"')]+\.[^\s@<>"').,;:]+/g, '[redacted]')
