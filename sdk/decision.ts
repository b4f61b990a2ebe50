import type { Conditions } from './condition'
import type { AnyEvent, FactOf } from './event'
import type { Columns, Lookup, RowOf } from './lookup'
import type { Model } from './model'
import type { Message } from './message'
import type { Duration } from './time/duration'

/** What a choice may depend on. Names that are missing, null or no finite number count as not known. */
export type Context = Readonly<Record<string, number | boolean | string | null | undefined>>

export interface About<Given, Profile> {
  readonly context: Given
  readonly profile: Profile
}

/** One of the actions of a decision; every factor of its priority that is left out is 1. */
export interface Arm<
  Given = Context,
  Profile = object,
  Found = Readonly<Record<string, unknown>>,
  Topic extends string = string,
> {
  /** The message that the journey sends for it. What the contact rules would not let out in time is not offered. */
  readonly sends?: Message<Topic>
  /** Arms of one group are alike: what the others have brought is where a new one starts. */
  readonly group?: string
  /** What describes the arm, for models that arms share. */
  readonly features?: Readonly<Record<string, number>>
  /** The chance that it works, 0 to 1, where a model of your own says it; else the policy's estimate. */
  readonly propensity?: number
  /** How well it fits the moment, in percent on top. */
  readonly context?: number
  /** What it brings when it works, in the deployment's own unit. */
  readonly value?: number
  /** What the business adds, in percent on top. */
  readonly lever?: number
  /** What must hold of what is looked up for it to be offered; where nothing could be read, it is not. */
  readonly where?: Conditions<Found>
  /** Whether it may be offered to this customer at all. */
  readonly eligible?: (about: About<Given, Profile>) => boolean
  /** Whether it makes sense now. */
  readonly applicable?: (about: About<Given, Profile>) => boolean
  /** Whether it is good for the customer. */
  readonly suitable?: (about: About<Given, Profile>) => boolean
}

interface Learning {
  /** What a settled decision still counts after each later one, above 0 to 1; default 1: for ever. */
  readonly discount?: number
}

/** How an arm is chosen. Each eligible arm gets at least the floor's chance, 0.01, but for fixed shares and after a win. */
export type Policy<Name extends string = string> =
  /** Shares as relative weights; an arm left out gets none; without weights all get the same. */
  | { readonly is: 'fixed'; readonly weights?: { readonly [Each in Name]?: number } }
  /** The arm of the best mean, and with the chance epsilon (default 0.1) any. */
  | ({ readonly is: 'epsilon-greedy'; readonly epsilon?: number } & Learning)
  /** Each arm with the chance that it is the best. `values`: rewards that are no shares of 1, such as money. */
  | ({ readonly is: 'thompson'; readonly rewards?: 'shares' | 'values'; readonly winner?: Winner } & Learning)
  /** By context: the arm of the highest upper bound. Shared: one model over arms' features and the context. */
  | ({ readonly is: 'lin-ucb'; readonly alpha?: number } & LinearLearning)
  /** By context: each arm with the chance that it is the best. `spread`: of the posterior, in standard deviations. */
  | ({ readonly is: 'lin-thompson'; readonly spread?: number } & LinearLearning)

/**
 * A model of the adopter's own says what each arm is worth: the best gets all, but for the chance epsilon (default 0.1) in
 * which any is taken. Where it says nothing usable in time, the fallback chooses (default: thompson), and the record says why.
 */
export interface ModelPolicy<Name extends string = string> {
  readonly is: 'model'
  readonly model: Model<Name>
  readonly epsilon?: number
  readonly fallback?: Policy<Name>
}

export type AnyPolicy<Name extends string = string> = Policy<Name> | ModelPolicy<Name>

interface LinearLearning extends Learning {
  readonly model?: 'per-arm' | 'shared'
  /** What pulls coefficients to 0; default 1. */
  readonly ridge?: number
}

/**
 * When to stop exploring: as soon as one arm is the best with this confidence, whenever one looks. For rewards from 0 to 1.
 * `after`: settled decisions of every arm at least, default 100.
 */
export interface Winner {
  readonly confidence: number
  readonly after?: number
}

/** An event that rewards a decision with 1, or with one of its properties. */
export type Reward<Event extends AnyEvent> =
  | Event
  | readonly Event[]
  | { readonly on: Event | readonly Event[]; readonly value: NumberOf<FactOf<Event>> }

type NumberOf<Fact> = Fact extends { readonly properties: infer Properties }
  ? {
      [Field in keyof Properties]-?: NonNullable<Properties[Field]> extends number ? Field : never
    }[keyof Properties] &
      string
  : never

/** What is to be decided. */
export interface Choice<
  Name extends string,
  Otherwise extends string,
  Given,
  Profile,
  Event extends AnyEvent,
  Looked extends Columns = Columns,
  Topic extends string = string,
> {
  readonly arms: readonly Name[] | { readonly [Each in Name]: Arm<Given, Profile, RowOf<Looked>, Topic> }
  /** What the policy and the arms' predicates may go by; it is kept with the decision. */
  readonly context?: Given
  /** What the predicates may go by as well; it is not kept. */
  readonly profile?: Profile
  /** What is read of the customer in a database of your own at that moment. */
  readonly lookup?: Lookup<Looked>
  /** Default: the journey's goal. The first one within the time counts. */
  readonly reward?: Reward<Event>
  /** How long a reward may take. Only then the decision is learned from. */
  readonly within: Duration
  /** Default: thompson. */
  readonly policy?: AnyPolicy<NoInfer<Name>>
  /** Asked beside the policy that decides: what it would have chosen is kept, and nothing of it acts. */
  readonly shadow?: AnyPolicy<NoInfer<Name>>
  /** What is done when no arm passes, or the decision is stopped; without it: none. */
  readonly otherwise?: Otherwise
  /** A customer who comes here again gets the same arm as before, as long as it passes. */
  readonly keep?: boolean
}

/** The arm chosen; `propensity` is the chance it had. */
export type Decided<Name extends string> = {
  [Each in Name]: { readonly is: Each; readonly propensity: number; readonly decision: string }
}[Name]

/**
 * Why an arm was not offered. no-match: what was looked up is otherwise; not-known: it could not be read. off: an operator
 * switched it off; withheld: the contact rules would not let out what it sends.
 */
export type PassedOverBecause =
  'not-eligible' | 'not-applicable' | 'not-suitable' | 'no-match' | 'not-known' | 'off' | 'withheld'

/** An arm that was not offered. */
export interface PassedOver {
  readonly arm: string
  readonly because: PassedOverBecause
  /** Withheld: the name of the contact rule, and what it said. */
  readonly rule?: string
  readonly said?: string
}

/** Which events reward a decision, as plain data. */
export interface RewardRule {
  readonly on: readonly { readonly name: string; readonly conditions: object; readonly ofAnyKey: boolean }[]
  /** The property that says how much; without it, 1. */
  readonly value?: string
  /** In a keyed journey: the property that holds the key, and the enrollment's value of it. */
  readonly key?: { readonly property: string; readonly value?: string }
}

/** What operators say about a decision while it runs. */
export interface DecisionSettings {
  /** Nothing is decided any more: everybody gets what the journey says otherwise. */
  readonly stopped: boolean
  /** Arms that are not offered. */
  readonly off: readonly string[]
  /** In percent on top of what the journey says, by arm. */
  readonly levers: Readonly<Record<string, number>>
  /** In place of a fixed policy's shares, by arm; also where that is what a model falls back to. */
  readonly weights?: Readonly<Record<string, number>>
  /** No model is asked; what it falls back to chooses. */
  readonly modelOff?: boolean
}

export const firstSettings: DecisionSettings = { stopped: false, off: [], levers: {} }
