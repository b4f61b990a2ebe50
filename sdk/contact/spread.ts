import { fraction } from '../hash'
import { durationMs } from '../time/duration'
import type { Contact } from './contact'

/**
 * How much later than everybody's moment this customer's comes, and less than `within`, ms. By customer, so that all of one
 * wake together and compete.
 */
export const spreadMs = (
  { customerId, limits }: Pick<Contact, 'customerId' | 'limits'>,
  within = Infinity,
): number => Math.floor(fraction('spread', customerId) * Math.min(durationMs(limits.spreadOver), within))
