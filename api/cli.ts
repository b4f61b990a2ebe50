import { parseArgs } from 'node:util'
import { ConfigError, loadConfig } from '../config'
import { isDuration } from '../sdk'
import { backtest } from './cli/backtest'
import { type ApiClient, apiClient } from './cli/client'
import { decisions, evaluate, regret, report, uplift } from './cli/decisions'
import { move, undo } from './cli/move'
import { whereOf } from './cli/move/plan'
import { roll, status, wake } from './cli/rollout'
import { shadow } from './cli/shadow'
import { graphFormats, graphText } from './cli/graph'
import { Refused } from './cli/refused'
import { why } from './cli/why'
import { checkOf, manifestOf, workingCopy } from './cli/working-copy'

const usage = `usage: npx sojourn <command> [options]

  why <customer>   every attempt to reach a customer, newest first, and why it was or was not made
                   --step <step>, --journey <journey>: of these alone; --limit <n>: the newest n (default 20)
  graph [journey]  what may come after what, as this working copy has it; with --url, as the build that runs there has it
                   --format mermaid, svg or json (default mermaid)

  check            whether the journeys of this working copy agree with every enrollment that runs, before a release:
                   0 all go on unharmed, 1 some would break, 2 it could not tell
                   --json for machines; --sample <n>: of each journey at most so many

  backtest <journey> --events <file>
                   what the journey of this folder would have done with recorded events: a file of
                   one event a line, as POST /v1/batch takes them, each with its timestamp
                   --against <git ref>: and with that version of it; --limits <file>: the limits, as
                   GET /v1/limits has them; --json: for machines, with every customer who differs

  shadow <journey> --file <file>
                   what the journey of this folder would do with the customers who enter the one that runs, live:
                   reads by the API, sends nothing, keeps what it finds in the file, and goes on with it
                   --share <0 to 1> of the customers (default 1); --since <ISO date> (default now);
                   --against <git ref>: the version that runs, to tell how far to trust it;
                   --every <duration> (default '1 minute'); --once: looks once; --json: for machines

  decisions <journey>   what it decided so far: arms, shares, rewards
  decisions evaluate <journey> <step> --policy <policy>
                   what another policy would have brought, from the log; such as fixed:call=1, thompson, lin-thompson
  decisions regret <journey> <step>
                   arms, rewards and estimated regret, week by week; --per day
  decisions uplift <journey> <step> --arm <arm> --against <arm>
                   whether the arm moves those whom the policy expects it to move
  report <journey> what the journey adds to the share that reaches its goal, beside those it holds out
                   --within <duration>: how long a conversion counts; --since <date>: customers who first came then or later

  move <journey> --to-stage <stage> [--where <condition> …]
                   moves all in a journey, or those meant, to a stage; a condition is stage=, step=, status=, build=,
                   customer= or customers=@file. --dry-run: says whom; --rate <n>: so many a second (default 10);
                   --undo-file <file>: where the list for its undoing is kept (default move-<journey>-<stage>.undo);
                   asked for again with that file, a move that was cut off goes on
  move --undo <file>
                   moves those back who are still where the move brought them

  rollout          the builds that workers have, and who is on each, where workers are versioned
  rollout <build> [--percent <n>]
                   lets so many of a hundred begin their stages on a build (default: all)
  rollout wake     lets the current build go on with those inside on older ones; --from <build>, --journey <journey>,
                   --rate <n>: so many a second (default 10)

  --by <name>, --reason <text>: kept with what you order; the key's name is kept in any case
  --url <url>      the API; default: HOST and PORT as the API itself reads them
  API_KEY          in the environment: a key that may read; in development \`dev\`
`

const options = {
  url: { type: 'string' },
  step: { type: 'string' },
  journey: { type: 'string' },
  limit: { type: 'string', default: '20' },
  format: { type: 'string', default: 'mermaid' },
  events: { type: 'string' },
  limits: { type: 'string' },
  policy: { type: 'string' },
  per: { type: 'string' },
  arm: { type: 'string' },
  against: { type: 'string' },
  within: { type: 'string' },
  since: { type: 'string' },
  json: { type: 'boolean', default: false },
  sample: { type: 'string' },
  where: { type: 'string', multiple: true, default: [] as string[] },
  'to-stage': { type: 'string' },
  rate: { type: 'string', default: '10' },
  'dry-run': { type: 'boolean', default: false },
  'undo-file': { type: 'string' },
  undo: { type: 'string' },
  percent: { type: 'string', default: '100' },
  from: { type: 'string' },
  by: { type: 'string' },
  reason: { type: 'string' },
  file: { type: 'string' },
  share: { type: 'string' },
  every: { type: 'string', default: '1 minute' },
  once: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Values = Exclude<ReturnType<typeof readArgs>, string>['values']

/** Takes what follows its name, and the options; a number is the exit code of what it said already. Rejects with Misused. */
type Command = (named: readonly string[], values: Values) => Promise<string | number>

const commands: Readonly<Record<string, Command>> = {
  why: tellWhy,
  graph: showGraph,
  backtest: tellBacktest,
  shadow: tellShadow,
  decisions: tellDecisions,
  move: moveMany,
  rollout,
  report: tellReport,
  check,
}

/** The command says too little, or makes no sense. */
class Misused extends Error {}

/** Words for people on standard output; 0 when it was done, 1 when the API refused or is away, 2 when the command is wrong. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = readArgs(args)
  if (typeof parsed === 'string') throw new Misused(`${parsed}\n\n${usage}`)
  const { positionals, values } = parsed
  if (values.help) return say(usage)
  const [command = '', ...named] = positionals
  if (!Object.hasOwn(commands, command)) throw new Misused(usage)
  const done = await commands[command]!(named, values)
  return typeof done === 'number' ? done : say(done)
}

async function tellWhy([customer, ...rest]: readonly string[], values: Values): Promise<string> {
  const limit = Number(values.limit)
  if (customer === undefined || rest.length > 0) throw new Misused(usage)
  if (!Number.isInteger(limit) || limit < 1) throw new Misused('--limit must be a whole number from 1')
  return why(apiOf(values), customer, { step: values.step, journey: values.journey, limit })
}

async function showGraph([journey, ...rest]: readonly string[], values: Values): Promise<string> {
  const format = graphFormats.find((each) => each === values.format)
  if (rest.length > 0) throw new Misused(usage)
  if (!format) throw new Misused(`--format must be ${graphFormats.join(', ')}`)
  const folder = workingCopy()
  if (folder !== undefined && values.url === undefined)
    return graphText(await manifestOf(folder), format, journey)
  if (journey === undefined) throw new Misused('Name the journey whose graph the API should show.')
  return apiOf(values).text(`/v1/journeys/${encodeURIComponent(journey)}/graph`, { format })
}

async function tellBacktest(
  [journey, ...rest]: readonly string[],
  { events, ...values }: Values,
): Promise<string> {
  if (journey === undefined || rest.length > 0 || events === undefined) throw new Misused(usage)
  return backtest(journey, { ...values, events })
}

async function tellShadow([journey, ...rest]: readonly string[], values: Values): Promise<string> {
  const { file, since, every, against, once, json } = values
  const share = values.share === undefined ? undefined : Number(values.share)
  if (journey === undefined || rest.length > 0 || file === undefined) throw new Misused(usage)
  if (share !== undefined && !(share > 0 && share <= 1)) throw new Misused('--share must be above 0, up to 1')
  if (since !== undefined && Number.isNaN(Date.parse(since))) throw new Misused('--since must be an ISO date')
  if (!isDuration(every)) throw new Misused("--every must be a duration such as '1 minute'")
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  const { defaultTimeZone } = loadConfig()
  const asked = { file, since, share, against, every, once, json, defaultTimeZone }
  return shadow(apiOf(values), journey, asked, stop.signal)
}

async function tellDecisions(named: readonly string[], values: Values): Promise<string> {
  const [first, journey, step] = named
  if (first === 'evaluate' && named.length === 3 && values.policy !== undefined)
    return evaluate(apiOf(values), journey!, step!, values.policy)
  if (first === 'regret' && named.length === 3) return regret(apiOf(values), journey!, step!, values.per)
  if (first === 'uplift' && named.length === 3 && values.arm && values.against)
    return uplift(apiOf(values), journey!, step!, { arm: values.arm, against: values.against })
  if (named.length !== 1) throw new Misused(usage)
  return decisions(apiOf(values), first!)
}

async function moveMany(named: readonly string[], values: Values): Promise<string> {
  const { 'to-stage': toStage, 'dry-run': dryRun, where, by, reason } = values
  const rate = numberOf('rate', values.rate)
  if (values.undo !== undefined) {
    if (named.length > 0 || toStage !== undefined || where.length > 0 || dryRun)
      throw new Misused('--undo takes a file alone: all that is in it is undone')
    return undo(apiOf(values), values.undo, { rate, by, progress })
  }
  const [journey, ...rest] = named
  if (journey === undefined || rest.length > 0 || toStage === undefined) throw new Misused(usage)
  checkWhere(where)
  const undoFile = values['undo-file'] ?? `move-${journey}-${toStage}.undo`
  return move(apiOf(values), journey, { toStage, where, rate, dryRun, undoFile, by, reason, progress })
}

function checkWhere(where: readonly string[]): void {
  try {
    whereOf(where)
  } catch (error) {
    throw new Misused((error as Error).message)
  }
}

async function rollout([build, ...rest]: readonly string[], values: Values): Promise<string> {
  const { from, journey, by } = values
  if (rest.length > 0) throw new Misused(usage)
  if (build === undefined) return status(apiOf(values))
  if (build !== 'wake') return roll(apiOf(values), build, numberOf('percent', values.percent), by)
  return wake(apiOf(values), { from, journey, by, rate: numberOf('rate', values.rate), progress })
}

function numberOf(name: 'rate' | 'percent', text: string): number {
  const value = text.trim() === '' ? NaN : Number(text)
  const isOne = name === 'rate' ? value > 0 && Number.isFinite(value) : value >= 0 && value <= 100
  if (!isOne) throw new Misused(`--${name} must be a number ${name === 'rate' ? 'above 0' : 'from 0 to 100'}`)
  return value
}

const progress = (words: string): void => void process.stderr.write(`${words}\n`)

async function tellReport([journey, ...rest]: readonly string[], values: Values): Promise<string> {
  if (journey === undefined || rest.length > 0) throw new Misused(usage)
  const { within, since } = values
  return report(apiOf(values), journey, { ...(within && { within }), ...(since && { since }) })
}

async function check(named: readonly string[], { json, sample, url }: Values): Promise<number> {
  const folder = workingCopy()
  if (named.length > 0) throw new Misused(usage)
  if (folder === undefined)
    throw new Misused('There is no working copy here to check: run it where the source is.')
  const given = { sample, url }
  const options = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  )
  return checkOf(folder, [...options, ...(json ? ['--json'] : [])])
}

function apiOf({ url }: Values): ApiClient {
  const config = loadConfig()
  const base = url ?? config.publicUrl
  if (base === '') throw new Misused('Say where the API is: --url, or PUBLIC_URL.')
  return apiClient(base, config.apiKey ?? 'dev')
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
    if (error instanceof Misused) return void (process.exitCode = complain(error.message, 2))
    if (!(error instanceof Refused || error instanceof ConfigError)) throw error
    process.exitCode = complain(error.message, 1)
  },
)
