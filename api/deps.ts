import type { Logger } from '../logger'
import type { Manifest } from '../sdk'
import type { CustomerRef } from '../sdk/customer-ref'
import type { Arrival, ReceiptSource } from '../channels'
import type { SignedLinks } from '../channels/links'
import type { Store } from '../store/store'
import type { InboxStreams } from './inbox/streams'
import type { ApiKey } from './keys'
import type { Metrics } from './metrics'
import type { RolloutGateway } from './rollout-gateway'
import type { TemporalGateway } from './temporal-gateway'

/** What the API is made of; the process entry hands it in. */
export interface ApiDeps {
  readonly store: Store
  readonly temporal: TemporalGateway
  /** Where builds are rolled out one by one. */
  readonly rollout?: RolloutGateway
  /** The newest build's manifest; undefined while no worker has ever started. */
  manifest(): Promise<Manifest | undefined>
  readonly keys: readonly ApiKey[]
  /** Development without configured keys: console and metrics need none, and only loopback host names are answered. */
  readonly open?: boolean
  /** Secrets for links; the first signs. */
  readonly secrets: readonly string[]
  readonly publicUrl: string
  /** Whose receipts can be verified, by provider. */
  readonly receiptSources?: ReadonlyMap<string, readonly ReceiptSource[]>
  /** Whether the call centre's software signed an order, lately; where it may give any. */
  readonly taskOrders?: (order: Pick<Arrival, 'body' | 'headers'>) => boolean
  /** Where clocks may be moved. */
  readonly fastForward?: FastForward
  /** Whether changed limits are drafts until another key approves. */
  readonly limitsApproval?: boolean
  /** Zone of customers for whom neither profile nor journey names one; default UTC. */
  readonly defaultTimeZone?: string
  readonly logger: Logger
  /** Ends what would otherwise go on for ever: open streams. */
  readonly stopping?: AbortSignal
  /** Counters shared with what else this process runs. */
  readonly metrics?: Metrics
  readonly limits?: Partial<Limits>
  /** The development inbox. */
  readonly inbox?: Inbox
  /** Address of the Temporal UI, for links. */
  readonly temporalUi?: string
  /** How customers appear in workflow ids; default: by their id. */
  readonly customerRef?: CustomerRef
}

/** Sizes in bytes, times in ms. */
export interface Limits {
  readonly eventBytes: number
  readonly batchBytes: number
  readonly batchEvents: number
  readonly receiptBytes: number
  /** How long an enrollment request waits for the dispatcher. */
  readonly enrollWaitMs: number
  /** How long a deletion waits for messages that are being handed over. */
  readonly deletionWaitMs: number
  /** Whatever an enrollment began has ended after so long: an activity may take two minutes. */
  readonly settleMs: number
}

/** Segment's published limits; its HTTP API allows 2,500 events in a batch. */
export const standardLimits: Limits = {
  eventBytes: 32 * 1024,
  batchBytes: 500 * 1024,
  batchEvents: 2_500,
  receiptBytes: 1024 * 1024,
  enrollWaitMs: 3_000,
  deletionWaitMs: 15_000,
  settleMs: 150_000,
}

/** Moves a customer's clock, with all their running enrollments. Resolves when the clock has arrived. */
export type FastForward = (
  customerId: string,
  request: { readonly by: string } | { readonly to: 'next' },
) => Promise<FastForwarded>

export interface FastForwarded {
  /** ISO 8601, the customer's time. */
  readonly now: string
  readonly movedMs: number
  readonly happened: readonly object[]
}

/** The mails the development inbox holds, newest first; workers/servers/inbox.ts is one. */
export interface Inbox {
  /** `before`: only mails older than the one with this id. */
  list(query: { to?: string; limit?: number; before?: string }): readonly InboxSummary[]
  get(id: string): Promise<InboxMail | undefined>
}

export interface InboxSummary {
  readonly id: string
  readonly to: readonly string[]
  readonly from: string
  readonly subject: string
  readonly receivedAt: string
}

export interface InboxMail extends InboxSummary {
  /** Empty where the mail has no such part. */
  readonly text: string
  readonly html: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
}

/** What routes work with. */
export interface Api extends ApiDeps {
  readonly limits: Limits
  readonly links: SignedLinks
  readonly inboxStreams: InboxStreams
  readonly metrics: Metrics
  readonly customerRef: CustomerRef
}
