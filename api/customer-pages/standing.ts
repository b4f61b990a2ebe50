import { countryOf } from '../../sdk/contact'
import type { NewConsent } from '../../store/store'
import type { Api } from '../deps'
import type { Standing } from './choices'
import type { Reader } from './reader'

export async function standingOf({ customer }: Reader, { store }: Api): Promise<Standing> {
  const [words, { limits }] = await Promise.all([store.consents.current(customer.id), store.limits.current()])
  return { words, limits, country: countryOf(customer.traits) }
}

/** Keeps what the reader said on a page of ours, all or nothing. */
export async function keep(
  { customer, touchpoint }: Reader,
  words: readonly Omit<NewConsent, 'customerId' | 'source' | 'proof'>[],
  source: string,
  { store }: Api,
): Promise<void> {
  const proof = { touchpoint: touchpoint.ref }
  await store.consents.record(words.map((word) => ({ ...word, customerId: customer.id, source, proof })))
}
