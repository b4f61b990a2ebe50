import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { temporal } from '@temporalio/proto'
import pg from 'pg'
import type { Facts, HistoryFound, Outage } from './checker/facts'
import type { Deployment } from './deployment'
import type { Desk } from './desk'
import { receiptsIn } from './sinks/journal'

const AT_ONCE = 20
const VISIBLE_WITHIN_MS = 20_000

/** Reads all that the checker asks for. Nothing is down or being done any more. */
export async function factsOf(
  deployment: Deployment,
  desk: Desk,
  outages: readonly Outage[],
): Promise<Facts> {
  const { events, traits, enrollments, touchpoints } = await ledger(deployment.place.databaseUrl)
  const ids = [...new Set(enrollments.map(({ id }) => id))]
  const running = enrollments.filter(({ status }) => status !== 'ended').map(({ id }) => id)
  const histories = await historiesOf(deployment, ids)
  const waits = await inParallel(running, async (id) => [id, await desk.enrollment(id)] as const)
  return {
    at: Date.now(),
    events,
    traits,
    enrollments,
    touchpoints,
    mails: receiptsIn(deployment.mailFile),
    hooks: receiptsIn(deployment.hookFile),
    outages,
    histories,
    waits: new Map(
      waits.flatMap(([id, told]) =>
        told?.live ? [[id, { steps: told.waits.map(({ step }) => step), heldOut: told.heldOut }]] : [],
      ),
    ),
  }
}

async function ledger(
  url: string,
): Promise<Pick<Facts, 'events' | 'traits' | 'enrollments' | 'touchpoints'>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const events = await client.query(
      'select message_id as "messageId", customer_id as "customerId", kind, state from events',
    )
    const customers = await client.query('select id, traits from customers')
    const enrollments = await client.query(
      `select workflow_id as id, entry, customer_id as "customerId", status, outcome, enrolled_by as "enrolledBy"
      from enrollments order by started_at, entry`,
    )
    const touchpoints = await client.query(
      `select id, ref, enrollment_id as "enrollmentId", entry, customer_id as "customerId", channel, status, because,
        recorded_at::float8 as "recordedAt", lease_until::float8 as "leaseUntil" from touchpoints`,
    )
    const traits = new Map(customers.rows.map(({ id, traits }) => [id, traits]))
    return { events: events.rows, traits, enrollments: enrollments.rows, touchpoints: touchpoints.rows }
  } finally {
    await client.end()
  }
}

/** The histories of all runs, by workflow id. */
async function historiesOf(
  { place }: Deployment,
  ids: readonly string[],
): Promise<Map<string, HistoryFound>> {
  const connection = await Connection.connect({ address: place.temporalAddress })
  try {
    const client = new Client({ connection })
    const runs = await runsOf(client, place.taskQueue, ids)
    const read = await inParallel(runs, async ({ id, runId, open }) => {
      const { events } = await client.workflow.getHandle(id, runId).fetchHistory()
      return { id, open, ...saidIn(events ?? []) }
    })
    return new Map(ids.map((id) => [id, joined(read.filter((each) => each.id === id))]))
  } finally {
    await connection.close()
  }
}

interface Run {
  readonly id: string
  readonly runId: string
  readonly open: boolean
}

/** Lists are a moment behind: they are read until each workflow is there, or time is over. */
async function runsOf(client: Client, taskQueue: string, ids: readonly string[]): Promise<Run[]> {
  for (const end = Date.now() + VISIBLE_WITHIN_MS; ; await sleep(500)) {
    const runs: Run[] = []
    for await (const { workflowId, runId, status } of client.workflow.list({
      query: `TaskQueue = '${taskQueue}'`,
    }))
      runs.push({ id: workflowId, runId, open: status.name === 'RUNNING' })
    const seen = new Set(runs.map(({ id }) => id))
    if (ids.every((id) => seen.has(id)) || Date.now() > end) return runs
  }
}

const { WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND: metASignal } =
  temporal.api.enums.v1.WorkflowTaskFailedCause

function saidIn(
  events: readonly temporal.api.history.v1.IHistoryEvent[],
): Pick<HistoryFound, 'heard' | 'failures'> {
  const signals = events.map((event) => event.workflowExecutionSignaledEventAttributes)
  const failed = events.map((event) => event.workflowTaskFailedEventAttributes)
  return {
    heard: signals.flatMap((signal) => (signal?.signalName === 'event' ? [messageIdIn(signal)] : [])),
    failures: failed.flatMap((each) =>
      each && each.cause !== metASignal ? [each.failure?.message ?? String(each.cause)] : [],
    ),
  }
}

function messageIdIn({ input }: temporal.api.history.v1.IWorkflowExecutionSignaledEventAttributes): string {
  const [payload] = input?.payloads ?? []
  return (JSON.parse(Buffer.from(payload!.data!).toString()) as { messageId: string }).messageId
}

const joined = (runs: readonly HistoryFound[]): HistoryFound => ({
  open: runs.some(({ open }) => open),
  heard: runs.flatMap(({ heard }) => heard),
  failures: runs.flatMap(({ failures }) => failures),
})

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))))
  return results
}
