import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildInto } from '../start/compiled'
import { killAll } from '../start/child'
import { interruption } from '../support/interruption'
import { type FaultName, faults, isFault, withFault } from './faults'
import { type Ground, startGround, type TemporalKind, temporalKinds } from './ground'
import { fullScript } from './scripts'
import { type Result, type Script, storm } from './storm'

const MOST_MINUTES = 20

interface Wishes {
  readonly seed: number
  readonly script: Script
  readonly fault?: FaultName
  readonly temporal: TemporalKind
  /** Compiled code that is there already. */
  readonly dist?: string
  /** Leaves the folder with all that was said and taken. */
  readonly keep: boolean
}

/** `npm run breaking -- --seed N --minutes M`: the last line is `RESULT ` with one JSON object. */
async function main(): Promise<number> {
  const wishes = wishesOf(process.argv.slice(2))
  const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-breaking-'))
  const say = timed()
  say(`seed ${wishes.seed}, in ${folder}`)
  let starting: Promise<Ground> | undefined
  const blow = async (): Promise<number> => {
    const dist = distFor(wishes, folder)
    const ground = await (starting = startGround(folder, wishes.temporal, say))
    const place = { ...ground, dist, folder: path.join(folder, 'run'), taskQueue: 'breaking' }
    return report(await storm(place, ground.servers, wishes.script, say))
  }
  try {
    return await Promise.race([blow(), interruption()])
  } finally {
    await starting?.then(
      (ground) => ground.stop(),
      () => undefined,
    )
    await killAll()
    if (!wishes.keep) rmSync(folder, { recursive: true, force: true })
  }
}

/** Throws an Error of one sentence for what cannot be meant. */
function wishesOf(args: string[]): Wishes {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      minutes: { type: 'string', default: '3' },
      customers: { type: 'string' },
      temporal: { type: 'string', default: 'sqlite' },
      fault: { type: 'string' },
      dist: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const { fault, dist, keep } = values
  const temporal = temporalKinds.find((kind) => kind === values.temporal)
  const [seed, minutes] = [Number(values.seed), Number(values.minutes)]
  if (!Number.isInteger(seed)) throw new Error('--seed is a whole number')
  // Waits are told apart by half an hour of the customer's time, which real time must not eat up.
  if (!(minutes > 0 && minutes <= MOST_MINUTES)) throw new Error(`--minutes is a number up to ${MOST_MINUTES}`) // prettier-ignore
  if (fault !== undefined && !isFault(fault))
    throw new Error(`--fault is one of ${Object.keys(faults).join(', ')}`)
  if (!temporal) throw new Error(`--temporal is one of ${temporalKinds.join(', ')}`)
  const customers = values.customers === undefined ? undefined : Number(values.customers)
  const script = fault ? faults[fault].script(seed) : fullScript(seed, minutes, customers)
  return { seed, script, fault, temporal, dist, keep }
}

function distFor({ dist, fault }: Wishes, folder: string): string {
  const built = dist ?? buildInto(folder)
  if (!fault) return built
  const faulty = path.join(folder, 'faulty')
  mkdirSync(faulty)
  return withFault(built, faulty, fault)
}

/** Prints what was done and what came of it. The exit code: 1 when any promise is broken. */
function report({ findings, lives: _, ...result }: Result): number {
  const lines = findings.map(({ broke, customerId, words }) => `${broke}: ${customerId}: ${words}`)
  for (const what of ['killed', 'frozen', 'restarted'] as const)
    lines.push(`${what}: ${Object.entries(result[what]).map((counted) => counted.join(' ')).join(', ')}`) // prettier-ignore
  process.stdout.write(`${lines.join('\n')}\nRESULT ${JSON.stringify(result)}\n`)
  return findings.length > 0 ? 1 : 0
}

function timed(): (line: string) => void {
  const from = Date.now()
  return (line) => void process.stderr.write(`${((Date.now() - from) / 1000).toFixed(1)} s: ${line}\n`)
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  },
)
