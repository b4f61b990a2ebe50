import { fraction } from '../hash'
import { allows, withholds, type Rule } from './contact'

/** Whether a customer is among those kept out of all marketing; stable for a share that only grows. */
export const isHeldOut = (customerId: string, share: number): boolean =>
  fraction('global-holdout', customerId) < share

/** Customers kept out of all marketing, to measure what all of it does. */
export const globalHoldout: Rule = {
  name: 'global holdout',
  rule({ customerId, limits: { holdout }, proposal: { category } }) {
    if (category === 'transactional') return allows('it does not concern transactional messages')
    const share = `${Math.round(holdout * 10_000) / 100} % of customers are kept out of marketing`
    return isHeldOut(customerId, holdout)
      ? withholds('holdout', `${share}, this one too`)
      : allows(`${share}, not this one`)
  },
}
