import { randomUUID } from 'node:crypto'
import { receiptEvents, type IncomingEvent, type ReceiptFact } from '../../sdk'
import { countryOf } from '../../sdk/contact'
import type { NewConsent } from '../../store/store'
import type { Api } from '../deps'
import type { Standing } from './choices'
import type { Reader } from './reader'

export async function standingOf({ customer }: Reader, { store }: Api): Promise<Standing> {
  const [words, { limits }] = await Promise.all([store.consents.current(customer.id), store.limits.current()])
  return { words, limits, country: countryOf(customer.traits) }
}

type Word = Omit<NewConsent, 'customerId' | 'source' | 'proof'>

/** Keeps that the reader wants no more of this, and tells the journey that sent it, both or neither. */
export async function withdraw(
  reader: Reader,
  words: readonly Word[],
  source: string,
  { store }: Api,
): Promise<void> {
  if (words.length > 0)
    await store.consents.recordWith(unsubscribed(reader, source), said(reader, words, source))
}

function unsubscribed({ customer, touchpoint }: Reader, source: string): IncomingEvent {
  const { id, ref, enrollmentId: enrollment, entry, journey, step, channel, message } = touchpoint
  const receipt = `${source}:${ref}:${randomUUID()}`
  const where = { touchpoint: id, enrollment, entry, journey, step, channel, message }
  const fact: ReceiptFact = { kind: 'unsubscribed', receipt, ...where, provider: 'sojourn', kept: true }
  return {
    messageId: `receipt:${receipt}`,
    kind: 'receipt',
    customerId: customer.id,
    name: receiptEvents.unsubscribed,
    properties: { ...fact },
    occurredAt: Date.now() + customer.clockOffsetMs,
  }
}

/** Keeps what the reader said on a page of ours, all or nothing. */
export const keep = (reader: Reader, words: readonly Word[], source: string, { store }: Api): Promise<void> =>
  store.consents.record(said(reader, words, source))

const said = ({ customer, touchpoint }: Reader, words: readonly Word[], source: string): NewConsent[] =>
  words.map((word) => ({ ...word, customerId: customer.id, source, proof: { touchpoint: touchpoint.ref } }))
