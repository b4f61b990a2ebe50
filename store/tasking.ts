import type { TaskEnd } from '../sdk'
import type { Page, PageQuery } from './store'

// The queues of agents.

/** moot: the enrollment's goal, an exit or another end came first. */
export type TaskStatus = 'open' | 'claimed' | 'done' | 'expired' | 'moot'

/** Times are by the customer's clock, unless said. */
export interface NewTask {
  /** The touchpoint's id. */
  readonly id: string
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly step: string
  readonly customerId: string
  readonly queue: string
  readonly priority: number
  /** As it was written for this customer. */
  readonly script: string
  readonly context: Readonly<Record<string, unknown>>
  readonly outcomes: readonly string[]
  readonly openedAt: number
  readonly dueAt: number
  readonly escalation: TaskEscalation | null
}

export interface TaskEscalation {
  readonly at: number
  readonly queue?: string
  readonly priority?: number
}

export interface TaskRow extends NewTask {
  /** A short hash of the id, safe to show. */
  readonly ref: string
  readonly status: TaskStatus
  /** Who has it, or had it when it was closed. */
  readonly agent: string | null
  readonly outcome: string | null
  readonly data: Readonly<Record<string, unknown>> | null
  readonly closedAt: number | null
  /** What became of it, in order; of very much the newest. */
  readonly log: readonly TaskEntry[]
  /** Wall clock. */
  readonly recordedAt: number
  /** Grows with everything that becomes of it. */
  readonly changes: number
}

export interface TaskEntry {
  /** Wall clock. */
  readonly at: number
  readonly did: 'claimed' | 'released' | 'reassigned' | 'escalated' | 'noted' | 'done' | 'expired' | 'moot'
  readonly by: string | null
  /** The name of the API key: `by` is what its holder claims. */
  readonly key?: string
  readonly words?: string
  /** Of the order: the same one is carried out once. */
  readonly order?: string
}

/** A supervisor may act in place of the agent who has it. */
export type TaskChange =
  | { readonly is: 'claim'; readonly agent: string }
  | { readonly is: 'release'; readonly agent: string; readonly supervisor: boolean }
  | {
      readonly is: 'reassign'
      readonly by: string
      /** Null: nobody has it; left out: who has it keeps it. */
      readonly agent?: string | null
      readonly queue?: string
    }
  | { readonly is: 'note'; readonly agent: string; readonly text: string }
  | {
      readonly is: 'complete'
      readonly agent: string
      readonly supervisor: boolean
      readonly outcome: string
      readonly data: Readonly<Record<string, unknown>>
    }

export type TaskChanged =
  | { readonly is: 'changed'; readonly task: TaskRow }
  | { readonly is: 'unknown' }
  /** Another agent has it; it is closed; its enrollment is paused; it knows no such outcome. */
  | { readonly is: 'taken' | 'closed' | 'paused' | 'no-such-outcome'; readonly task: TaskRow }

/** Where a change comes from: its id, where the same one may come again, and the name of the API key. */
export interface TaskOrder {
  readonly order?: string
  readonly key?: string
}

export interface TaskFilter {
  readonly queue?: string
  /** Left out: what is open or claimed, without that of paused enrollments. */
  readonly status?: TaskStatus
  readonly agent?: string
  readonly customerId?: string
}

export interface QueueCounts {
  readonly queue: string
  readonly open: number
  readonly claimed: number
  /** How long the oldest that nobody has claimed has been there, by the wall clock. */
  readonly oldestOpenMs: number
}

export interface TaskStore {
  /** Opens it once; withdrawn: its enrollment has ended, or the customer is deleted. */
  open(task: NewTask): Promise<'open' | 'withdrawn'>
  get(ref: string): Promise<TaskRow | undefined>
  /** Of the highest priority first, then what is due first. */
  list(filter: TaskFilter, page: PageQuery): Promise<Page<TaskRow>>
  /** By queue, where something is open or claimed. */
  queues(): Promise<QueueCounts[]>
  /** One transaction; exact under concurrency. An outcome is stored with the event that tells the enrollment. */
  change(ref: string, change: TaskChange, from?: TaskOrder): Promise<TaskChanged>
  /** Ends the task, unless an agent has; tells how it stands. */
  expire(id: string): Promise<TaskEnd>
  /** Nobody waits for these any more. */
  withdraw(ids: readonly string[]): Promise<void>
  /** The enrollment now waits until then for the task of this step. */
  dueAt(enrollmentId: string, entry: number, step: string, at: number): Promise<void>
  /** Moves tasks that nobody claimed in time to where they escalate to. Resolves with how many. */
  escalate(limit: number): Promise<number>
  /** Tasks with changes that the call centre's software has not been told; each is for `leaseMs` nobody else's to tell. */
  toTell(limit: number, leaseMs: number): Promise<TaskToTell[]>
  /** Told up to this change. */
  told(task: TaskToTell): Promise<void>
  tellLater(task: TaskToTell, ms: number): Promise<void>
}

export interface TaskToTell extends TaskRow {
  /** Whether it was told anything of this task before. */
  readonly known: boolean
}
