import { randomUUID } from 'node:crypto'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time'
import { Problem } from '../sdk/problem'
import { type Duration, durationMs } from '../sdk/time/duration'
import type { EnrollmentRow, Store } from '../store/store'
import type { EnrollmentStatus } from '../workflows/enrollment/protocol'
import type { FastForward } from './deps'
import { toEnrollment, toTouchpoint } from './shapes'
import { persistently } from './temporal-gateway'

// A task scheduled for a worker that died is handed to another after 10 s.
const SETTLE_MS = 30_000
const MOST_STEPS = 400
// The server's word on an enrollment's time is as old as its answer.
const NOTICEABLE_MS = 500
// A move that ends just after a wake-up, while the enrollment is still at it, makes the server (1.32.1) skip on to the
// wake-up after that; so a move ends a little before, and the rest passes by itself.
const SHORT_OF_WAKING_MS = 200

/**
 * Moves all running enrollments of a customer on the server's own clock for them, from wake-up to wake-up, so that journeys
 * that begin or hand over on the way stand at the right time. Throws Problem `moved-time-refused` where the server can't.
 */
export const fastForwarder =
  (client: Client, store: Store): FastForward =>
  async (customerId, request) => {
    const goal = 'by' in request ? durationMs(request.by as Duration) : undefined
    const before = await snapshot(store, customerId)
    await catchUp(client, store, customerId)
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
    const now = new Date(await timeOf(store, customerId)).toISOString()
    return { now, movedMs: moved, happened: await since(store, customerId, before) }
  }

/** Moves the customer's clock first, so that an enrollment started meanwhile begins at the new time. */
async function moveAll(client: Client, store: Store, customerId: string, byMs: number): Promise<number> {
  const ms = Math.ceil(byMs)
  await store.customers.moveClock(customerId, ms)
  await catchUp(client, store, customerId)
  return ms
}

/** Brings every enrollment to the customer's time, as far as its next wake-up: those an interrupted move left behind, too. */
async function catchUp(client: Client, store: Store, customerId: string): Promise<void> {
  const rows = await store.enrollments.live(customerId)
  const ahead = (await store.customers.get(customerId))?.clockOffsetMs ?? 0
  await Promise.all(
    rows.map(async ({ id }) => {
      const clock = await clockOf(client, id)
      const behind = clock ? ahead - clock.aheadMs : 0
      if (!clock || behind < NOTICEABLE_MS) return
      const by = Math.floor(Math.min(behind, clock.wakesInMs - SHORT_OF_WAKING_MS))
      if (by > 0) await moveOne(client, id, by)
    }),
  )
}

/** How far an enrollment's time is ahead of the wall clock, and when it wakes by itself; undefined when it has ended. */
async function clockOf(
  client: Client,
  workflowId: string,
): Promise<{ aheadMs: number; wakesInMs: number } | undefined> {
  const status = await statusOf(client, workflowId)
  if (!status) return undefined
  const asked = Date.now()
  const { raw } = await persistently(() => client.workflow.getHandle(workflowId).describe())
  const skipped = optionalTsToMs(raw.workflowExtendedInfo?.timeSkippingInfo?.currentTime)
  const aheadMs = status.startedAheadMs + (skipped === undefined ? 0 : skipped - asked)
  const ends = status.waits.flatMap(({ until }) => (until ? [Date.parse(until) - asked - aheadMs] : []))
  // What is due already, in a paused enrollment, wakes nobody.
  return { aheadMs, wakesInMs: Math.min(...ends.filter((end) => end > 0)) }
}

async function moveOne(client: Client, workflowId: string, ms: number): Promise<void> {
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
          fastForwardConfig: { id, duration: msToTs(ms) },
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
  const rows = await store.enrollments.live(customerId)
  const statuses = await Promise.all(rows.map((row) => statusOf(client, row.id)))
  const now = await timeOf(store, customerId)
  const ends = statuses.flatMap((status) => (status?.waits ?? []).map(({ until }) => Date.parse(until ?? '')))
  // A wait already due stands there while its enrollment is paused; it wakes nobody.
  const ahead = ends.map((end) => end - now).filter((delay) => delay > 0)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}

/** The customer's time. A workflow asked for it would tell the time of its last task. */
async function timeOf(store: Store, customerId: string): Promise<number> {
  return Date.now() + ((await store.customers.get(customerId))?.clockOffsetMs ?? 0)
}

/** Resolves when the customer's events are handed out, and every enrollment has done what was due. */
async function settled(client: Client, store: Store, customerId: string): Promise<void> {
  const deadline = Date.now() + SETTLE_MS
  while (!(await isSettled(client, store, customerId)) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
}

async function isSettled(client: Client, store: Store, customerId: string): Promise<boolean> {
  if (!(await handedOut(store, customerId))) return false
  const live = await store.enrollments.live(customerId)
  if (live.some((row) => row.status === 'starting')) return false
  // A query is answered only after the task under way, so what it did is done.
  const statuses = await Promise.all(live.map((row) => statusOf(client, row.id)))
  const now = await timeOf(store, customerId)
  const quiet = await Promise.all(
    statuses.map(async (status) => !status || isQuiet(status, now) || isLate(client, status, now)),
  )
  return quiet.every(Boolean) && handedOut(store, customerId)
}

// The server fires a timer much sooner after its time.
const LATE_MS = 3_000

/** Its wait is over by this build, and nothing comes of it: an older build's timer, set for later, counts. */
async function isLate(
  client: Client,
  { id, status, waits }: EnrollmentStatus,
  now: number,
): Promise<boolean> {
  const due = waits.filter(({ until }) => until && Date.parse(until) <= now)
  if (status !== 'running' || due.length === 0) return false
  if (due.some(({ until }) => Date.parse(until!) > now - LATE_MS)) return false
  const { raw } = await persistently(() => client.workflow.getHandle(id).describe())
  return !raw.pendingWorkflowTask
}

/** It waits for something to come. The server fires a timer a moment after its time was reached. */
const isQuiet = ({ status, waits }: EnrollmentStatus, now: number): boolean =>
  status !== 'running' || (waits.length > 0 && !waits.some(({ until }) => until && Date.parse(until) <= now))

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
