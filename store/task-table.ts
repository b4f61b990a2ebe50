import type { ColumnType, Generated } from 'kysely'
import type { JsonText } from './json'
import type { Json } from './schema'
import type { TaskEntry, TaskEscalation, TaskStatus } from './tasking'

/** Calls that agents make; the id is the touchpoint's. */
export interface TasksTable {
  id: string
  ref: string
  enrollment_id: string
  entry: number
  journey: string
  step: string
  customer_id: string
  queue: string
  priority: number
  script: string
  context: Json<Readonly<Record<string, unknown>>>
  outcomes: Json<readonly string[]>
  status: Generated<TaskStatus>
  agent: string | null
  outcome: string | null
  data: Json<Readonly<Record<string, unknown>>> | null
  opened_at: number
  due_at: number
  /** What is due first sorts first, as what is of higher priority does. */
  urgency: ColumnType<number, never, never>
  escalation: Json<TaskEscalation> | null
  escalate_at: number | null
  closed_at: number | null
  log: ColumnType<readonly TaskEntry[], JsonText | undefined, JsonText>
  recorded_at: Generated<number>
  changes: Generated<number>
  /** The change up to which the call centre's software was told. */
  told: Generated<number>
  tell_at: Generated<number>
}
