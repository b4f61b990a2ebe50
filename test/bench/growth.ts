import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { countOf, deploy, type Deployment, handedOn } from './deployment'
import { type Events, startEvents } from './events'
import { median, percentile, rounded } from './figures'
import { type Load, startLoad } from './load'
import { memoryPerWorkflow } from './memory'
import { customerNamed, enroll } from './population'
import { inFolder } from './scope'

const SIZES = [1_000, 5_000, 20_000]
const ROUNDS = 3
const INGEST_SECONDS = 3
const LATENCY_SECONDS = 20
const PER_SECOND = 20
// Coprime to every size: the customers asked are spread over all, and none comes twice before all came once.
const STRIDE = 7_919

/** What holds at one number of sleeping enrollments; medians of rounds. */
interface Grown {
  readonly sleeping: number
  readonly enrolledPerSecond: number
  readonly acceptedPerSecond: number
  readonly handedOnPerSecond: number
  /** Milliseconds from an event to its mail. */
  readonly p50: number
  readonly p95: number
  readonly databaseBytes: number
  readonly temporalBytes: number
}

interface Bench {
  readonly deployment: Deployment
  readonly events: Events
  readonly load: Load
  readonly folder: string
}

/**
 * Ingest and latency while more and more enrollments sleep, up to `most`; what one takes in the databases, and in the
 * memory of a worker. About ten minutes.
 */
export const growth = (most = SIZES.at(-1)!): Promise<Record<string, unknown>> =>
  inFolder(async (folder, later) => {
    const events = startEvents()
    later(() => events.stop())
    const load = startLoad()
    later(() => load.stop())
    const deployment = await deploy(folder, later, { smtpUrl: await events.mailServer() })
    const bench = { deployment, events, load, folder: path.join(folder, 'temporal') }
    const sizes = [...new Set([...SIZES, most])]
      .filter((size) => size <= most)
      .sort((one, other) => one - other)
    const grown: Grown[] = []
    for (const [index, size] of sizes.entries()) grown.push(await growTo(bench, sizes[index - 1] ?? 0, size))
    return report(grown, await memoryPerWorkflow(deployment))
  })

async function growTo(bench: Bench, from: number, sleeping: number): Promise<Grown> {
  const { deployment } = bench
  const before = await sizesOf(bench)
  const enrolledPerSecond = await enroll(deployment, from, sleeping)
  const after = await sizesOf(bench)
  const perEnrollment = (bytes: number) => Math.round(bytes / (sleeping - from))
  const grown = {
    sleeping,
    enrolledPerSecond: rounded(enrolledPerSecond, 0),
    ...(await ingested(bench, sleeping)),
    ...(await caused(bench, sleeping)),
    databaseBytes: perEnrollment(after.database - before.database),
    temporalBytes: perEnrollment(after.temporal - before.temporal),
  }
  console.log(JSON.stringify(grown))
  return grown
}

/** Our tables with their indexes, and Temporal's file. */
async function sizesOf({ deployment, folder }: Bench): Promise<{ database: number; temporal: number }> {
  const database = await countOf(
    deployment.database,
    `select sum(pg_total_relation_size(oid)) as count from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  )
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  const temporal = files
    .filter((file) => file.isFile() && file.name.startsWith('temporal.db'))
    .reduce((sum, file) => sum + statSync(path.join(file.parentPath, file.name)).size, 0)
  return { database, temporal }
}

/** Events that no enrollment listens to, of customers who sleep, accepted one by one; and how fast they are handed on. */
async function ingested({ deployment, load }: Bench, customers: number) {
  const accepted: number[] = []
  const handed: number[] = []
  const { url, authorization } = deployment
  for (let round = 0; round < ROUNDS; round++) {
    const request = { url, authorization, path: '/v1/track', size: 1, seconds: INGEST_SECONDS, customers }
    const began = performance.now()
    const { events, seconds } = await load.ask(request)
    accepted.push(events / seconds)
    await handedOn(deployment)
    handed.push(events / ((performance.now() - began) / 1_000))
  }
  return {
    acceptedPerSecond: Math.round(median(accepted)),
    handedOnPerSecond: Math.round(median(handed)),
  }
}

async function caused({ deployment, events }: Bench, sleeping: number) {
  const customers = Array.from({ length: sleeping }, (_, number) =>
    customerNamed((number * STRIDE) % sleeping),
  )
  const rounds: (readonly number[])[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const { mails, missing } = await events.post({
      url: deployment.url,
      authorization: deployment.authorization,
      source: 'event',
      customers,
      from: round * PER_SECOND * LATENCY_SECONDS,
      perSecond: PER_SECOND,
      seconds: LATENCY_SECONDS,
    })
    if (missing.length > 0) throw new Error(`no mail came for ${missing.join(', ')}`)
    rounds.push(mails)
  }
  const at = (share: number) => rounded(median(rounds.map((mails) => percentile(mails, share))), 1)
  return { p50: at(0.5), p95: at(0.95) }
}

function report(grown: readonly Grown[], memory: Record<string, number>): Record<string, unknown> {
  const smallest = grown[0]!
  const ratios = grown.map((each) => ({
    sleeping: each.sleeping,
    ingest: rounded(each.acceptedPerSecond / smallest.acceptedPerSecond),
    p50: rounded(each.p50 / smallest.p50),
    p95: rounded(each.p95 / smallest.p95),
  }))
  for (const { sleeping, ingest, p50, p95 } of ratios)
    console.log(`${sleeping} sleeping: ingest × ${ingest}, p50 × ${p50}, p95 × ${p95}`)
  return { benchmark: 'growth', ratios, grown, memory, memoryWithinAim: memory.ratio! <= 1.3 }
}
