import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import { modelSecrets, modelSettings } from './activities/models/settings'
import { sourceSecrets, sourceSettings } from './activities/sources/settings'
import { providerSecrets, providerSettings } from './channels/settings'
import { type ConfiguredKey, parseApiKey } from './sdk/configured-key'
import { isNearMiss } from './sdk/spelling'
import { addExact, isDuration, isZone } from './sdk/time'

/** Settings are wrong. The message holds one sentence for each wrong key, and no secret. */
export class ConfigError extends Error {
  constructor(readonly sentences: readonly string[]) {
    super(sentences.join('\n'))
    this.name = 'ConfigError'
  }
}

type Env = Readonly<Record<string, string | undefined>>

const right = (error: string) => ({ error })
const text = () => z.string()

const flags = new Map([...['true', '1', 'on', 'yes'].map((word) => [word, true] as const),
  ...['false', '0', 'off', 'no'].map((word) => [word, false] as const)]) // prettier-ignore

const flag = () =>
  text()
    .refine((value) => flags.has(value.toLowerCase()), right('it must be true or false'))
    .transform((value) => flags.get(value.toLowerCase()) === true)

const port = () =>
  text()
    .refine(
      (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535,
      right('it must be a whole number from 0 to 65535'),
    )
    .transform(Number)

const url = (schemes: readonly string[], example: string) =>
  text().refine(
    (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol),
    right(`it must be a URL such as ${example}`),
  )

const commaList = () => text().transform((value) => value.split(',').map((entry) => entry.trim()).filter(Boolean)) // prettier-ignore

/** In ms; undefined: for ever. */
const retention = (leastDays: number, because: string) =>
  text()
    .refine(
      (value) => value === 'forever' || isDuration(value),
      right("it must be 'forever' or a number, a space and a unit, like '400 days' or '13 months'"),
    )
    .transform((value) => (isDuration(value) ? addExact(0, value) : undefined))
    .refine(
      (ms = Infinity) => ms >= leastDays * 86_400_000,
      right(`it must be at least ${leastDays} days: ${because}`),
    )
    .prefault('forever')

const apiKeys = () =>
  commaList()
    .refine((entries) => entries.every((entry) => parseApiKey(entry) !== undefined), {
      error:
        'each entry must read role:name:hash, the role one of ingest, read, agent, operate and admin, the hash the SHA-256 of the key in hex',
    })
    .transform((entries) => entries.map((entry) => parseApiKey(entry)!))
    .refine(
      (keys) => new Set(keys.map((key) => key.name)).size === keys.length,
      right('each key needs a name of its own'),
    )

export type { ConfiguredKey }

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const settings = {
  NODE_ENV: z
    .enum(['development', 'test', 'production'], right('it must be development, test or production'))
    .default('development')
    .describe('production refuses development keys, moved time and missing secrets'),
  HOST: text()
    .default('127.0.0.1')
    .describe('address that this process’s ports listen on; without API_KEYS it must be loopback'),
  PORT: port().default(3000).describe('port of the API; 0 takes a free one'),
  HEALTH_PORT: port()
    .optional()
    .describe('where a worker or dispatcher answers /healthz and /readyz; without it, nowhere'),
  METRICS_PORT: port()
    .optional()
    .describe('where a worker shows Temporal’s metrics for Prometheus; without it, nowhere'),
  DATA_DIR: text().default('.data').describe('folder for everything the development default keeps'),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://name:password@host:5432/database')
    .optional()
    .describe('Postgres; without it embedded PGlite under DATA_DIR (development only)'),
  SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://name:password@host:465')
    .optional()
    .describe('mail server; without it the local inbox (development only)'),
  MAIL_FROM: text()
    .regex(
      /^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/,
      right('it must be an address such as Sojourn <hello@example.com>'),
    )
    .default('Sojourn <hello@sojourn.localhost>')
    .describe('sender of every mail'),
  DKIM_DOMAIN: text().optional().describe('domain that mails are signed for (DKIM), with the next two'),
  DKIM_SELECTOR: text().optional().describe('where in DNS the public key is: SELECTOR._domainkey.DOMAIN'),
  DKIM_PRIVATE_KEY: text().optional().describe('RSA key that signs, as PEM; line ends may be written as \\n'),
  PUBLIC_URL: url(['http:', 'https:'], 'https://journeys.example.com')
    .transform((value) => value.replace(/\/+$/, ''))
    .optional()
    .describe('how customers reach the API (unsubscribe links); production needs it, else http://HOST:PORT'),
  API_KEYS: apiKeys()
    .optional()
    .describe('comma list of role:name:sha256; in development, without it, the key is `dev`'),
  API_KEY: text().optional().describe('the key that `npx sojourn` uses; in development it needs none'),
  SECRET_KEYS: commaList()
    .refine(
      (keys) => keys.every((key) => key.length >= 32),
      right('each entry must have at least 32 characters'),
    )
    .optional()
    .describe(
      'comma list of secrets for links; the first signs, all verify; development makes one under DATA_DIR',
    ),
  CUSTOMER_ID_KEY: text()
    .min(32, right('it must have at least 32 characters'))
    .optional()
    .describe('when set, workflow ids hold a keyed hash in place of the customer id; never change it'),
  LOG_LEVEL: z
    .enum(levels, right(`it must be one of ${levels.join(', ')}`))
    .default('info')
    .describe('least level logged'),
  DEMO: flag().default(false).describe('send the demo’s events; on in `npm start`'),
  FAST_FORWARD: flag()
    .optional()
    .describe('allow moving a customer’s clock; on in development, refused in production'),
  LIMITS_APPROVAL: flag()
    .default(false)
    .describe('a change of the contact limits is a draft until another admin key approves it'),
  ...providerSettings,
  ...modelSettings,
  ...sourceSettings,
  WEBHOOK_ALLOW_PRIVATE: flag()
    .default(false)
    .describe('let webhooks and web push go to private and loopback addresses'),
  DEFAULT_TIME_ZONE: text()
    .refine(isZone, right('it must be a known IANA time zone such as Europe/Berlin'))
    .default('UTC')
    .describe('zone of customers for whom neither profile nor journey names one'),
  EVENT_RETENTION: retention(
    35,
    'repeats of an event are known by what is kept, also those sent weeks later',
  ).describe('how long events are kept: `forever`, or 35 days or more, such as `400 days`; default: forever'),
  TOUCHPOINT_RETENTION: retention(
    180,
    'that a message is sent once, frequency caps and the links in mails lean on what is kept',
  ).describe(
    'how long touchpoints are kept: `forever`, or 180 days or more, and longer than any journey lasts; default: forever',
  ),
  DECISION_RETENTION: retention(
    180,
    'a policy that is changed learns from what is kept, and reports and a customer’s kept arm rest on it',
  ).describe('how long decisions are kept: `forever`, or 180 days or more; default: forever'),
  TASK_RETENTION: retention(
    30,
    'agents and the call centre’s software look at what became of a call',
  ).describe(
    'how long closed tasks of agents are kept, from the last that became of them: `forever`, or 30 days or more; default: forever',
  ),
  TASK_QUEUE: text()
    .max(200, right('it must have at most 200 characters'))
    .default('sojourn')
    .describe('Temporal task queue'),
  WORKER_VERSIONING: flag()
    .default(false)
    .describe(
      'keep an enrollment on the build it began its stage on (Temporal 1.32 or newer), and roll builds out by `npx sojourn rollout`; old workers must stay up until they are drained',
    ),
  TEMPORAL_PORT: port().default(7233).describe('port of the development Temporal server'),
  UI_PORT: port().default(8233).describe('port of the development Temporal UI'),
  SMTP_PORT: port().default(2525).describe('port of the development inbox'),
  TEMPORAL_CLI_PATH: text().optional().describe('a Temporal CLI to run as the development server'),
}

const schema = z.object(settings)
type Settings = z.output<typeof schema>
type Name = keyof typeof settings

type Pascal<Text extends string> = Text extends `${infer Head}_${infer Tail}`
  ? `${Capitalize<Lowercase<Head>>}${Pascal<Tail>}`
  : Capitalize<Lowercase<Text>>
type Field<Text extends string> = Uncapitalize<Pascal<Text>>

/** Settings under their names in camel case (`DATABASE_URL` is `databaseUrl`), complete with defaults. */
export type Config = {
  readonly [Key in Exclude<Name, 'API_KEYS' | 'FAST_FORWARD' | 'PUBLIC_URL'> as Field<Key>]: Settings[Key]
} & {
  readonly apiKeys: readonly ConfiguredKey[]
  /** Development without API_KEYS: the key is `dev`, console and metrics are open, only loopback names are answered. */
  readonly open: boolean
  readonly fastForward: boolean
  readonly publicUrl: string
}

const secret = new Set<string>([
  'DATABASE_URL',
  'SMTP_URL',
  'DKIM_PRIVATE_KEY',
  'API_KEYS',
  'API_KEY',
  'SECRET_KEYS',
  'CUSTOMER_ID_KEY',
  ...providerSecrets,
  ...modelSecrets,
  ...sourceSecrets,
])

/** The settings of this process. `defaults` stand in for unset keys. Throws ConfigError. */
export function loadConfig(env: Env = process.env, defaults: Partial<Record<Name, string>> = {}): Config {
  const given = { ...defaults, ...present(env) }
  const parsed = schema.safeParse(given)
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => sentence(issue, given))
  const sentences = [...wrong, ...acrossKeys(given), ...strangers(env)]
  if (!parsed.success || sentences.length > 0) throw new ConfigError(sentences)
  return complete(parsed.data)
}

/** Ends the start of a process that needs settings which have no default. Throws ConfigError. */
export function needSettings(config: Config, names: readonly Name[]): void {
  const missing = names.filter((name) => isMissing((config as Record<string, unknown>)[fieldOf(name)]))
  if (missing.length > 0)
    throw new ConfigError(
      missing.map((name) => `${name} is not set; it is needed: ${settings[name].description}.`),
    )
}

/** Every setting as a Markdown table. */
export function describeConfig(): string {
  const rows = Object.entries(settings).map(
    ([name, setting]) => `| ${name} | ${defaultOf(setting)} | ${setting.description} |`,
  )
  return ['| setting | default | what it does |', '| --- | --- | --- |', ...rows].join('\n')
}

/** What `npm start` needs to know of the machine beyond our settings. */
export const surroundings = (env: Env = process.env) => ({
  searchPath: env.PATH,
  temporalAddress: env.TEMPORAL_ADDRESS,
  cacheDir: env.XDG_CACHE_HOME ? `${env.XDG_CACHE_HOME}/sojourn` : undefined,
})

const isMissing = (value: unknown) => value === undefined || (value as { length?: number }).length === 0

const present = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[0] in settings && !!entry[1]?.trim(),
    ),
  )

function sentence(issue: z.core.$ZodIssue, given: Env): string {
  const name = String(issue.path[0])
  const value = given[name] ?? ''
  const shown = secret.has(name) ? 'is wrong' : `is "${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`
  return `${name} ${shown}; ${issue.message}.`
}

function acrossKeys(given: Env): string[] {
  const production = given.NODE_ENV === 'production'
  const moving = flags.get(given.FAST_FORWARD?.toLowerCase() ?? '') === true
  const sentences: string[] = []
  if (production && isPlainAbroad(given.PUBLIC_URL))
    sentences.push(
      `PUBLIC_URL is "${given.PUBLIC_URL}"; in production it must begin with https, or mail programs offer no unsubscribing.`,
    )
  if (production && moving)
    sentences.push('FAST_FORWARD is on; production never moves clocks, so leave it out.')
  if (given.MAIL_REPLIES === 'journeys' && !given.MAIL_RETURN_DOMAIN)
    sentences.push('MAIL_REPLIES is "journeys"; MAIL_RETURN_DOMAIN must then say where answers come in.')
  if (flags.get(given.LIMITS_APPROVAL?.toLowerCase() ?? '') === true && !canApprove(given, production))
    sentences.push(
      'LIMITS_APPROVAL is on; API_KEYS must then hold two admin keys: one writes, another approves.',
    )
  if (!production && !given.API_KEYS && given.HOST && !isLoopback(given.HOST)) {
    sentences.push(
      `HOST is "${given.HOST}"; without API_KEYS anyone may use the key \`dev\`, so it must be a loopback address such as 127.0.0.1.`,
    )
  }
  return sentences
}

function complete(found: Settings): Config {
  const { API_KEYS, FAST_FORWARD, PUBLIC_URL, ...rest } = found
  const production = found.NODE_ENV === 'production'
  const open = !production && API_KEYS === undefined
  const host = isIP(found.HOST) === 6 ? `[${found.HOST}]` : found.HOST
  const plain = Object.fromEntries(Object.entries(rest).map(([name, value]) => [fieldOf(name), value]))
  return {
    ...(plain as Omit<Config, 'apiKeys' | 'open' | 'fastForward' | 'publicUrl'>),
    apiKeys: API_KEYS ?? (open ? [developmentKey] : []),
    open,
    fastForward: FAST_FORWARD ?? !production,
    publicUrl: PUBLIC_URL ?? (production ? '' : `http://${host}:${found.PORT}`),
  }
}

const developmentKey: ConfiguredKey = {
  role: 'admin',
  name: 'dev',
  hash: createHash('sha256').update('dev').digest('hex'),
}

/** Processes other than the API have no keys in production. */
const canApprove = ({ API_KEYS }: Env, production: boolean): boolean =>
  API_KEYS ? (API_KEYS.match(/(^|,)\s*admin:/g)?.length ?? 0) >= 2 : production

/** Over http, and not on this machine alone. */
const isPlainAbroad = (url = '') =>
  url.startsWith('http:') && URL.canParse(url) && !isLoopback(new URL(url).hostname)

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

const fieldOf = (name: string) =>
  name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

function defaultOf(setting: z.ZodType): string {
  const value = setting instanceof z.ZodDefault ? setting.def.defaultValue : undefined
  return value === undefined ? '' : `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``
}

const strangers = (env: Env): string[] =>
  Object.keys(env).flatMap((name) => {
    if (name in settings || name.startsWith('TEMPORAL_')) return []
    const bare = name.toUpperCase().replace(/^SOJOURN_/, '')
    const meant = Object.keys(settings).find((known) => isNearMiss(bare, known))
    if (meant) return [`${name} is not a setting; did you mean ${meant}?`]
    return name.startsWith('SOJOURN_')
      ? [`${name} is not a setting; the names are in the README and have no prefix.`]
      : []
  })
