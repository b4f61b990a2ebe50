import { parseArgs } from 'node:util'
import { ConfigError, loadConfig } from '../config'
import { apiClient, CallFailed } from './cli/client'
import { why } from './cli/why'

const usage = `usage: npx sojourn <command> [options]

  why <customer>   every attempt to reach a customer, newest first, and why it was or was not made
                   --step <step>, --journey <journey>: of these alone; --limit <n>: the newest n (default 20)

  --url <url>      the API; default: HOST and PORT as the API itself reads them
  API_KEY          in the environment: a key that may read; in development \`dev\`
`

const options = {
  url: { type: 'string' },
  step: { type: 'string' },
  journey: { type: 'string' },
  limit: { type: 'string', default: '20' },
  help: { type: 'boolean', default: false },
} as const

/** Words for people on standard output; 0 when it was done, 1 when the API refused or is away, 2 when the command is wrong. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = readArgs(args)
  if (typeof parsed === 'string') return complain(`${parsed}\n\n${usage}`, 2)
  const { positionals, values } = parsed
  if (values.help) return say(usage)
  const [command, customer, ...rest] = positionals
  const limit = Number(values.limit)
  if (command !== 'why' || customer === undefined || rest.length > 0) return complain(usage, 2)
  if (!Number.isInteger(limit) || limit < 1) return complain('--limit must be a whole number from 1', 2)
  const config = loadConfig()
  const url = values.url ?? config.publicUrl
  if (url === '') return complain('Say where the API is: --url, or PUBLIC_URL.', 2)
  const api = apiClient(url, config.apiKey ?? 'dev')
  return say(await why(api, customer, { step: values.step, journey: values.journey, limit }))
}

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
    if (!(error instanceof CallFailed || error instanceof ConfigError)) throw error
    process.exitCode = complain(error.message, 1)
  },
)
