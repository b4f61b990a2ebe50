import type { Worth } from './contact/arbitration'
import type { Choice, Context, Decided } from './decision'
import type { AnyEvent, FactOf } from './event'
import type { Columns } from './lookup'
import type { Message } from './message'
import type { Delivery } from './outcome'
import type { NoOwnLabel, TaskAsked, TaskResult } from './task'
import type { Duration, Offset } from './time/duration'

/** The adopter's own nouns, bound once in workflows/enrollment: traits, topics, journeys with what they take, own activities. */
export interface Nouns {
  traits: object
  topics: string
  journeys: string
  activities: object
}

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'

/** Local wall-clock time in the customer's zone. */
export interface LocalTime {
  readonly hour: number
  readonly minute?: number
  readonly weekday?: Weekday
}

/**
 * A moment in the customer's zone: the next time the clock shows `hour`, or a date with an offset and, where given, an hour.
 * `trait` is read again whenever it changes while the customer sleeps; `date` is an ISO 8601 date or instant.
 * `ifPast` says what a moment already gone does: go on now (default), skip (the same, but told apart), or end the journey.
 */
export type Moment<Traits> =
  | LocalTime
  | ({ readonly trait: keyof Traits & string } & AroundDate)
  | ({ readonly date: string } & AroundDate)

interface AroundDate {
  readonly offset?: Offset
  readonly hour?: number
  readonly minute?: number
  readonly ifPast?: 'now' | 'skip' | 'end'
}

export type Woken = { readonly is: 'reached' | 'past' | 'skipped' | 'no-date' }

export type Labels = Readonly<Record<string, AnyEvent | readonly AnyEvent[]>>

type One<Item> = Item extends readonly (infer Each)[] ? Each : Item

/** The label of the event that came, with the event; or `timeout`. */
export type Heard<Expected extends Labels> =
  | {
      [Label in keyof Expected & string]: { readonly is: Label; readonly event: FactOf<One<Expected[Label]>> }
    }[keyof Expected & string]
  | { readonly is: 'timeout' }

/** From when on events count: since the previous wait ended (default), from now, or since the enrollment began. */
export interface Listening {
  readonly since?: 'last-wait' | 'now' | 'enrollment'
}

/** How much a touchpoint is worth beside others of the customer, and how long once it is held. */
export interface Sending extends Worth {
  /** Default: as the deployment's limits say. */
  readonly within?: Duration
}

export type Called<Value> =
  { readonly is: 'done'; readonly value: Value } | { readonly is: 'failed'; readonly because: string }

type Result<Activity> = Activity extends (...args: any[]) => infer Value ? Awaited<Value> : never
type Input<Activity> = Activity extends (input: infer Value, ...rest: any[]) => any ? Value : never

/**
 * What a journey's body is given. Every verb's first argument is the step's id: literal, and unique in the journey.
 * Verbs resolve to labelled unions; they never reject for what a customer or a provider does.
 */
export interface Journey<Trigger = unknown, N extends Nouns = Nouns> {
  readonly customer: { readonly id: string }
  /** What enrolled the customer. */
  readonly trigger: Trigger
  /** The enrollment's key, where the definition has one. */
  readonly key: string | undefined
  /** The enrollment's time in epoch milliseconds; never read the clock in another way. */
  now(): number
  /** Sends a message, once; resolves when its fate is known. Contact rules may hold it meanwhile. */
  send(step: string, message: Message<N['topics']>, sending?: Sending): Promise<Delivery>
  /** Asks an agent to call the customer, and waits for what comes of it. */
  task<const Outcome extends string>(
    step: string,
    asked: TaskAsked<Outcome, N['topics']> & NoOwnLabel<Outcome>,
  ): Promise<TaskResult<Outcome>>
  /** Waits for one of the labelled events. Without a timeout it waits until the goal or an exit. */
  waitFor<const Expected extends Labels>(
    step: string,
    expected: Expected & NotTimeout<Expected>,
    timeout?: Duration,
    listening?: Listening,
  ): Promise<Heard<Expected>>
  /** The customer's traits as they are now. */
  profile(step: string): Promise<Partial<N['traits']>>
  /** Sleeps for an exact length of time: a day is 24 hours. */
  sleep(step: string, duration: Duration): Promise<void>
  /** Sleeps until a moment in the customer's time zone. */
  sleepUntil(step: string, moment: Moment<N['traits']>): Promise<Woken>
  /** A fixed share for each arm, sticky for the customer in this journey; shares are relative weights. */
  split<const Shares extends Readonly<Record<string, number>>>(
    step: string,
    shares: Shares,
  ): keyof Shares & string
  /**
   * Chooses one of the arms: by a policy that learns from what choices like this one brought. It is recorded with the chance
   * that it had; see docs/guides/decisions.md.
   */
  decide<
    const Name extends string,
    const Otherwise extends string = 'none',
    const Given extends Context = Record<never, never>,
    Event extends AnyEvent = AnyEvent,
    const Looked extends Columns = Record<never, never>,
  >(
    step: string,
    choice: Choice<Name, Otherwise, Given, Partial<N['traits']>, Event, Looked, N['topics']>,
  ): Promise<Decided<Name | Otherwise>>
  /**
   * Parts new code from old: true for whoever comes here with this code first, false for whoever had passed here before it came.
   * It stays what it was until the stage ends. See docs/guides/change-a-live-journey.md.
   */
  revision(id: string): boolean
  /** Stands where a revision was whose old way is gone, while anybody who took the new one may still be in the stage. */
  revised(id: string): void
  /** Runs branches side by side and resolves when all have ended. Each branch gets its own journey to call. */
  parallel<Branches extends Readonly<Record<string, (journey: this) => Promise<unknown>>>>(
    step: string,
    branches: Branches,
  ): Promise<{ [Branch in keyof Branches]: Awaited<ReturnType<Branches[Branch]>> }>
  /** Writes traits of the customer. */
  set(step: string, traits: Partial<N['traits']>): Promise<void>
  /** Calls an activity of your own (activities/own). */
  call<Name extends keyof N['activities'] & string>(
    step: string,
    activity: Name,
    input: Input<N['activities'][Name]>,
  ): Promise<Called<Result<N['activities'][Name]>>>
  /** Enrolls the customer into another journey as well; its own entry rules apply. */
  enroll(step: string, journey: N['journeys'], handover?: Handover): Promise<void>
  /** Ends this enrollment and enrolls the customer into another journey, both or neither. */
  continueAs(step: string, journey: N['journeys'], handover?: Handover): Promise<never>
}

type NotTimeout<Expected> = 'timeout' extends keyof Expected ? { timeout: never } : unknown

/** What the other journey gets as its trigger's properties, and its key where it has one. */
export interface Handover {
  readonly key?: string
  readonly properties?: Record<string, unknown>
}
