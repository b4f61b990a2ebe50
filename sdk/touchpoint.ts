import type { Worth } from './contact/arbitration'
import type { ZoneDefaults } from './contact/zone'
import type { Message } from './message'
import type { Delivery } from './outcome'
import type { TaskTerms } from './task'
import type { Duration } from './time/duration'

/** A message that a journey wants to send, with all that the journey says of it to the contact rules. */
export interface ToSend {
  readonly category: 'marketing' | 'transactional'
  readonly topic?: string
  readonly message: Message
  /** For customers whose profile does not tell their zone. Left out by builds older than the contact rules. */
  readonly zones?: ZoneDefaults
  readonly worth?: Worth
  /** How long it is worth sending once it is held. */
  readonly within?: Duration
}

/** One attempt to reach a customer, as a journey asks for it. `at` is the enrollment's time in epoch ms. */
export interface TouchpointToDeliver extends ToSend {
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly step: string
  /** 1 for the first time the enrollment comes to this step. */
  readonly occurrence: number
  /** The properties of the enrolling event. */
  readonly trigger: Readonly<Record<string, unknown>>
  readonly at: number
  /** Where it is a call that an agent is asked to make. */
  readonly task?: TaskTerms
}

/** What is known of a touchpoint that is not under way: its fate, or that it is held. */
export type Settled = Delivery | Held

/** Busy, only in answer to an inline attempt: nothing is decided yet; ask again, patiently. */
export type Delivered = Settled | Busy

/** The contact rules let it go at `until` at the earliest: ask again then. Epoch ms by the customer's clock. */
export interface Held {
  readonly is: 'held'
  readonly because: string
  readonly until: number
}

export interface Busy {
  readonly is: 'busy'
  readonly because: string
  readonly retryAfterMs?: number
}
