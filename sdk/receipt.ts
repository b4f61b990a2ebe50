import { taskDone } from './task'

/**
 * What a provider says later of a touchpoint, and what a customer answers through it; by the name of the event it becomes.
 * `resubscribed` and `asked-help` are the words START and HELP.
 */
export const receiptEvents = {
  delivered: 'Message Delivered',
  bounced: 'Message Bounced',
  deferred: 'Message Deferred',
  opened: 'Message Opened',
  clicked: 'Message Clicked',
  replied: 'Message Replied',
  complained: 'Message Complained',
  unsubscribed: 'Message Unsubscribed',
  resubscribed: 'Message Resubscribed',
  'asked-help': 'Message Help Asked',
} as const

export type ReceiptKind = keyof typeof receiptEvents

/** Appended by us alone. */
const ownNames = new Set<string>([...Object.values(receiptEvents), taskDone.name])

/**
 * Whether an enrollment may make anything of an event. Answers and receipts are for the one alone that sent the message, and no
 * sender of events can make them up.
 */
export function isFor(
  { id, entry }: { readonly id: string; readonly entry: number },
  event: { readonly kind: string; readonly name: string; readonly properties: Record<string, unknown> },
): boolean {
  if (event.kind !== 'receipt') return !ownNames.has(event.name)
  return event.properties.enrollment === id && event.properties.entry === entry
}

/** What a receipt says beyond its kind. */
export interface ReceiptDetail {
  /** Bounces: nobody can ever be reached at the address. */
  readonly hard?: boolean
  /** Opens and clicks by a program: a mail proxy that loads pictures in advance, a scanner that follows links. */
  readonly machine?: boolean
  /** Clicks: where the link leads. */
  readonly url?: string
  /** Replies: what was written. */
  readonly text?: string
  /** In the provider's words, without addresses. */
  readonly because?: string
}

/** One receipt, as a provider's file reads it. */
export interface Receipt extends ReceiptDetail {
  /** The provider's own: a repeat has the same. */
  readonly id: string
  readonly kind: ReceiptKind
  /** Epoch ms; the provider's word, or when it came in. */
  readonly at: number
  /** The touchpoint's ref, where the provider hands back what it was given. */
  readonly ref?: string
  readonly providerMessageId?: string
  /** Who answered, where no message is named: it is taken as an answer to the newest message to that address. */
  readonly from?: { readonly channel: string; readonly address: string }
  /** STOP, START or HELP in one of their forms: the customer gets one word of confirmation, unless the provider gave it. */
  readonly keyword?: 'stop' | 'start' | 'help'
  readonly confirmed?: boolean
}

/** As it stands with its touchpoint. */
export interface KeptReceipt extends Omit<ReceiptDetail, 'text' | 'url'> {
  readonly id: string
  readonly kind: ReceiptKind
  readonly at: number
}

/** The properties of the event that a receipt becomes. */
export interface ReceiptFact extends ReceiptDetail {
  readonly kind: ReceiptKind
  readonly receipt: string
  readonly touchpoint: string
  readonly enrollment: string
  readonly entry: number
  readonly journey: string
  readonly step: string
  readonly channel: string
  readonly message: string
  readonly provider: string
  readonly providerMessageId?: string
  /** Said on a page of ours, which has kept the word already. */
  readonly kept?: boolean
}
