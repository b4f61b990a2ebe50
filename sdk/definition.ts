import type { AnyEvent } from './event'
import { fraction } from './hash'
import type { Message } from './message'
import type { Duration } from './time/duration'

export type Category = 'marketing' | 'transactional'

/** Whether a customer may enter again: never, once the last enrollment ended, or some time after it ended. Per key. */
export type Reentry = 'once' | 'after-end' | { readonly after: Duration }

export interface Definition<Entry extends AnyEvent = AnyEvent, Topic extends string = string> {
  /** The events that enroll a customer; without any, only the API and other journeys do. */
  readonly enrollOn?: Entry | readonly Entry[]
  /**
   * One enrollment for each value of this property of the enrolling event (an order, a cart).
   * An event that carries the property reaches only the enrollment of that key, unless the journey asks for `anyKey()`.
   */
  readonly key?: string
  /** Default: once. */
  readonly reentry?: Reentry
  /** Reaching it ends the enrollment at once as converted; after `within` it ends it as exited. */
  readonly goal?: { readonly on: AnyEvent | readonly AnyEvent[]; readonly within?: Duration }
  /** Any of these ends the enrollment at once. */
  readonly exitOn?: readonly AnyEvent[]
  /** The share of customers, 0 to 1, who are kept out to measure the journey's effect. Stable by hash. */
  readonly holdout?: number
  /** Default: marketing. */
  readonly category?: Category
  /** What its messages are about, where customers may choose: a name in catalog/topics. */
  readonly topic?: Topic
  /** What a touchpoint of this journey is worth beside those of others, when not all may go: its value, unless the step says otherwise. Default: 1. */
  readonly priority?: number
  /** Who carries its messages, by channel, where not everybody's provider does: names in PROVIDER_ACCOUNTS. A message may name another. */
  readonly accounts?: Readonly<Partial<Record<Message['channel'], string>>>
  /** IANA name, for customers without a zone of their own. */
  readonly timeZone?: string
}

/** Whether a journey that keeps out this share keeps out the customer. */
export const isKeptOut = (journey: string, customerId: string, holdout: number): boolean =>
  fraction('holdout', journey, customerId) < holdout

/** The message with the account that the journey sends it by, where it names none itself. */
export function carriedBy<Sent extends { readonly channel: string; readonly account?: string }>(
  { accounts = {} }: Pick<Definition, 'accounts'>,
  message: Sent,
): Sent {
  const account = message.account ?? (accounts as Readonly<Record<string, string>>)[message.channel]
  return account === message.account ? message : { ...message, account }
}

export const listOf = <Item>(items: Item | readonly Item[] | undefined): readonly Item[] =>
  items === undefined ? [] : Array.isArray(items) ? items : [items as Item]
