import { randomUUID } from 'node:crypto'

/** One request that may make an enrollment send. */
export interface Posted {
  readonly path: string
  readonly body: object
  /** The customer who gets a mail because of it. */
  readonly mails?: string
}

/** What is posted for a customer; `number` counts the requests of one load. */
export type Source = (customer: string, number: number) => Posted

const track = (userId: string, event: string, properties: object, mails?: string): Posted => ({
  path: '/v1/track',
  body: { messageId: randomUUID(), userId, event, properties },
  mails,
})

export const identified = (userId: string): Posted => ({
  path: '/v1/identify',
  body: { messageId: randomUUID(), userId, traits: { email: addressOf(userId), firstName: 'Ada' } },
})

export const enrolls = (customer: string): Posted =>
  track(customer, 'Subscription Started', { plan: 'team', price: 49 })

const asks = (customer: string): Posted => track(customer, 'Help Requested', { topic: 'billing' }, customer)

export const addressOf = (customer: string): string => `${customer}@example.com`
export const customerOf = (address: string): string => address.slice(0, address.indexOf('@'))

// A visitor leaves this many requests after it came, and has its answer by then.
const STAYS = 300

/** Each tenth request begins a visitor's life: identified, enrolled, asks, and leaves again. The others ask. */
function life(customer: string, number: number): Posted {
  const visitor = `visitor-${Math.floor(number / 10)}`
  const left = Math.floor((number - STAYS) / 10)
  if (number % 10 === 0) return identified(visitor)
  if (number % 10 === 1) return enrolls(visitor)
  if (number % 10 === 2) return asks(visitor)
  if (number % 10 === 3 && left >= 0) return track(`visitor-${left}`, 'Account Closed', {})
  return asks(customer)
}

/** `event`: each request is one that the journey answers by a mail. `life`: with comings and goings. */
export const sources = { event: asks, life } satisfies Record<string, Source>

export type SourceName = keyof typeof sources
