import type { Category, KeptReceipt } from '../sdk'
import type { ContactFacts, Judgment, Verdict } from '../sdk/contact'
import type { Page, PageQuery } from './store'

// The ledger of touchpoints.

/**
 * proposed: it waits a moment for its competitors. held: until the contact rules let it go, or it expires. sending: handed to
 * the provider now. retrying: the provider is busy.
 */
export type TouchpointStatus =
  'proposed' | 'held' | 'sending' | 'retrying' | 'sent' | 'withheld' | 'failed' | 'unknown'

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
  readonly category: Category
  readonly topic: string | null
  readonly status: TouchpointStatus
  /** Why it was withheld or is held, failed or is unknown. */
  readonly because: string | null
  /** Propensity x context x value x lever, when it was last decided on. */
  readonly priority: number
  /** By the customer's clock. */
  readonly heldUntil: number | null
  /** Held at this time of the customer's clock, it is withheld for good. */
  readonly expiresAt: number | null
  readonly provider: string | null
  /** The provider's id of the message (the Message-ID of a mail). */
  readonly providerMessageId: string | null
  readonly attempts: number
  /** Each rule's verdict with the figures it used. */
  readonly verdicts: readonly Verdict[]
  /** The hash under which the address may be suppressed (`suppressionKey`); null where it is no person's. */
  readonly address: string | null
  /** What the provider said later, in order of arrival; of very many the newest. */
  readonly receipts: readonly KeptReceipt[]
  /** The enrollment's time when it was decided. */
  readonly at: number
  /** Wall clock. */
  readonly recordedAt: number
}

export type { ContactFacts, Judgment, Verdict } from '../sdk/contact'

export type Reservation =
  /** The row is ours: call the provider, then `settle`. `attempt` is 1 for the first. */
  | { readonly is: 'reserved'; readonly attempt: number; readonly recordedAt: number }
  /** Settled before: nothing is to be done. */
  | { readonly is: 'settled'; readonly touchpoint: TouchpointRow }
  /** Others may compete with it: ask again after `waitMs` of the wall clock. */
  | { readonly is: 'proposed'; readonly waitMs: number }
  /** Ask again at `until`, by the customer's clock. */
  | { readonly is: 'held'; readonly touchpoint: TouchpointRow; readonly until: number }
  /** Another attempt may still be at it; ask again after `retryMs`. */
  | { readonly is: 'busy'; readonly retryMs: number }
  /** An attempt began and its end is not known. `lease` is now ours. */
  | { readonly is: 'interrupted'; readonly attempt: number; readonly recordedAt: number }

export interface TouchpointRequest extends Pick<
  TouchpointRow,
  'id' | 'enrollmentId' | 'entry' | 'journey' | 'customerId' | 'step' | 'channel' | 'message' | 'category'
> {
  readonly topic?: string
  readonly provider: string
  /** By the customer's clock. */
  readonly at: number
}

/** Whom and when the contact rules are asked about. */
export type ContactQuestion = Pick<TouchpointRequest, 'id' | 'customerId' | 'enrollmentId' | 'entry' | 'at'>

export interface TouchpointStore {
  /**
   * Reads the facts, asks `judge`, and records the row as it says. Exact under concurrency: when anything the judge was told
   * changed meanwhile, it is told anew. At most `leaseMs` may pass until settle, else the attempt counts as interrupted.
   * One that was proposed, held or handed back is judged again; once the enrollment has ended it is withheld as withdrawn.
   */
  reserve(request: TouchpointRequest, leaseMs: number, judge: Judge): Promise<Reservation>
  /** What `reserve` would tell its judge, of a touchpoint that may come to be; `address` as a judge names it. */
  facts(question: ContactQuestion, address?: string): Promise<ContactFacts>
  /**
   * The fate of the attempt. `retrying` hands it back for a later attempt (nothing reached the provider), or withdraws it when
   * the enrollment has ended. Sent, failed and withheld stay; unknown may become sent or failed. Rejects for an unknown id.
   * `recordedAt`, as the reservation tells it, saves a search through the partitions.
   */
  settle(id: string, fate: Fate, recordedAt?: number): Promise<TouchpointRow>
  /** What the rules are told of a touchpoint now; `address` as its key. */
  facts(request: TouchpointRequest, address: string | undefined): Promise<ContactFacts>
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
  /** Who carried it, where that may be another than was asked for. */
  readonly provider?: string
}

/** Decides on a touchpoint. Pure: it may be asked several times. */
export type Judge = (facts: ContactFacts, before: TouchpointRow | undefined) => Judged

export interface Judged {
  readonly judgment: Judgment
  /** Who would carry it, where that is another than was asked for. */
  readonly provider?: string
  readonly priority: number
  /** Under which the address may be suppressed (`suppressionKey`); the facts then say so. */
  readonly address?: string
}
