import type { ConsentWord, SuppressedBecause } from '../contact'
import type { WaitView } from '../enrollment'
import type { Outcome } from '../outcome'
import type { Walk } from './walk'

/** Where a story is played: in virtual time, or in moved time on a real server. Times are epoch ms. */
export interface Stage {
  readonly customerId: string
  /** Of the customer's clock. */
  readonly zone: string
  readonly now: number
  track(name: string, properties: Record<string, unknown>): Promise<void>
  identify(traits: Record<string, unknown>): Promise<void>
  enroll(journey: string, key: string | undefined, properties: Record<string, unknown>): Promise<void>
  /** An agent closes the open task of a step. */
  completeTask(journey: string, step: string, outcome: string, data: Record<string, unknown>): Promise<void>
  say(word: Omit<ConsentWord, 'occurredAt'>): Promise<void>
  suppress(because: SuppressedBecause): Promise<void>
  moveTo(at: number): Promise<void>
  /** Moves on to when something happens by itself; false when nothing will. */
  moveOn(): Promise<boolean>
  seen(): Promise<Seen>
  /** Gives what is under way the time it takes: asks until there is no difference left, or it is certain that one stays. */
  settled(difference: () => Promise<Difference | undefined>): Promise<Difference | undefined>
}

/** What is to be seen of a customer now. */
export interface Seen {
  /** In the order in which their fates became known; those held come last. */
  readonly touchpoints: readonly SeenTouchpoint[]
  /** Oldest first. */
  readonly enrollments: readonly SeenEnrollment[]
  /** In the order in which they were opened. */
  readonly tasks: readonly SeenTask[]
  readonly traits: Readonly<Record<string, unknown>>
  readonly timeline: readonly Line[]
  /** What each enrollment did; not known on a real server. */
  readonly walks?: readonly Walk[]
}

export interface SeenTouchpoint {
  readonly id: string
  readonly journey: string
  readonly step: string
  readonly channel: string
  readonly status: string
  readonly because: string | null
  readonly at: number
}

export interface SeenTask {
  readonly journey: string
  readonly step: string
  readonly queue: string
  /** moot: the goal, an exit or another end came first. */
  readonly status: 'open' | 'done' | 'expired' | 'moot'
}

export interface SeenEnrollment {
  readonly journey: string
  readonly outcome: Outcome | null
  readonly heldOut: boolean
  /** Null where it was only asked for. */
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly waits: readonly WaitView[]
}

/** A line of the customer's timeline. */
export interface Line {
  readonly at: number
  readonly words: string
  /** The touchpoint whose fate it tells. */
  readonly touchpoint?: string
}

/** Where a story and what happened part ways. */
export interface Difference {
  readonly expected: string
  /** The touchpoint that came instead; none: it is about now. */
  readonly touchpoint?: string
  /** What is there, or came, instead. */
  readonly instead: string
}
