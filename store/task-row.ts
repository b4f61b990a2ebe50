import type { Row } from './schema'
import type { TaskRow } from './tasking'

export const toTask = (row: Row<'tasks'>): TaskRow => ({
  id: row.id,
  ref: row.ref,
  enrollmentId: row.enrollment_id,
  entry: row.entry,
  journey: row.journey,
  step: row.step,
  customerId: row.customer_id,
  queue: row.queue,
  priority: row.priority,
  script: row.script,
  context: row.context,
  outcomes: row.outcomes,
  status: row.status,
  agent: row.agent,
  outcome: row.outcome,
  data: row.data,
  openedAt: row.opened_at,
  dueAt: row.due_at,
  escalation: row.escalation,
  closedAt: row.closed_at,
  log: row.log,
  recordedAt: row.recorded_at,
  changes: row.changes,
})
