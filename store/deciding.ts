import type { AnyPolicy, Context, DecisionSettings, PassedOver, RewardRule } from '../sdk/decision'
import type { LookupUse } from '../sdk/lookup'
import type { ModelUse } from '../sdk/model'
import type { Shadow } from '../sdk/shadowed'
import type { Author, Word } from './governing'
import type { EventFact, EventKind, Page, PageQuery } from './store'

// What was decided for customers, by which chances, and what came of it.

/** A step of a journey that decides. */
export interface DecisionPlace {
  readonly journey: string
  readonly step: string
}

/** An arm that could be chosen, with the chance it was given and what it was expected to bring. */
export interface OfferedArm {
  readonly arm: string
  readonly propensity: number
  readonly score: number
  readonly worth: number
  readonly group?: string
  readonly features?: Readonly<Record<string, number>>
  /** Where the journey said how likely it works. */
  readonly told?: number
  /** What a model of the user's said of it; 0 of the baseline. */
  readonly modelled?: number
  /** What the model said of the others is against this arm. */
  readonly baseline?: true
}

export interface NewDecision extends DecisionPlace {
  readonly id: string
  readonly enrollmentId: string
  readonly entry: number
  readonly customerId: string
  readonly arm: string
  /** otherwise: no arm passed, or the decision was stopped. */
  readonly how: 'policy' | 'kept' | 'otherwise'
  /** The chance with which the arm was really drawn. */
  readonly propensity: number
  readonly policy: AnyPolicy
  /** A hash of the policy. */
  readonly version: string
  /** How many settled decisions the policy had learned from. */
  readonly learned: number
  /** The revision of the settings; 0: none. */
  readonly settings: number
  readonly context: Context
  readonly arms: readonly OfferedArm[]
  readonly passedOver: readonly PassedOver[]
  readonly rewardRule: RewardRule
  /** By the customer's clock. */
  readonly at: number
  /** By the customer's clock: rewards that come later do not count. */
  readonly closesAt: number
  /** Where the policy asks a model: what became of that. */
  readonly model?: ModelUse
  /** Where the customer was looked up in the user's own database: what became of that. */
  readonly lookup?: LookupUse
  /** Where a policy ran in the shadow of this one: what it would have chosen. */
  readonly shadow?: Shadow
}

export interface DecisionRow extends NewDecision {
  /** Wall clock. */
  readonly recordedAt: number
  readonly state: 'open' | 'closed'
  /** The place among the settled decisions of the step, in the order in which policies learn; null until then. */
  readonly position: number | null
  /** Null as long as nothing rewarded it. */
  readonly reward: number | null
  readonly rewardedAt: number | null
  /** The messageId. */
  readonly rewardedBy: string | null
}

/** What is known before a decision is made. */
export interface Outlook {
  /** The decision, where it was made before. */
  readonly made: DecisionRow | undefined
  /** What the same customer got here last time. */
  readonly lastArm: string | undefined
  readonly settings: SettingsRevision
  /** How many decisions of this step are settled. */
  readonly settled: number
}

/** A version of a decision's settings; nothing of it is ever changed. */
export interface SettingsRevision {
  /** 0: none was ever written. */
  readonly revision: number
  readonly settings: DecisionSettings
  readonly written: Word | null
}

export interface SettingsChange {
  readonly settings: DecisionSettings
  readonly author: Author
  readonly because: string
  /** The revision the author saw; left out: whatever holds. */
  readonly basedOn?: number
}

export type SettingsChanged =
  | { readonly is: 'kept'; readonly revision: SettingsRevision }
  | { readonly is: 'outdated'; readonly active: number }

/** What one arm of a step has come to. Rewards are of closed decisions that the policy made. */
export interface ArmReport extends DecisionPlace {
  readonly arm: string
  readonly how: DecisionRow['how']
  readonly decisions: number
  readonly open: number
  readonly settled: number
  readonly rewarded: number
  readonly reward: number
  readonly squares: number
  /** The mean of the chances it was given when it was chosen. */
  readonly propensity: number
}

/** How often a step's model was used, or what chose in its place and why. */
export interface ModelReport {
  readonly step: string
  readonly is: ModelUse['is']
  readonly to: string | null
  readonly because: string | null
  readonly decisions: number
}

/** How often the policy in the shadow of a step's own would have chosen the same. */
export interface ShadowReport {
  readonly step: string
  /** Such as thompson. */
  readonly policy: string
  readonly version: string
  readonly decisions: number
  readonly same: number
  /** Its model said nothing usable, and its fallback would have chosen. */
  readonly fellBack: number
  /** It was too slow, or broke. */
  readonly failed: number
}

/** What a policy knew at a position, as its maths wants it. */
export interface Snapshot {
  readonly position: number
  readonly learned: unknown
}

export interface DecisionStore {
  look(id: string, customerId: string, place: DecisionPlace): Promise<Outlook>
  /** Records a decision; one with that id that was made before stays, and is answered with. */
  make(decision: NewDecision): Promise<DecisionRow>
  /**
   * Rewards what this event is a reward for: of each step the newest decision before it whose window is not over and that has
   * none yet; a receipt only the newest before its message was asked for, of the enrollment that sent it. The same event
   * rewards once, however often it is told. Resolves with how many.
   */
  reward(customerId: string, event: RewardingEvent): Promise<number>
  /**
   * Closes up to `limit` decisions whose windows ended an hour ago, once every event that came in until then was handled, and
   * gives those that the policy made their positions. Resolves with how many.
   */
  close(limit: number): Promise<number>
  /** After a position, in order. */
  settled(place: DecisionPlace, after: number, limit: number): Promise<DecisionRow[]>
  /** The newest settled ones, in order. */
  latestSettled(place: DecisionPlace, limit: number): Promise<DecisionRow[]>
  snapshot(place: DecisionPlace, version: string): Promise<Snapshot | undefined>
  /** Unless a later one is kept. */
  keepSnapshot(place: DecisionPlace, version: string, snapshot: Snapshot): Promise<void>
  report(journey: string): Promise<ArmReport[]>
  modelReport(journey: string): Promise<ModelReport[]>
  /** Of each shadow that there was, the newest first. */
  shadowReport(journey: string): Promise<ShadowReport[]>
  ofCustomer(customerId: string, page: PageQuery): Promise<Page<DecisionRow>>
  settings(place: DecisionPlace): Promise<SettingsRevision>
  /** The same settings again make no revision. Exact under concurrency. */
  changeSettings(place: DecisionPlace, change: SettingsChange): Promise<SettingsChanged>
  settingsHistory(place: DecisionPlace, page: PageQuery): Promise<Page<SettingsRevision>>
}

/** `occurredAt` is the sender's word, by the wall clock. */
export type RewardingEvent = Pick<EventFact, 'messageId' | 'name' | 'properties'> & {
  readonly kind: EventKind
  readonly occurredAt: number
}
