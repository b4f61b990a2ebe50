import { createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto'
import { touchpointId } from '../../sdk'
import { refOf } from '../../store'

/** One request that may make an enrollment send. */
export interface Posted {
  readonly path: string
  readonly body: object
  readonly headers?: Record<string, string>
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

// Signs in measurements alone.
const receiptKey = createPrivateKey({
  key: Buffer.from(
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjsW1k8iG9YYWq1Z8B/IYi0WmKgRZWcg8MPSzZiLEErahRANCAAT2fYHSj9b/IA9rwQM5F3ZRsiUgqDkRPbuZw8VI1rQpFoGDKAcZJgH2nFW2ZHzumUvR6z7wpr7aedcQF/UEf44y',
    'base64',
  ),
  format: 'der',
  type: 'pkcs8',
})

/** SENDGRID_WEBHOOK_KEY of a deployment that takes `receipt`. */
export const receiptPublicKey = createPublicKey(receiptKey)
  .export({ format: 'der', type: 'spki' })
  .toString('base64')

/** A click in the first answer that the customer got. */
function clicks(customer: string): Posted {
  const sojourn_ref = refOf(touchpointId(`answering:${customer}`, 1, 'answer', 1))
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const click = {
    event: 'click',
    url: 'https://acorn.example/',
    useragent: 'Firefox',
    email: addressOf(customer),
  }
  const body = [{ ...click, sg_event_id: randomUUID(), timestamp: Number(timestamp), sojourn_ref }]
  const signature = sign('sha256', Buffer.from(timestamp + JSON.stringify(body)), receiptKey)
  const headers = {
    'x-twilio-email-event-webhook-timestamp': timestamp,
    'x-twilio-email-event-webhook-signature': signature.toString('base64'),
  }
  return { path: '/receipts/sendgrid', body, headers, mails: customer }
}

export const addressOf = (customer: string): string => `${customer}@example.com`
export const customerOf = (address: string): string => address.slice(0, address.indexOf('@'))

// A visitor leaves this many requests after it came, so that after as many there are always as many.
const STAYS = 3_000
const LIVING = STAYS / 10
// Whoever has just come or is about to leave is not asked: the answer must have time.
const SPARED = 20

/** Each tenth request begins a visitor's life: identified, enrolled, asks, and leaves again. The others are questions of those who are there. */
function life(customer: string, number: number): Posted {
  const visitor = (number: number): string => `visitor-${number}`
  const last = Math.floor(number / 10)
  const leaving = last - LIVING
  if (number % 10 === 0) return identified(visitor(last))
  if (number % 10 === 1) return enrolls(visitor(last))
  // Not at once: of two requests under way at the same time either may be accepted first.
  if (number % 10 === 2) return asks(visitor(Math.max(0, last - 1)))
  if (leaving < 0) return asks(customer)
  if (number % 10 === 3) return track(visitor(leaving), 'Account Closed', {})
  return asks(visitor(leaving + SPARED + ((number * 7) % (LIVING - 2 * SPARED))))
}

/**
 * `event`: each request is one that the journey answers by a mail. `receipt`: so is each, from a provider; the customer has had
 * an answer before. `life`: with comings and goings.
 */
export const sources = { event: asks, receipt: clicks, life } satisfies Record<string, Source>

export type SourceName = keyof typeof sources
