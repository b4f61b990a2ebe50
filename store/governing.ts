import type { CustomerPast, Limits, Stop } from '../sdk/contact'
import type { Page, PageQuery } from './store'

// How people govern the contact rules: limits, stops, what is held, and what can be learnt from the past.

/** Who gave an order: the API key's name, and whom its holder named. */
export interface Author {
  readonly key: string
  readonly by: string | null
}

/** An order on record. `at` is the wall clock. */
export interface Word extends Author {
  readonly because: string
  readonly at: number
}

/** A version of the limits. Nothing of it is ever changed but its state, and what is not yet known is filled in once. */
export interface LimitsRevision {
  /** 0: what the first start brings, which nobody wrote. */
  readonly revision: number
  readonly state: 'draft' | 'active' | 'replaced' | 'rejected'
  readonly limits: Limits
  /** The revision that held when it was written. */
  readonly basedOn: number
  readonly written: Word | null
  /** Approved or rejected. */
  readonly decided: Word | null
  readonly replacedAt: number | null
}

export interface LimitsChange {
  readonly limits: Limits
  readonly author: Author
  readonly because: string
  /** The revision the author saw; left out: whatever holds. */
  readonly basedOn?: number
  /** Whether another key must approve. */
  readonly approval: boolean
}

export type LimitsChanged =
  | { readonly is: 'kept'; readonly revision: LimitsRevision }
  /** Another revision holds than the one it was based on. */
  | { readonly is: 'outdated'; readonly active: number }

export type LimitsDecided =
  | LimitsChanged
  | { readonly is: 'unknown' }
  | { readonly is: 'own' }
  | { readonly is: 'decided'; readonly state: LimitsRevision['state'] }

export interface LimitsStore {
  /** What holds now: the newest approved, else what the first start brings. */
  current(): Promise<LimitsRevision>
  /** Makes a new revision, active or a draft. The same document again makes none. Exact under concurrency. */
  change(change: LimitsChange): Promise<LimitsChanged>
  /** Approves or rejects a draft; not by the key that wrote it, and approves only what is based on the active one. */
  decide(
    revision: number,
    decision: 'approve' | 'reject',
    author: Author,
    because: string,
  ): Promise<LimitsDecided>
  history(page: PageQuery, state?: LimitsRevision['state']): Promise<Page<LimitsRevision>>
}

/** A switch that was thrown, and perhaps thrown back. */
export interface StopRow extends Stop {
  readonly begun: Word
  readonly ended: Word | null
}

export interface StopStore {
  /** Counts at the next send. A stop of the same that is in force is left alone: `new` tells. */
  begin(stop: Omit<Stop, 'id'>, author: Author, because: string): Promise<{ stop: StopRow; new: boolean }>
  /** Thrown back: what it held is asked for again, spread. Undefined when there is none; one that has ended stays as it is. */
  end(id: number, author: Author, because: string): Promise<StopRow | undefined>
  list(page: PageQuery, inForce?: boolean): Promise<Page<StopRow>>
}

/** An enrollment that is to ask again for what is held. */
export interface LookAgain {
  readonly touchpointId: string
  readonly enrollmentId: string
  readonly entry: number
  /** The end of the lease, wall clock. */
  readonly until: number
}

/** What the contact rules hold, when the rules change. */
export interface HeldStore {
  /**
   * Gives touchpoints held by older rules a time to be asked for again, spread by customer over what the limits say.
   * Resolves with how many; ask again when it is `limit`.
   */
  plan(limit: number): Promise<number>
  /** Those whose time has come, for this caller alone until the lease is over. `looked` ends it, unless they were planned anew meanwhile. */
  due(limit: number, leaseMs: number): Promise<LookAgain[]>
  looked(looks: readonly LookAgain[]): Promise<void>
  /** How many are held, by reason. */
  counts(): Promise<Record<string, number>>
}

/** Customers whose touchpoints stand for all. */
export interface LedgerSample {
  /** Touchpoints that were decided on. */
  readonly total: number
  /** One customer in so many, by hash; 1: all. */
  readonly oneIn: number
  readonly customers: readonly string[]
}

/** Enrollments of a customer in a journey. */
export interface Conversions {
  readonly customerId: string
  readonly journey: string
  readonly enrolled: number
  readonly converted: number
  /** The time for the goal of the first of them is over. */
  readonly isOver: boolean
  /** Over, and converted within that time. */
  readonly inTime: boolean
}

/** Customers of a journey whose time for its goal is over. */
export interface Group {
  readonly of: number
  /** Within that time. */
  readonly converted: number
  /** Their enrollment ended before that time, by coming to its end: what they did later is not known. */
  readonly unwatched: number
  /** Who came to us by themselves within that time of the wall clock; and how often they did, together. */
  readonly contacted: number
  readonly contacts: number
}

/** What was, for those who want to learn from it. Times are the wall clock's. */
export interface PastStore {
  /** Of customers with touchpoints since then, so many that about `most` touchpoints are theirs. */
  sample(since: number, most: number): Promise<LedgerSample>
  /** Of each the newest `most` touchpoints since then; those that went out up to `lookBackMs` earlier are `before`. */
  ofCustomers(
    customerIds: readonly string[],
    since: number,
    lookBackMs: number,
    most: number,
  ): Promise<CustomerPast[]>
  /**
   * What became, `withinMs` after it began, of each customer's first enrollment in the journey, where that was at `since` or
   * later: of those whom the journey held out, and of the others. Who comes again is no new customer. `contacts`: the events by
   * which customers come to us.
   */
  groups(
    journey: string,
    asked: { readonly since: number; readonly withinMs: number; readonly contacts: readonly string[] },
  ): Promise<{ treated: Group; heldOut: Group }>
  /**
   * All customers in order of their ids, in pages, each with its enrollments recorded since then. `withinMs`: the time for the
   * goal, by journey, and of those that are not named.
   */
  conversions(
    asked: {
      readonly since: number
      readonly withinMs: Readonly<Record<string, number>>
      readonly otherwiseMs: number
    },
    after: string | undefined,
    limit: number,
  ): Promise<{ customers: string[]; conversions: Conversions[] }>
}
