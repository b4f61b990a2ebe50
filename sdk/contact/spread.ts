import { fraction } from '../hash'
import { durationMs } from '../time/duration'
import type { Contact } from './contact'

/** How much later than everybody's moment this customer's comes. By customer, so that all of one wake together and compete. */
export const spreadMs = ({ customerId, limits }: Pick<Contact, 'customerId' | 'limits'>): number =>
  Math.floor(fraction('spread', customerId) * durationMs(limits.spreadOver))
