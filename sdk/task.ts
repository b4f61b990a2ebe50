import type { Category } from './definition'
import { eventsOf } from './event'
import type { WithheldBecause } from './outcome'
import type { Duration } from './time/duration'

/** A call that a person is asked to make, and what may come of it. It is a contact: the contact rules decide on it like on a message. */
export interface TaskAsked<Outcome extends string, Topic extends string = string> {
  /** Agents look at one queue, or at several. */
  readonly queue: string
  /** What to say: `care/retention-call` is care/retention-call.voice.liquid in catalog/messages. */
  readonly script: string
  readonly outcomes: readonly Outcome[]
  /** What the script may use as `data`; agents see it beside the script. */
  readonly context?: Record<string, unknown>
  /** From now on, also while the contact rules hold it; then it has expired. */
  readonly within: Duration
  /** A whole number; in a queue the higher comes first, then what is due first. Default: 1. */
  readonly priority?: number
  /** What becomes of it when nobody has claimed it so long after it was opened. */
  readonly escalate?: { readonly after: Duration; readonly queue?: string; readonly priority?: number }
  /** Default: the journey's. */
  readonly category?: Category
  readonly topic?: Topic
}

type OwnLabel = 'expired' | 'withheld' | 'failed'

/** Lets no outcome have the name of what is no outcome. */
export type NoOwnLabel<Outcome extends string> =
  Extract<Outcome, OwnLabel> extends never ? unknown : { readonly outcomes: never }

/**
 * The outcome that an agent chose. Or expired: nobody did in time, or an operator skipped it; withheld: a contact rule forbade the
 * call; failed: it could not be given to anybody.
 */
export type TaskResult<Outcome extends string> =
  | { [Each in Outcome]: { readonly is: Each } & TaskWord }[Outcome]
  | { readonly is: 'expired' }
  | { readonly is: 'withheld'; readonly because: WithheldBecause }
  | { readonly is: 'failed'; readonly because: string }

/** What an agent said at the end. */
export interface TaskWord {
  /** The agent. */
  readonly by: string
  /** Whatever the agent or the call centre's software gave along. */
  readonly data: Readonly<Record<string, unknown>>
}

/** The terms of a task on its way to the queue. Times are epoch ms by the customer's clock. */
export interface TaskTerms {
  readonly queue: string
  readonly outcomes: readonly string[]
  readonly priority: number
  readonly dueAt: number
  readonly escalation?: { readonly at: number; readonly queue?: string; readonly priority?: number }
}

/** The properties of the event that a task's outcome becomes; it reaches the enrollment alone that asked. */
export interface TaskDone extends TaskWord {
  /** The id of its touchpoint. */
  readonly task: string
  readonly enrollment: string
  readonly entry: number
  readonly journey: string
  readonly step: string
  readonly queue: string
  readonly outcome: string
}

const event = eventsOf<{ 'Task Done': TaskDone }>()

/** An agent closed a task. Whatever key a journey has: a task is found by its own id. */
export const taskDone = event('Task Done').anyKey()

/** How a task stands when its time is over: done after all, or expired now. */
export type TaskEnd =
  ({ readonly is: 'done'; readonly outcome: string } & TaskWord) | { readonly is: 'expired' }
