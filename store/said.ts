import type { Device, IncomingEvent, KeptReceipt, Receipt } from '../sdk'
import type { ConsentBasis, SuppressedBecause } from '../sdk/contact'
import type { TouchpointRow } from './ledger'
import type { Page, PageQuery } from './store'

// What customers and providers say.

/** A customer's word on being contacted by one channel for one purpose, as it comes in. */
export interface NewConsent {
  readonly customerId: string
  readonly channel: string
  /** `marketing`, or a topic. */
  readonly purpose: string
  readonly state: 'granted' | 'withdrawn'
  /** What a yes rests on. */
  readonly basis?: ConsentBasis
  /** Where it was said: unsubscribe-link, one-click, preferences, double-opt-in, api, … */
  readonly source: string
  /** By the customer's clock. */
  readonly occurredAt: number
  /** What shows that it was said, a small object: the form's address, the touchpoint confirmed, … */
  readonly proof?: Record<string, unknown>
}

/** As it is kept: nothing is ever changed or removed. The latest `occurredAt` counts, ties by arrival. */
export interface Consent extends Omit<NewConsent, 'basis' | 'proof'> {
  readonly basis: ConsentBasis | null
  readonly proof: Record<string, unknown> | null
  /** Wall clock. */
  readonly recordedAt: number
}

export interface ConsentStore {
  /** Keeps them in one transaction, in their order. A touchpoint that is being decided either knows of them or came before. */
  record(consents: NewConsent | readonly NewConsent[]): Promise<void>
  /** The same with an event that tells of it, both or neither. False, and nothing done, when the event's messageId is known. */
  recordWith(event: IncomingEvent, consents: NewConsent | readonly NewConsent[]): Promise<boolean>
  /** The newest word on each channel and purpose. */
  current(customerId: string): Promise<Consent[]>
  history(customerId: string, page: PageQuery): Promise<Page<Consent>>
}

/** Why and since when an address is not to be used, and until when it was not. */
export interface Suppression {
  /** The hash under which the address is kept: see `suppressionKey`. */
  readonly address: string
  readonly reason: SuppressedBecause
  /** Who found out: api, smtp, … */
  readonly source: string
  readonly by: string | null
  readonly because: string | null
  /** Wall clock. */
  readonly at: number
  readonly lifted: { readonly at: number; readonly by: string; readonly because: string | null } | null
}

/** Addresses that are not to be used, whoever's they are. They are known by their hashes alone, and outlive their customers. */
export interface SuppressionStore {
  /** In force from now on. False when it already was, for this reason. */
  suppress(
    address: string,
    found: Pick<Suppression, 'reason' | 'source'> & { readonly by?: string; readonly because?: string },
  ): Promise<boolean>
  /** Ends what is in force, for one reason or all. Resolves with how many were. It stays on record. */
  lift(
    address: string,
    order: { readonly reason?: SuppressedBecause; readonly by: string; readonly because: string },
  ): Promise<number>
  /** For which reasons each of these may not be used; those that may are not named. */
  reasonsOf(addresses: readonly string[]): Promise<ReadonlyMap<string, readonly SuppressedBecause[]>>
  /** Of one address, those lifted too. */
  history(address: string): Promise<Suppression[]>
  inForce(page: PageQuery): Promise<Page<Suppression>>
}

export interface KnownDevice extends Device {
  /** By the customer's clock. */
  readonly seenAt: number
  /** A provider said that nothing reaches it any more. */
  readonly dead: boolean
}

/** Where customers get notifications. A device belongs to the customer whom it was seen with last. */
export interface DeviceStore {
  /** Keeps it, unless it was seen later than `at`; of a customer and channel the newest twenty are kept. */
  seen(customerId: string, device: Device, at: number): Promise<void>
  /** Forgets it, unless it was seen later, or with another customer. */
  gone(customerId: string, device: Device, at: number): Promise<void>
  /** The one seen last first. */
  ofCustomer(customerId: string): Promise<KnownDevice[]>
}

/** Receipts become events of the customer whom the touchpoint reached, of the kind `receipt`: its properties are a ReceiptFact. */
export interface ReceiptStore {
  /**
   * Keeps what is new, all or nothing: as events, and for a day where no touchpoint is known that it could mean; a provider
   * may be faster than our own record. A customer's STOP from an address without a touchpoint suppresses the address.
   */
  accept(provider: string, receipts: readonly Receipt[]): Promise<AcceptedReceipts>
  /** Looks again for the touchpoints of those kept. Resolves with how many were found. */
  place(limit: number): Promise<number>
  /**
   * Notes a receipt at its touchpoint, once; one that says what became of the message settles a fate that was not known.
   * Resolves with the row; undefined when it is gone.
   */
  note(
    touchpointId: string,
    receipt: KeptReceipt,
    providerMessageId?: string,
  ): Promise<TouchpointRow | undefined>
}

export interface AcceptedReceipts {
  /** How many were new. */
  readonly added: number
  /** Whose they are, as far as that is known. */
  readonly customerIds: readonly string[]
}
