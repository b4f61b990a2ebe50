import { parseArgs } from 'node:util'
import { ConfigError, loadConfig } from '../config'
import { backtest } from './cli/backtest'
import { apiClient } from './cli/client'
import { Refused } from './cli/refused'
import { why } from './cli/why'

const usage = `usage: npx sojourn <command> [options]

  why <customer>   every attempt to reach a customer, newest first, and why it was or was not made
                   --step <step>, --journey <journey>: of these alone; --limit <n>: the newest n (default 20)

  backtest <journey> --events <file>
                   what the journey of this folder would have done with recorded events: a file of
                   one event a line, as POST /v1/batch takes them, each with its timestamp
                   --against <git ref>: and with that version of it; --limits <file>: the limits, as
                   GET /v1/limits has them; --json: for machines, with every customer who differs

  --url <url>      the API; default: HOST and PORT as the API itself reads them
  API_KEY          in the environment: a key that may read; in development \`dev\`
`

const options = {
  url: { type: 'string' },
  step: { type: 'string' },
  journey: { type: 'string' },
  limit: { type: 'string', default: '20' },
  events: { type: 'string' },
  against: { type: 'string' },
  limits: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Words for people on standard output; 0 when it was done, 1 when the API refused or is away, 2 when the command is wrong. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = readArgs(args)
  if (typeof parsed === 'string') return complain(`${parsed}\n\n${usage}`, 2)
  const { positionals, values } = parsed
  if (values.help) return say(usage)
  const [command, subject, ...rest] = positionals
  if (subject === undefined || rest.length > 0) return complain(usage, 2)
  if (command === 'why') return explain(subject, values)
  const { events } = values
  if (command !== 'backtest' || events === undefined) return complain(usage, 2)
  return say(await backtest(subject, { ...values, events }))
}

async function explain(customer: string, values: Values): Promise<number> {
  const limit = Number(values.limit)
  if (!Number.isInteger(limit) || limit < 1) return complain('--limit must be a whole number from 1', 2)
  const config = loadConfig()
  const api = apiClient(values.url ?? config.publicUrl, config.apiKey ?? 'dev')
  return say(await why(api, customer, { step: values.step, journey: values.journey, limit }))
}

type Values = Exclude<ReturnType<typeof readArgs>, string>['values']

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    return (error as Error).message
  }
}

function say(text: string): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}

function complain(text: string, code: number): number {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
  return code
}

main(process.argv.slice(2)).then(
  (code) => void (process.exitCode = code),
  (error: unknown) => {
    if (!(error instanceof Refused || error instanceof ConfigError)) throw error
    process.exitCode = complain(error.message, 1)
  },
)
