import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { deploy, type Deployment } from './deployment'
import { startEvents } from './events'
import { median, percentile, rounded } from './figures'
import { customerNamed, enroll } from './population'
import { type Sample, sample, slopePerHour } from './samples'
import { inFolder } from './scope'

const ENROLLMENTS = 500
const PER_SECOND = 10
const EVERY_MS = 2_000
// The caches of workflows, compiled code and connections fill meanwhile.
const WARM_UP_SHARE = 0.35
// Of resident memory, which wanders by some MB with every collection of garbage.
const STEADY_MB_PER_HOUR = 30
const HANDLES_MORE = 2

/**
 * All our processes under a moderate load of questions, comings and goings, for so many minutes: is their memory level, with
 * its garbage collected, once as many leave as come; and do they give back what they open?
 */
export const soak = (minutes = 20): Promise<Record<string, unknown>> =>
  inFolder(async (folder, later) => {
    const events = startEvents()
    later(() => events.stop())
    const settings = { NODE_OPTIONS: `--import ${pathToFileURL(path.join(__dirname, 'collecting.mjs'))}` }
    const deployment = await deploy(folder, later, {
      smtpUrl: await events.mailServer(),
      workers: 2,
      settings,
    })
    await enroll(deployment, 0, ENROLLMENTS)
    const sampling = sample(deployment.crew.pids, EVERY_MS)
    later(async () => sampling.stop())
    const { mails, missing } = await events.post({
      url: deployment.url,
      authorization: deployment.authorization,
      source: 'life',
      customers: Array.from({ length: ENROLLMENTS }, (_, number) => customerNamed(number)),
      from: 0,
      perSecond: PER_SECOND,
      seconds: minutes * 60,
    })
    for (const customer of new Set(missing)) console.log(customer, await accountOf(deployment, customer))
    const processes = Object.entries(sampling.stop()).map(([name, samples]) => [name, verdictOn(samples)])
    for (const [name, verdict] of processes) console.log(name, verdict)
    return {
      benchmark: 'soak',
      minutes,
      perSecond: PER_SECOND,
      mails: mails.length,
      missing,
      mailP95: rounded(percentile(mails, 0.95), 1),
      processes: Object.fromEntries(processes),
    }
  })

/** What was asked by a customer, and what became of the answers. */
async function accountOf({ database }: Deployment, customer: string): Promise<object> {
  const rowsOf = async (columns: string, table: string, order: string) =>
    (
      await database.query(`select ${columns} from ${table} where customer_id = $1 order by ${order}`, [
        customer,
      ])
    ).rows as object[]
  return {
    events: await rowsOf('name, state, received_at, handled_at', 'events', 'received_at'),
    enrollments: await rowsOf('entry, status, started_at', 'enrollments', 'entry'),
    touchpoints: await rowsOf('status, because, attempts, recorded_at, at', 'touchpoints', 'recorded_at'),
  }
}

interface Verdict {
  readonly startMb: number
  readonly endMb: number
  readonly mbPerHour: number
  readonly memory: 'steady' | 'grows'
  readonly handles: readonly [before: number, after: number]
  readonly handlesStay: boolean
}

/** After the warm-up: the memory's slope, and the handles of the first quarter beside those of the last. */
function verdictOn(all: readonly Sample[]): Verdict {
  const samples = all.slice(Math.floor(all.length * WARM_UP_SHARE))
  const quarter = Math.ceil(samples.length / 4)
  const handles = (part: readonly Sample[]) => median(part.map((seen) => seen.handles))
  const [before, after] = [handles(samples.slice(0, quarter)), handles(samples.slice(-quarter))]
  const mbPerHour = slopePerHour(samples.map(({ at, memory }) => [at, memory] as const))
  return {
    startMb: rounded(samples[0]!.memory, 1),
    endMb: rounded(samples.at(-1)!.memory, 1),
    mbPerHour: rounded(mbPerHour, 1),
    memory: mbPerHour <= STEADY_MB_PER_HOUR ? 'steady' : 'grows',
    handles: [before, after],
    handlesStay: after - before <= HANDLES_MORE,
  }
}
