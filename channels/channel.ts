import type { Device, Receipt, TaskTerms } from '../sdk'
import type { JsonObject } from './json'
import type { Fault } from './routes'

/** What a message's template became. */
export interface Content {
  /** Emails: the subject line. */
  readonly subject?: string
  readonly text?: string
  readonly html?: string
  /** Pushes, and items of an inbox: the line above the text, and what opens on a tap. */
  readonly title?: string
  readonly link?: string
  /** WhatsApp: one of the texts that it approved, in place of `text`. */
  readonly template?: ApprovedTemplate
  /** Items of an inbox: how long they are shown. */
  readonly keepMs?: number
  /** Ad audiences: which, and what the customer may be known by there, unhashed. */
  readonly audience?: {
    readonly id: string
    readonly email?: string
    readonly phone?: string
    /** In place of these: as the platform was told of them before. */
    readonly hashed?: JsonObject
  }
  /** Webhooks: the JSON body. */
  readonly body?: unknown
}

/** Each provider knows it by a name of its own; at least one is there. */
export interface ApprovedTemplate {
  /** At Twilio: `HX…`. */
  readonly id?: string
  /** At Meta; the language as Meta writes it (`en_US`). */
  readonly approved?: { readonly name: string; readonly language: string }
  readonly variables: Readonly<Record<string, string>>
}

/** One touchpoint on its way out. */
export interface Outgoing {
  readonly touchpointId: string
  /** Safe to show; the same for every attempt at this touchpoint. */
  readonly ref: string
  readonly address: string
  /** The message's, where it names one. */
  readonly endpoint?: string
  readonly content: Content
  readonly category: 'marketing' | 'transactional'
  /** Where it is a call that an agent is to make. */
  readonly task?: TaskTerms & Asker
  /** RFC 8058 one-click address, for marketing. */
  readonly unsubscribeUrl?: string
}

/** Who asks for a call, and what the agent sees beside the script. `at` is epoch ms by the customer's clock. */
export interface Asker {
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly step: string
  readonly customerId: string
  readonly context: Readonly<Record<string, unknown>>
  readonly at: number
}

/**
 * What the provider said.
 * accepted: it has it. refused: it never will, retrying is useless; `dead` where it is certain that nobody can ever be reached
 * at the address. busy: it does not have it and may take it later;
 * `fault` where that is not for this message's sake, so that another provider may be asked.
 * unknown: it may or may not have it.
 */
export type Answer =
  | { readonly is: 'accepted'; readonly providerMessageId: string }
  | { readonly is: 'refused'; readonly because: string; readonly address?: 'dead' }
  | { readonly is: 'busy'; readonly because: string; readonly retryAfterMs?: number; readonly fault?: Fault }
  | { readonly is: 'unknown'; readonly because: string }

/** How long an attempt may take: inline attempts run inside a workflow task and give up early where giving up is safe. */
export type Patience = 'inline' | 'patient'

export interface Recipient {
  readonly id: string
  readonly traits: Record<string, unknown>
  /** Those that can be reached, the one seen last first. */
  readonly devices?: readonly Device[]
}

/** A customer in an ad audience, as its platform knows them. */
export interface Membership {
  readonly is: 'joins' | 'leaves'
  readonly endpoint: string
  readonly audience: string
  readonly member: JsonObject
}

/** A provider of a channel. Never throws for what the provider or the network does. */
export interface Provider {
  readonly name: string
  readonly channel: string
  /** Whether the receiver drops a repeat of the same ref, so that an interrupted attempt may be repeated. */
  readonly idempotent: boolean
  /** Where this customer is reached, or undefined. `endpoint` is the message's. */
  address(recipient: Recipient, endpoint?: string): string | undefined
  /** Whether it can carry such a message at all; default: any. Where another can, it is not asked. */
  carries?(content: Content): boolean
  /** Whom the message puts where they stay until they are taken out, or takes out. */
  membership?(outgoing: Outgoing): Membership | undefined
  send(outgoing: Outgoing, patience: Patience): Promise<Answer>
  close?(): Promise<void>
}

/** A request that says it comes from a provider. */
export interface Arrival {
  /** As it came over the wire: signatures are made over these bytes. */
  readonly body: Buffer
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The whole address that was called, as the provider knows it: PUBLIC_URL, path and query. */
  readonly url: string
  /** Epoch ms. */
  readonly now: number
}

/** How the receipts of a provider are told from forged ones, and read. */
export interface ReceiptSource {
  readonly provider: string
  /** Whether the provider made this request, for us, and lately. */
  verify(arrival: Arrival): boolean | Promise<boolean>
  /** What it is to be told when it asks, by a GET, whether the address is ours; undefined where it is not the provider. */
  challenge?(query: Readonly<Record<string, unknown>>): string | undefined
  /** Does what a verified request asks before it sends receipts: to say that we want them. */
  confirm?(arrival: Arrival): Promise<void>
  /** What a verified request says; of what is no receipt nothing. Throws MalformedReceipt for what cannot be read. */
  parse(arrival: Arrival): readonly Receipt[]
  /** What the provider wants for an answer, with a text to the customer where it can carry one; default: any 200. */
  answer?(arrival: Arrival, text?: string): { readonly type: string; readonly body: string }
  /** Says something to who wrote a receipt of this arrival, where the answer cannot. Throws with why it was not taken. */
  say?(arrival: Arrival, receipt: Receipt, text: string): Promise<void>
}

/** It is signed, and nothing that we can read. */
export class MalformedReceipt extends Error {
  override readonly name = 'MalformedReceipt'
}
