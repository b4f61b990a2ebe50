import type { EventFact, IncomingEvent, Manifest, Outcome } from '../sdk'
import type { EndedEnrollment } from '../sdk/enrollment'
import type { DecisionStore } from './deciding'
import type { HeldStore, LimitsStore, PastStore, StopStore } from './governing'
import type { TouchpointStore } from './ledger'
import type { TaskStore } from './tasking'
import type { AudienceStore } from './audience-members'
import type { ConsentStore, DeviceStore, ReceiptStore, SuppressionStore } from './said'
import type { InboxStore } from './shelf'

/**
 * Everything Sojourn keeps, over Postgres or embedded PGlite. Times are epoch milliseconds; lists are newest first unless said.
 * Every call takes the ids of merged customers too. Texts that a database cannot hold are made storable (sdk/clean) on the way in.
 */
export interface Store {
  readonly kind: 'postgres' | 'pglite'
  readonly events: EventStore
  readonly lanes: LaneStore
  readonly customers: CustomerStore
  readonly devices: DeviceStore
  readonly deletions: DeletionStore
  readonly enrollments: EnrollmentStore
  readonly touchpoints: TouchpointStore
  readonly consents: ConsentStore
  readonly suppressions: SuppressionStore
  readonly receipts: ReceiptStore
  readonly inbox: InboxStore
  readonly audiences: AudienceStore
  readonly limits: LimitsStore
  readonly stops: StopStore
  readonly held: HeldStore
  readonly past: PastStore
  readonly decisions: DecisionStore
  readonly tasks: TaskStore
  readonly builds: BuildStore
  readonly operations: OperationStore
  readonly partitions: PartitionStore
  /** Rejects when the database does not answer within 2 s. */
  ping(): Promise<void>
  close(): Promise<void>
}

export type Page<Item> = { readonly items: Item[]; readonly next: string | null }
export interface PageQuery {
  /** 1 to 200. */
  readonly limit: number
  /** The `next` of the page before. Any other text rejects with RangeError. */
  readonly cursor?: string
}

export type { EventKind, IncomingEvent } from '../sdk'
export type { EndedEnrollment } from '../sdk/enrollment'
export type * from './audience-members'
export type * from './deciding'
export type * from './governing'
export type * from './ledger'
export type * from './said'
export type * from './tasking'
export type * from './shelf'

export type EventState = 'pending' | 'handled' | 'set-aside'

export interface StoredEvent extends IncomingEvent {
  /** Growing; the order of arrival. */
  readonly id: number
  readonly lane: number
  readonly receivedAt: number
  readonly state: EventState
  readonly attempts: number
  /** Why it was set aside, or why the last attempt failed. */
  readonly reason: string | null
}

/** What finds a stored event again without a search. */
export type EventPlace = Pick<StoredEvent, 'messageId' | 'receivedAt'>

export interface EventStore {
  /**
   * Stores what is new, as a rule in one statement; a messageId already known is left alone. Known is what came in this week or
   * the last, and whatever came in since a day before the event says it happened. Resolves after commit, with how many were new.
   */
  append(events: readonly IncomingEvent[]): Promise<number>
  /** Pending events of these lanes in order of arrival, without those of `except` customers. */
  pending(lanes: readonly number[], except: readonly string[], limit: number): Promise<StoredEvent[]>
  /** Marks events handled. */
  handled(events: readonly EventPlace[]): Promise<void>
  /** Counts a failed attempt and keeps the event pending. */
  failed(event: EventPlace, reason: string): Promise<void>
  setAside(event: EventPlace, reason: string): Promise<void>
  /** Puts events set aside back to pending; all of them, or one by its messageId. Resolves with how many. */
  replay(messageId?: string): Promise<number>
  ofCustomer(customerId: string, page: PageQuery): Promise<Page<StoredEvent>>
  listSetAside(page: PageQuery): Promise<Page<StoredEvent>>
  byMessageId(messageId: string): Promise<StoredEvent | undefined>
  /** Pending events, and the age of the oldest in ms: what /metrics and readiness show. */
  backlog(): Promise<{ pending: number; setAside: number; oldestMs: number }>
  /** Calls back (best effort, at most every few ms) when events were appended, by this process or another. Returns how to stop. */
  onAppended(wake: () => void): Promise<() => Promise<void>>
}

/** Lanes split the customers (by hash of the customer id) among dispatchers: a lane has one owner at a time, by lease. */
export interface LaneStore {
  readonly count: number
  /**
   * Renews own lanes and takes free or expired ones up to a fair share among live owners. Resolves with the lanes to serve.
   * A lane that was served and is no longer among them goes to others at the next call, or when its lease runs out: finish
   * with it before.
   */
  hold(owner: string, leaseMs: number): Promise<number[]>
  release(owner: string): Promise<void>
}

export interface CustomerRow {
  readonly id: string
  readonly traits: Record<string, unknown>
  readonly groups: string[]
  /** How far this customer's clock is ahead of the wall clock, in ms. */
  readonly clockOffsetMs: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface CustomerStore {
  /** The id events of `id` belong to, after aliases. */
  canonical(id: string): Promise<string>
  /** The same, and whether that customer has a record. */
  whose(id: string): Promise<{ readonly id: string; readonly known: boolean }>
  get(id: string): Promise<CustomerRow | undefined>
  /** Creates the customer if new and merges traits over the old ones (null removes one), unless a newer identify already set that trait. Resolves with the traits that changed and their new values. */
  identify(id: string, traits: Record<string, unknown>, occurredAt: number): Promise<Record<string, unknown>>
  /**
   * Merges `previous` into `id`: traits (those of `id` win), events, groups, enrollments, touchpoints, consents; of two moved
   * clocks the later one stays. Idempotent; a loop is ignored, and so is a `previous` that was merged into another before.
   */
  merge(previous: string, id: string): Promise<void>
  group(id: string, groupId: string, traits: Record<string, unknown>): Promise<void>
  moveClock(id: string, byMs: number): Promise<number>
  list(page: PageQuery): Promise<Page<CustomerRow>>
}

/** How far the deletion of a customer is. */
export type DeletionStanding =
  /** There is nothing of the customer, and never was a deletion. */
  | { readonly is: 'unknown' }
  | {
      readonly is: 'under-way'
      /** Wall clock. */
      readonly at: number
      /** It is not finished before. */
      readonly settlesAt: number
      /** Messages that were being handed over as it was ordered, and whose fate is not known yet. */
      readonly sending: number
    }
  | { readonly is: 'finished' }

/** What of the customer is not in this database. */
export interface OpenDeletion {
  /** The customer's id, and those merged into it. */
  readonly customerIds: readonly string[]
  readonly workflowIds: readonly string[]
}

/** Customers whose data is to be erased: ordered at once, finished by the dispatcher. Meanwhile writes of news of them throw BeingDeleted. */
export interface DeletionStore {
  /**
   * One transaction: the profile is gone, enrollments have ended, nothing more is decided to be sent; an event `delete` has
   * the rest done. Once the customer is deleted, or being deleted, it changes nothing. What was under way as it was ordered
   * has `settleMs` to end.
   */
  order(customerId: string, key: string, settleMs: number): Promise<DeletionStanding>
  standing(customerId: string): Promise<DeletionStanding>
  /** Undefined once it is finished. */
  open(deletion: number): Promise<OpenDeletion | undefined>
  /** One transaction: erases all that arrived before the event, unless something is still under way: then ask again after `ms`. */
  finish(
    deletion: number,
    event: StoredEvent,
  ): Promise<{ readonly is: 'finished' } | { readonly is: 'waits'; readonly ms: number }>
}

export interface EnrollmentRow {
  /** The workflow id. */
  readonly id: string
  /** 1 for the first enrollment under this id, 2 after the first re-entry, … */
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly key: string | null
  readonly build: string
  /** starting: recorded, and not yet known to run. */
  readonly status: 'starting' | 'running' | 'paused' | 'ended'
  readonly outcome: Outcome | null
  /** The messageId of the event that enrolled. */
  readonly enrolledBy: string
  /** Kept out of the journey, to measure it; null where an older version recorded it. */
  readonly heldOut: boolean | null
  readonly startedAt: number
  readonly endedAt: number | null
}

export type EntryVerdict =
  | { readonly is: 'entered'; readonly enrollment: EnrollmentRow }
  /** The same event entered before; the start may have to be repeated. */
  | { readonly is: 'repeated'; readonly enrollment: EnrollmentRow }
  | {
      readonly is: 'refused'
      readonly because: 'running' | 'once' | 'cooling-down'
      readonly enrollment: EnrollmentRow
    }

export interface EntryRequest {
  readonly id: string
  readonly journey: string
  readonly customerId: string
  readonly key?: string
  readonly build: string
  readonly enrolledBy: string
  /** once: never again. after-end: at once after the last ended. A number: that many ms after it ended. */
  readonly reentry: 'once' | 'after-end' | number
  /** Whether the customer is kept out of the journey, to measure it. */
  readonly heldOut?: boolean
  /** The customer's time. */
  readonly now: number
}

export interface EnrollmentFilter {
  readonly customerId?: string
  readonly journey?: string
  readonly status?: 'running' | 'paused' | 'ended'
  /** The one it began on. */
  readonly build?: string
  readonly ids?: readonly string[]
}

export interface EnrollmentStore {
  /**
   * One transaction: applies the re-entry rule and records the enrollment. Exact under concurrency. The rule counts what this
   * customer did in this journey and key, also under the ids merged into it: the enrollment told may have another id.
   */
  enter(request: EntryRequest): Promise<EntryVerdict>
  started(id: string, entry: number): Promise<void>
  /** Running or paused, as the enrollment says itself. */
  statusIs(id: string, entry: number, status: 'running' | 'paused'): Promise<void>
  /**
   * One transaction: records the outcome (once; the first stays), withdraws touchpoints not yet handed to a provider, and,
   * for a handover, appends the enroll event. Creates the row when a workflow was started past our API.
   */
  end(ended: EndedEnrollment): Promise<void>
  /** Not ended, oldest first. */
  live(customerId: string): Promise<EnrollmentRow[]>
  /** The newest entry, or the given one. */
  get(id: string, entry?: number): Promise<EnrollmentRow | undefined>
  list(filter: EnrollmentFilter, page: PageQuery): Promise<Page<EnrollmentRow>>
  /** Enrollments by journey and status, and outcomes. */
  counts(
    journey: string,
  ): Promise<{ running: number; paused: number; ended: number; outcomes: Record<string, number> }>
}

export interface BuildStore {
  /** Keeps the manifest under its build id, and notes that the build is in service now. */
  keep(manifest: Manifest): Promise<void>
  /**
   * Of the builds in service within the last minute the one kept first the latest: while old and new run side by side,
   * the new one, whoever restarts; after a return to the old one, that.
   */
  current(): Promise<Manifest | undefined>
  get(build: string): Promise<Manifest | undefined>
  /** Ids of the builds kept first after this one, itself included; none where it is not known. */
  since(build: string): Promise<string[]>
}

export interface OperationRow {
  readonly enrollmentId: string
  readonly entry: number
  readonly action: string
  readonly by: string
  readonly reason: string | null
  readonly at: number
}

export interface OperationStore {
  /** `id` is the update's id: the same one is recorded once. */
  record(id: string, operation: Omit<OperationRow, 'at'>): Promise<void>
  ofCustomer(customerId: string, limit: number): Promise<OperationRow[]>
}

/** How long rows are kept, in ms; undefined: for ever. */
export interface Retention {
  readonly events?: number
  readonly touchpoints?: number
  readonly decisions?: number
  /** Of calls that are closed, since the last that became of them. */
  readonly tasks?: number
}

/** Names of partitions, and how many rows were deleted one by one. */
export interface Upkeep {
  readonly made: string[]
  readonly dropped: string[]
  /** Old enough to go, but something in it still waits: a pending event, one set aside, a touchpoint under way, an open decision. */
  readonly kept: string[]
  /** What could not be done at once without holding up others. */
  readonly putOff: string[]
  tasks: number
}

/** Events lie in partitions of a week, touchpoints and decisions of four weeks. */
export interface PartitionStore {
  /** Makes the partitions to come, drops those past their retention, and deletes closed tasks past theirs. Of several processes at once, one does each step. */
  upkeep(retention: Retention): Promise<Upkeep>
  /** How many partitions after the current one are there, without a gap. */
  ahead(): Promise<{ events: number; touchpoints: number; decisions: number }>
}

export type { EventFact }
