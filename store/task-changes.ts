import { sql } from 'kysely'
import { taskDone, type IncomingEvent, type TaskDone } from '../sdk'
import type { Append } from './append'
import { jsonText } from './json'
import type { Row, Tx } from './schema'
import { toTask } from './task-row'
import { decideOn, type Decided } from './task-rules'
import type { TaskChange, TaskChanged, TaskEntry, TaskOrder } from './tasking'
import { now } from './transact'

type Task = Row<'tasks'>
type Found = Task & { readonly paused: boolean; readonly ahead: number; readonly wall_clock: number }

const MOST_ENTRIES = 500

/** Changes a task under the lock of its row. What was done under the same order before is told again. */
export async function change(
  trx: Tx,
  ref: string,
  wanted: TaskChange,
  from: TaskOrder,
  append: Append,
): Promise<TaskChanged> {
  const task = await locked(trx, ref)
  if (!task) return { is: 'unknown' }
  if (from.order !== undefined && task.log.some(({ order }) => order === from.order)) return unchanged(task)
  const decided = decideOn(task, wanted, task.paused)
  if (decided.is === 'nothing') return unchanged(task)
  if (decided.is !== 'done') return { is: decided.is, task: toTask(task) }
  const changed = await written(trx, task, decided, from)
  if (changed.status === 'done' && task.status !== 'done')
    await append(trx, [eventOf(changed, task.wall_clock + task.ahead)])
  return { is: 'changed', task: toTask(changed) }
}

const unchanged = (task: Task): TaskChanged => ({ is: 'changed', task: toTask(task) })

async function locked(trx: Tx, ref: string): Promise<Found | undefined> {
  const { rows } = await sql<Found>`
    select tasks.*, ${now} as wall_clock,
      exists (select from enrollments where workflow_id = enrollment_id and enrollments.entry = tasks.entry and enrollments.status = 'paused') as paused,
      coalesce((select clock_offset_ms from customers where customers.id = customer_id), 0) as ahead
    from tasks where ref = ${ref} for update of tasks`.execute(trx)
  return rows[0]
}

async function written(
  trx: Tx,
  task: Found,
  { patch, entry }: Extract<Decided, { is: 'done' }>,
  from: TaskOrder,
): Promise<Task> {
  const { data, ...columns } = patch
  const logged: TaskEntry = { at: task.wall_clock, ...entry, ...from }
  return trx
    .updateTable('tasks')
    .set({
      ...columns,
      ...(data && { data: jsonText(data), closed_at: task.wall_clock + task.ahead }),
      log: jsonText([...task.log.slice(1 - MOST_ENTRIES), logged]),
      changes: task.changes + 1,
    })
    .where('id', '=', task.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** In order with the customer's other events, and as durable as they are. */
function eventOf(task: Task, occurredAt: number): IncomingEvent {
  const done: TaskDone = {
    task: task.id,
    enrollment: task.enrollment_id,
    entry: task.entry,
    journey: task.journey,
    step: task.step,
    queue: task.queue,
    outcome: task.outcome!,
    by: task.agent!,
    data: task.data ?? {},
  }
  return {
    messageId: `task:${task.ref}`,
    kind: 'task',
    customerId: task.customer_id,
    name: taskDone.name,
    properties: { ...done },
    occurredAt,
  }
}
