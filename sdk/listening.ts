import { matches, not } from './condition'
import { eventsOf, type EventRef } from './event'
import type { ReceiptFact } from './receipt'

// What a journey may listen to of the messages it sent itself: answers and receipts reach the enrollment alone whose
// touchpoint they are about. Every function makes a reference without calling anything, so that the outline can follow it.

type Told = Pick<ReceiptFact, 'touchpoint' | 'step' | 'channel' | 'message' | 'provider'>

interface Receipts {
  'Message Delivered': Told
  'Message Bounced': Told & { readonly hard?: boolean }
  'Message Opened': Told
  'Message Clicked': Told & { readonly url?: string }
  'Message Replied': Told & { readonly text?: string }
  'Message Complained': Told
  'Message Unsubscribed': Told
}

const event = eventsOf<Receipts>()

const of = <Name extends keyof Receipts>(name: Name, step?: string): EventRef<Name, Receipts[Name]> =>
  step === undefined ? event(name) : event(name).where({ step } as never)

/** The customer answered, in words that fit the pattern: `replied(/^yes/i)`. STOP and HELP are no answers. */
export const replied = (
  pattern?: RegExp,
  step?: string,
): EventRef<'Message Replied', Receipts['Message Replied']> =>
  pattern === undefined
    ? of('Message Replied', step)
    : of('Message Replied', step).where({ text: matches(pattern) })

/** A person followed a link, of the message sent at the step or of any: `clicked('offer')`. */
export const clicked = (step?: string): EventRef<'Message Clicked', Receipts['Message Clicked']> =>
  of('Message Clicked', step).where({ machine: not(true) } as never)

/** A person opened the message. Many never load what tells of it. */
export const opened = (step?: string): EventRef<'Message Opened', Receipts['Message Opened']> =>
  of('Message Opened', step).where({ machine: not(true) } as never)

export const delivered = (step?: string): EventRef<'Message Delivered', Receipts['Message Delivered']> =>
  of('Message Delivered', step)

/** It did not arrive; `bounced('offer').where({ hard: true })`: nor will any other at that address. */
export const bounced = (step?: string): EventRef<'Message Bounced', Receipts['Message Bounced']> =>
  of('Message Bounced', step)

/** They called it spam. */
export const complained = event('Message Complained')

/** They asked for no more: STOP, the link in a mail, or at the provider. Their consent is withdrawn by then. */
export const unsubscribed = event('Message Unsubscribed')

// The outline of another working copy meets an sdk of its own: these are known by a mark, not by being the same.
const mark = Symbol.for('sojourn.listening')
for (const make of [replied, clicked, opened, delivered, bounced]) Object.assign(make, { [mark]: true })

/** Whether it is one of those that are called, of whichever copy of the sdk. */
export const isListening = (value: unknown): value is () => EventRef =>
  typeof value === 'function' && mark in value
