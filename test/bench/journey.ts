import path from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { temporal } from '@temporalio/proto'
import { bundleWorkflowCode, NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker'
import { signedLinks } from '../../channels/links'
import { createActivities } from '../../activities'
import { loadMessages } from '../../activities/messages'
import { ownActivities } from '../../activities/own'
import { onlyCarrier } from '../../channels/routes'
import type { Channels, Provider } from '../../channels'
import { createLogger } from '../../logger'
import { openStore } from '../../store'
import type { Store } from '../../store/store'
import { makeBuild } from '../../workers/make-build'
import { installRuntime, temporalLogger } from '../../workers/runtime'
import { freePort } from '../../workers/servers/ports'
import { startPostgres } from '../../workers/servers/postgres'
import { startTemporal } from '../../workers/servers/temporal'
import { ThreadedWorker } from '../../workers/thread'
import { handActivities, openBooks } from './activities'
import { median, rounded } from './figures'
import { processorTime, type Time, timeBetween } from './processors'
import { inFolder, type Later } from './scope'

const JOURNEYS = 450
// Enough for the processors to be the limit, and not the second that each journey sleeps.
const AT_ONCE = 150
const ROUNDS = 5

type Way = 'reference' | 'byHand' | 'interpreter'
const ways: readonly Way[] = ['reference', 'byHand', 'interpreter']

/** Each with a worker and a bundle as its users would have it: ours as our build makes it, the others by themselves. */
const queueOf = (way: Way): string => (way === 'reference' ? 'ours' : 'theirs')

/** The reference journey three ways, in turns on one server and one Postgres; mails go to a provider that takes them at once. */
export const journey = (): Promise<Record<string, unknown>> => inFolder(measure)

async function measure(folder: string, later: Later): Promise<Record<string, unknown>> {
  const logger = createLogger('silent')
  installRuntime(logger)
  const say = (): void => undefined
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres') })
  later(() => postgres.stop())
  const temporal = await startTemporal({
    dataDir: folder,
    port: await freePort(),
    withUi: false,
    searchPath: process.env.PATH,
    say,
  })
  later(() => temporal.stop())
  const store = await openStore({ url: await postgres.createDatabase('ours') })
  later(() => store.close())
  const books = await openBooks(await postgres.createDatabase('theirs'))
  later(() => books.end())
  const connection = await Connection.connect({ address: temporal.address })
  later(() => connection.close())
  const native = await NativeConnection.connect({ address: temporal.address })
  later(() => native.close())
  const build = await makeBuild(logger, path.join(__dirname, 'reference'))
  const byHand = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, 'by-hand'),
    logger: temporalLogger(logger),
  })
  const work = async (
    Kind: typeof Worker,
    taskQueue: string,
    workflowBundle: WorkflowBundleOption,
    activities: object,
  ) => {
    const worker = await Kind.create({ connection: native, taskQueue, workflowBundle, activities })
    const running = worker.run()
    later(async () => (worker.shutdown(), running))
  }
  await work(ThreadedWorker, queueOf('reference'), build.workflowBundle, ours(store))
  await work(
    Worker,
    queueOf('byHand'),
    byHand,
    handActivities(books, async () => undefined),
  )
  return compare(new Client({ connection }), store)
}

function ours(store: Store): object {
  const provider: Provider = {
    name: 'instant',
    channel: 'email',
    idempotent: false,
    address: ({ traits }) => String(traits.email),
    send: async ({ ref }) => ({ is: 'accepted', providerMessageId: ref }),
  }
  const channels: Channels = {
    carriers: () => onlyCarrier(provider),
    accounts: () => [],
    available: ['email'],
    close: async () => undefined,
  }
  const messages = loadMessages(path.join(__dirname, '../../catalog/messages'))
  const links = signedLinks(['a-secret-that-signs-links-in-benchmarks'], 'https://example.com')
  return createActivities({ store, channels, messages, links, own: ownActivities })
}

async function compare(client: Client, store: Store): Promise<Record<string, unknown>> {
  const speeds: Record<Way, number[]> = { reference: [], byHand: [], interpreter: [] }
  const times: Record<Way, Time[]> = { reference: [], byHand: [], interpreter: [] }
  for (let round = 0; round <= ROUNDS; round++) {
    // The first round warms up; the order turns, so that no way always comes first.
    for (const way of [...ways.slice(round % 3), ...ways.slice(0, round % 3)]) {
      const before = processorTime()
      const speed = await journeysPerSecond(client, store, way, round)
      if (round === 0) continue
      speeds[way].push(speed)
      times[way].push(timeBetween(before, processorTime()))
    }
  }
  const costs = await Promise.all(ways.map((way) => costOf(client, `${way}:c-1-0`)))
  return report(
    speeds,
    times,
    Object.fromEntries(ways.map((way, index) => [way, costs[index]!])) as Record<Way, Cost>,
  )
}

async function journeysPerSecond(client: Client, store: Store, way: Way, round: number): Promise<number> {
  const customers = Array.from({ length: JOURNEYS }, (_, index) => `c-${round}-${index}`)
  if (way === 'reference')
    for (const id of customers) await store.customers.identify(id, { email: `${id}@example.com` }, Date.now())
  const startedAt = performance.now()
  const queue = customers.values()
  const lane = async (): Promise<void> => {
    for (const customer of queue) await live(client, way, customer)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return JOURNEYS / ((performance.now() - startedAt) / 1000)
}

async function live(client: Client, way: Way, customer: string): Promise<void> {
  const event = {
    messageId: `e-${customer}`,
    name: 'Project Created',
    properties: {},
    timestamp: new Date().toISOString(),
  }
  const trigger = { ...event, messageId: `t-${customer}`, name: 'Enrolled' }
  const input = { customerId: customer, entry: 1, trigger, defaultTimeZone: 'UTC', clockOffsetMs: 0 }
  const handle = await client.workflow.signalWithStart(way, {
    workflowId: `${way}:${customer}`,
    taskQueue: queueOf(way),
    args: [way === 'reference' ? input : customer],
    signal: 'event',
    signalArgs: [event],
  })
  await handle.result()
}

interface Cost {
  readonly events: number
  readonly activities: number
  /** Of the history, as Temporal keeps it. */
  readonly bytes: number
}

async function costOf(client: Client, workflowId: string): Promise<Cost> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory()
  const { events } = history
  const scheduled = events!.filter((event) => event.activityTaskScheduledEventAttributes)
  const bytes = temporal.api.history.v1.History.encode(history).finish().length
  return { events: events!.length, activities: scheduled.length, bytes }
}

function report(
  speeds: Record<Way, number[]>,
  times: Record<Way, Time[]>,
  costs: Record<Way, Cost>,
): Record<string, unknown> {
  const took = (way: Way, part: keyof Time): number =>
    rounded(median(times[way].map((time) => time[part])) / JOURNEYS, 1)
  const ratio = (to: Way): number =>
    rounded(median(speeds.reference.map((speed, round) => speed / speeds[to][round]!)))
  for (const way of ways) {
    const { events, activities, bytes } = costs[way]
    process.stdout.write(
      `${way.padEnd(12)} ${events} events, ${activities} activities, ${bytes} bytes of history, ${rounded(median(speeds[way]), 1)} journeys a second; ms of processors each: Temporal ${took(way, 'temporal')}, Postgres ${took(way, 'postgres')}, Node ${took(way, 'node')}\n`,
    )
  }
  return {
    benchmark: 'journey',
    ...costs.reference,
    ratioToByHand: ratio('byHand'),
    ratioToInterpreter: ratio('interpreter'),
    costs,
  }
}
