import type { EventFact, IncomingEvent, Manifest, Outcome } from '../sdk'

/**
 * Everything Sojourn keeps, over Postgres or embedded PGlite. Times are epoch milliseconds; lists are newest first unless said.
 * Every call takes the ids of merged customers too. Texts that a database cannot hold are made storable (sdk/clean) on the way in.
 */
export interface Store {
  readonly kind: 'postgres' | 'pglite'
  readonly events: EventStore
  readonly lanes: LaneStore
  readonly customers: CustomerStore
  readonly enrollments: EnrollmentStore
  readonly touchpoints: TouchpointStore
  readonly consents: ConsentStore
  readonly builds: BuildStore
  readonly operations: OperationStore
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

export interface EventStore {
  /** Stores what is new, in one statement; a messageId already known is left alone. Resolves after commit, with how many were new. */
  append(events: readonly IncomingEvent[]): Promise<number>
  /** Pending events of these lanes in order of arrival, without those of `except` customers. */
  pending(lanes: readonly number[], except: readonly string[], limit: number): Promise<StoredEvent[]>
  /** Marks events handled. */
  handled(ids: readonly number[]): Promise<void>
  /** Counts a failed attempt and keeps the event pending. */
  failed(id: number, reason: string): Promise<void>
  setAside(id: number, reason: string): Promise<void>
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
  /** The customer's time. */
  readonly now: number
}

export interface EnrollmentFilter {
  readonly customerId?: string
  readonly journey?: string
  readonly status?: 'running' | 'paused' | 'ended'
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

export interface EndedEnrollment {
  readonly id: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly key?: string
  readonly outcome: Outcome
  /** The enrollment's time. */
  readonly endedAt: number
  readonly handover?: IncomingEvent
}

export type TouchpointStatus = 'sending' | 'retrying' | 'sent' | 'withheld' | 'failed' | 'unknown'

export interface TouchpointRow {
  readonly id: string
  /** A short hash of the id, safe to show: Message-ID, unsubscribe links and webhook ids are made of it. */
  readonly ref: string
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly step: string
  readonly channel: string
  readonly message: string
  readonly category: string
  readonly status: TouchpointStatus
  /** Why it was withheld, failed or is unknown. */
  readonly because: string | null
  readonly provider: string | null
  /** The provider's id of the message (the Message-ID of a mail). */
  readonly providerMessageId: string | null
  readonly attempts: number
  /** Each rule's verdict with the figures it used. */
  readonly verdicts: readonly Verdict[]
  /** The enrollment's time when it was decided. */
  readonly at: number
  /** Wall clock. */
  readonly recordedAt: number
}

export interface Verdict {
  readonly rule: string
  readonly allows: boolean
  readonly because: string
}

export type Reservation =
  /** The row is ours: call the provider, then `settle`. `attempt` is 1 for the first. */
  | { readonly is: 'reserved'; readonly attempt: number }
  /** Settled before: nothing is to be done. */
  | { readonly is: 'settled'; readonly touchpoint: TouchpointRow }
  /** Another attempt may still be at it; ask again after `retryMs`. */
  | { readonly is: 'busy'; readonly retryMs: number }
  /** An attempt began and its end is not known. `lease` is now ours. */
  | { readonly is: 'interrupted'; readonly attempt: number }

export interface TouchpointRequest {
  readonly id: string
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly step: string
  readonly channel: string
  readonly message: string
  readonly category: string
  readonly provider: string
  readonly at: number
}

export interface TouchpointStore {
  /**
   * One transaction: locks the customer's contact, asks `judge` (reads through the same transaction), and records the row as
   * sending, or as withheld with the verdicts. At most `leaseMs` may pass until settle, else the attempt counts as interrupted.
   * One handed back is judged again; once the enrollment has ended, nothing is reserved: it is withheld as withdrawn.
   */
  reserve(request: TouchpointRequest, leaseMs: number, judge: Judge): Promise<Reservation>
  /**
   * The fate of the attempt. `retrying` hands it back for a later attempt (nothing reached the provider), or withdraws it when
   * the enrollment has ended. Sent, failed and withheld stay; unknown may become sent or failed. Rejects for an unknown id.
   */
  settle(id: string, fate: Fate): Promise<TouchpointRow>
  get(id: string): Promise<TouchpointRow | undefined>
  byRef(ref: string): Promise<TouchpointRow | undefined>
  ofCustomer(customerId: string, page: PageQuery): Promise<Page<TouchpointRow>>
  ofEnrollment(id: string, entry: number): Promise<TouchpointRow[]>
  /** Of all customers, newest `recordedAt` first. */
  latest(limit: number): Promise<TouchpointRow[]>
}

export interface Fate {
  readonly status: 'sent' | 'failed' | 'unknown' | 'retrying'
  readonly because?: string
  readonly providerMessageId?: string
}

/** Decides in the reserving transaction. Today: consent; the other contact rules come here. */
export type Judge = (contact: ContactFacts) => {
  allows: boolean
  because: string | null
  verdicts: Verdict[]
}

/** What the store reads for the judge, in the same transaction. */
export interface ContactFacts {
  readonly customer: CustomerRow | undefined
  /** The newest word of the customer on this channel and category, if any. */
  readonly consent: 'granted' | 'withdrawn' | undefined
}

/** A customer's word on being contacted by one channel for one category. History is kept; the latest `occurredAt` counts, ties by arrival. */
export interface Consent {
  readonly customerId: string
  readonly channel: string
  readonly category: string
  readonly state: 'granted' | 'withdrawn'
  /** Where it was said: unsubscribe-link, one-click, api, … */
  readonly source: string
  readonly occurredAt: number
}

export interface ConsentStore {
  record(consent: Consent): Promise<void>
  history(customerId: string): Promise<Consent[]>
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

export type { EventFact }
