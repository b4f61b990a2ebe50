import { sql, type RawBuilder } from 'kysely'
import type { TaskEnd } from '../sdk'
import type { Append } from './append'
import { jsonText, storableTime } from './json'
import { pageOf, type Sorting } from './page'
import type { Db, Row, Tx } from './schema'
import { change } from './task-changes'
import { toTask } from './task-row'
import type { NewTask, QueueCounts, TaskFilter, TaskStore, TaskToTell } from './tasking'
import { hasEnded, refOf } from './touchpoint-row'
import { canonical, lockForNews, BeingDeleted, transact } from './transact'
import type { Wake } from './wake'

/** A task that was closed so long ago is no news to anybody. */
const NEWS_FOR_MS = 24 * 60 * 60_000
const DROPPED_AT_ONCE = 5_000

const byUrgency: Sorting<Row<'tasks'>> = {
  columns: [
    { name: 'priority', type: 'number' },
    { name: 'urgency', type: 'number' },
    { name: 'id', type: 'string' },
  ],
  keyOf: ({ priority, urgency, id }) => [priority, urgency, id],
}

export const taskStore = (db: Db, wake: Wake, append: Append): TaskStore => ({
  open: (task) => transact(db, (trx) => open(trx, task)),
  async get(ref) {
    const row = await rows(db).where('ref', '=', ref).executeTakeFirst()
    return row && toTask(row)
  },
  list: (filter, page) =>
    pageOf(
      page,
      byUrgency,
      (after, order, count) => filtered(db, filter).where(after).orderBy(order).limit(count).execute(),
      toTask,
    ),
  queues: () => queues(db),
  async change(ref, wanted, from = {}) {
    const changed = await transact(db, (trx) => change(trx, ref, wanted, from, append))
    if (wanted.is === 'complete' && changed.is === 'changed') wake.appended()
    return changed
  },
  expire: (id) => transact(db, (trx) => expire(trx, id)),
  async withdraw(ids) {
    await closing(db, 'moot', sql`id = any(${ids}::text[])`)
  },
  async dueAt(enrollmentId, entry, step, at) {
    await sql`update tasks set due_at = ${storableTime(at)}, changes = changes + 1
      where enrollment_id = ${enrollmentId} and entry = ${entry} and step = ${step} and ${isWaiting}
        and due_at <> ${storableTime(at)}`.execute(db)
  },
  escalate: (limit) => escalate(db, limit),
  ...news(db),
})

const rows = (db: Db | Tx) => db.selectFrom('tasks').selectAll()
const isWaiting = sql<boolean>`status in ('open', 'claimed')`
const isOffered = sql<boolean>`${isWaiting} and not exists (
  select from enrollments where workflow_id = enrollment_id and enrollments.entry = tasks.entry and enrollments.status = 'paused'
)`

async function open(trx: Tx, task: NewTask): Promise<'open' | 'withdrawn'> {
  try {
    const customerId = await lockForNews(trx, task.customerId)
    if (await hasEnded(trx, task.enrollmentId, task.entry)) return 'withdrawn'
    await insert(trx, { ...task, customerId })
    return 'open'
  } catch (error) {
    if (error instanceof BeingDeleted) return 'withdrawn'
    throw error
  }
}

async function insert(trx: Tx, task: NewTask): Promise<void> {
  await trx
    .insertInto('tasks')
    .values({
      id: task.id,
      ref: refOf(task.id),
      enrollment_id: task.enrollmentId,
      entry: task.entry,
      journey: task.journey,
      step: task.step,
      customer_id: task.customerId,
      queue: task.queue,
      priority: task.priority,
      script: task.script,
      context: jsonText(task.context),
      outcomes: jsonText(task.outcomes),
      opened_at: storableTime(task.openedAt),
      due_at: storableTime(task.dueAt),
      escalation: task.escalation && jsonText(task.escalation),
      escalate_at: task.escalation && storableTime(task.escalation.at),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

const filtered = (db: Db, { queue, status, agent, customerId }: TaskFilter) =>
  rows(db)
    .where(status === undefined ? isOffered : sql<boolean>`status = ${status}`)
    .$if(queue !== undefined, (query) => query.where('queue', '=', queue!))
    .$if(agent !== undefined, (query) => query.where('agent', '=', agent!))
    .$if(customerId !== undefined, (query) => query.where('customer_id', '=', canonical(customerId!)))

async function queues(db: Db): Promise<QueueCounts[]> {
  const { rows } = await sql<QueueCounts>`
    select queue, count(*) filter (where status = 'open') as open, count(*) filter (where status = 'claimed') as claimed,
      coalesce(wall_clock() - min(recorded_at) filter (where status = 'open'), 0) as "oldestOpenMs"
    from tasks where ${isOffered} group by queue order by queue`.execute(db)
  return rows
}

/** Closes what is open or claimed among those meant, by the customer's clock. */
const closing = (db: Db | Tx, status: 'expired' | 'moot', which: RawBuilder<boolean>) =>
  sql`update tasks set status = ${status}, changes = changes + 1, log = log || task_entry(${status}),
      closed_at = wall_clock() + coalesce((select clock_offset_ms from customers where customers.id = customer_id), 0)
    where ${isWaiting} and ${which}`.execute(db)

/** Of a customer who is being deleted. */
export async function withdrawOf(trx: Tx, customerId: string): Promise<void> {
  await closing(trx, 'moot', sql`customer_id = ${customerId}`)
}

async function expire(trx: Tx, id: string): Promise<TaskEnd> {
  await closing(trx, 'expired', sql`id = ${id}`)
  const row = await rows(trx).where('id', '=', id).executeTakeFirst()
  if (row?.status !== 'done') return { is: 'expired' }
  return { is: 'done', outcome: row.outcome!, by: row.agent!, data: row.data ?? {} }
}

/** By the customer's clock, where that was moved. */
async function escalate(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update tasks set queue = coalesce(escalation ->> 'queue', queue),
      priority = coalesce((escalation ->> 'priority')::integer, priority),
      escalate_at = null, changes = changes + 1, log = log || task_entry('escalated')
    where id in (
      select id from tasks where status = 'open' and id in (
        (select id from tasks where status = 'open' and escalate_at <= wall_clock() order by escalate_at limit ${limit})
        union
        (select tasks.id from customers join tasks on customer_id = customers.id
          where clock_offset_ms > 0 and status = 'open' and escalate_at <= wall_clock() + clock_offset_ms limit ${limit})
      ) order by id limit ${limit} for update skip locked
    )`.execute(db)
  return Number(numAffectedRows)
}

const news = (db: Db): Pick<TaskStore, 'toTell' | 'told' | 'tellLater'> => ({
  async toTell(limit, leaseMs) {
    const { rows } = await sql<Row<'tasks'>>`
      update tasks set tell_at = wall_clock() + ${leaseMs}::bigint where id in (
        select id from tasks where told < changes and tell_at <= wall_clock()
          and (${isWaiting} or (log -> -1 ->> 'at')::bigint > wall_clock() - ${NEWS_FOR_MS})
        order by tell_at limit ${limit} for update skip locked
      ) returning *`.execute(db)
    return rows.map((row): TaskToTell => ({ ...toTask(row), known: row.told > 0 }))
  },
  async told({ id, changes }) {
    await sql`update tasks set told = greatest(told, ${changes}::bigint), tell_at = wall_clock() where id = ${id}`.execute(
      db,
    )
  },
  async tellLater({ id }, ms) {
    await sql`update tasks set tell_at = wall_clock() + ${ms}::bigint where id = ${id}`.execute(db)
  },
})

/** Those that were closed longer ago, by the wall clock: one that was opened long ago may have been closed just now. */
export async function dropTasks(db: Db, keepMs: number): Promise<number> {
  let dropped = 0
  for (let count = DROPPED_AT_ONCE; count === DROPPED_AT_ONCE;) {
    const { numAffectedRows } = await sql`delete from tasks where id in (
      select id from tasks where not (${isWaiting}) and recorded_at < wall_clock() - ${keepMs}::bigint
        and coalesce((log -> -1 ->> 'at')::bigint, recorded_at) < wall_clock() - ${keepMs}::bigint
      limit ${DROPPED_AT_ONCE} for update skip locked
    )`.execute(db)
    count = Number(numAffectedRows)
    dropped += count
  }
  return dropped
}
