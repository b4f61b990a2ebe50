import { parseArgs } from 'node:util'
import { ConfigError, loadConfig } from '../config'
import { apiClient, CallFailed, type ApiClient } from './cli/client'
import { decisions, evaluate } from './cli/decisions'
import { why } from './cli/why'

const usage = `usage: npx sojourn <command> [options]

  why <customer>   every attempt to reach a customer, newest first, and why it was or was not made
                   --step <step>, --journey <journey>: of these alone; --limit <n>: the newest n (default 20)

  decisions <journey>   what it decided so far: arms, shares, rewards
  decisions evaluate <journey> <step> --policy <policy>
                   what another policy would have brought, from the log; such as fixed:call=1, thompson, lin-thompson

  --url <url>      the API; default: HOST and PORT as the API itself reads them
  API_KEY          in the environment: a key that may read; in development \`dev\`
`

const options = {
  url: { type: 'string' },
  step: { type: 'string' },
  journey: { type: 'string' },
  limit: { type: 'string', default: '20' },
  policy: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Words for people on standard output; 0 when it was done, 1 when the API refused or is away, 2 when the command is wrong. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = readArgs(args)
  if (typeof parsed === 'string') return complain(`${parsed}\n\n${usage}`, 2)
  const { positionals, values } = parsed
  if (values.help) return say(usage)
  const limit = Number(values.limit)
  if (!Number.isInteger(limit) || limit < 1) return complain('--limit must be a whole number from 1', 2)
  const command = commandOf(positionals, { ...values, limit })
  if (!command) return complain(usage, 2)
  const config = loadConfig()
  const api = apiClient(values.url ?? config.publicUrl, config.apiKey ?? 'dev')
  return say(await command(api))
}

type Command = (api: ApiClient) => Promise<string>
type Given = { step?: string; journey?: string; limit: number; policy?: string }

/** Undefined when the words make no command. */
function commandOf([name, ...words]: readonly string[], { policy, ...asked }: Given): Command | undefined {
  const [first, journey, step] = words
  if (name === 'why' && words.length === 1) return (api) => why(api, first!, asked)
  if (name !== 'decisions') return undefined
  if (first === 'evaluate' && words.length === 3 && policy !== undefined)
    return (api) => evaluate(api, journey!, step!, policy)
  return words.length === 1 ? (api) => decisions(api, first!) : undefined
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
