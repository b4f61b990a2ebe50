import { randomUUID } from 'node:crypto'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { Problem } from '../sdk/problem'
import { type Duration, durationMs } from '../sdk/time/duration'
import type { EnrollmentRow, Store } from '../store/store'
import type { EnrollmentStatus } from '../workflows/enrollment/protocol'
import type { FastForward } from './deps'
import { toEnrollment, toTouchpoint } from './shapes'
import { persistently } from './temporal-gateway'

const SETTLE_MS = 15_000
const MOST_STEPS = 400

/**
 * Moves all running enrollments of a customer on the server's own clock for them, from wake-up to wake-up, so that journeys
 * that begin or hand over on the way stand at the right time. Throws Problem `moved-time-refused` where the server can't.
 */
export const fastForwarder =
  (client: Client, store: Store): FastForward =>
  async (customerId, request) => {
    const goal = 'by' in request ? durationMs(request.by as Duration) : undefined
    const before = await snapshot(store, customerId)
    await settled(client, store, customerId)
    let moved = 0
    for (let step = 0; step < MOST_STEPS; step++) {
      const next = await nextWake(client, store, customerId)
      const left = goal === undefined ? (next ?? 0) : goal - moved
      const by = Math.min(left, next ?? left)
      if (by > 0) moved += await moveAll(client, store, customerId, by)
      await settled(client, store, customerId)
      if (goal === undefined || moved >= goal) break
    }
    const customer = await store.customers.get(customerId)
    const now = new Date(Date.now() + (customer?.clockOffsetMs ?? 0)).toISOString()
    return { now, movedMs: moved, happened: await since(store, customerId, before) }
  }

/** Moves the customer's clock first, so that an enrollment started meanwhile begins at the new time. */
async function moveAll(client: Client, store: Store, customerId: string, byMs: number): Promise<number> {
  // Whole seconds up, and a little over: a timer is due once its time is reached.
  const ms = Math.ceil(byMs / 1000) * 1000
  const rows = await store.enrollments.live(customerId)
  await store.customers.moveClock(customerId, ms)
  await Promise.all(rows.map((row) => moveOne(client, row.id, ms / 1000)))
  return ms
}

async function moveOne(client: Client, workflowId: string, seconds: number): Promise<void> {
  const id = randomUUID()
  const namespace = client.options.namespace
  try {
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution: { workflowId },
      updateMask: { paths: ['time_skipping_config'] },
      workflowExecutionOptions: {
        timeSkippingConfig: {
          enabled: true,
          fastForwardConfig: { id, duration: { seconds: seconds as never } },
        },
      },
    })
    await client.workflowService.pollWorkflowExecutionTimeSkipping({
      namespace,
      workflowExecution: { workflowId },
      fastForwardId: id,
    })
  } catch (error) {
    if (!ended(error)) throw refused(error)
  }
}

/** How long until the first of the customer's enrollments wakes by itself, ms. */
async function nextWake(client: Client, store: Store, customerId: string): Promise<number | undefined> {
  const statuses = await Promise.all(
    (await store.enrollments.live(customerId)).map((row) => statusOf(client, row.id)),
  )
  const delays = statuses.flatMap((status) =>
    (status?.waits ?? []).flatMap(({ until }) =>
      until ? [Date.parse(until) - Date.parse(status!.now)] : [],
    ),
  )
  // A wait already due stands there while its enrollment is paused; it wakes nobody.
  const ahead = delays.filter((delay) => delay > 0)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}

/** Resolves when the customer's events are handed out and no enrollment is in the middle of a task. */
async function settled(client: Client, store: Store, customerId: string): Promise<void> {
  const deadline = Date.now() + SETTLE_MS
  for (;;) {
    const handed = await handedOut(store, customerId)
    const live = await store.enrollments.live(customerId)
    // A query is answered only after the task under way, so what it did is done.
    const statuses = await Promise.all(live.map((row) => statusOf(client, row.id)))
    const quiet = statuses.every(
      (status) => !status || status.waits.length > 0 || status.status !== 'running',
    )
    const started = live.every((row) => row.status !== 'starting')
    if ((handed && quiet && started && (await handedOut(store, customerId))) || Date.now() > deadline) return
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
}

async function handedOut(store: Store, customerId: string): Promise<boolean> {
  const { items } = await store.events.ofCustomer(customerId, { limit: 20 })
  return items.every((event) => event.state !== 'pending')
}

async function statusOf(client: Client, workflowId: string): Promise<EnrollmentStatus | undefined> {
  try {
    return await persistently(() => client.workflow.getHandle(workflowId).query<EnrollmentStatus>('status'))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

interface Snapshot {
  readonly touchpoints: ReadonlySet<string>
  readonly enrollments: ReadonlyMap<string, string>
}

const rowKey = (row: EnrollmentRow): string => `${row.id}/${row.entry}`

async function snapshot(store: Store, customerId: string): Promise<Snapshot> {
  const touchpoints = await store.touchpoints.ofCustomer(customerId, { limit: 200 })
  const enrollments = await store.enrollments.list({ customerId }, { limit: 200 })
  return {
    touchpoints: new Set(touchpoints.items.map(({ id }) => id)),
    enrollments: new Map(enrollments.items.map((row) => [rowKey(row), row.status])),
  }
}

async function since(store: Store, customerId: string, before: Snapshot): Promise<object[]> {
  const touchpoints = (await store.touchpoints.ofCustomer(customerId, { limit: 200 })).items
  const rows = (await store.enrollments.list({ customerId }, { limit: 200 })).items
  const isNew = (row: EnrollmentRow): boolean => !before.enrollments.has(rowKey(row))
  const isOver = (row: EnrollmentRow): boolean =>
    row.status === 'ended' && before.enrollments.get(rowKey(row)) !== 'ended'
  return [
    ...rows.filter(isNew).map((row) => ({ is: 'started', enrollment: toEnrollment(row) })),
    ...touchpoints
      .filter(({ id }) => !before.touchpoints.has(id))
      .reverse()
      .map((row) => ({ is: 'touchpoint', touchpoint: toTouchpoint(row) })),
    ...rows.filter(isOver).map((row) => ({ is: 'ended', enrollment: toEnrollment(row) })),
  ]
}

const NOT_FOUND = 5
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code
const ended = (error: unknown): boolean => codeOf(error) === NOT_FOUND
const refused = (error: unknown): unknown =>
  [3, 9, 12].includes(Number(codeOf(error)))
    ? new Problem(
        'moved-time-refused',
        `This Temporal server cannot move a workflow's clock: ${(error as Error).message}`,
      )
    : error
