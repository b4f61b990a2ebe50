import { ApplicationFailure } from '@temporalio/activity'

export interface LoyaltyPoints {
  readonly points: number
  readonly tier: 'bronze' | 'silver' | 'gold'
}

// From the largest down: an order of at least `from` is of this tier and earns so many points a whole unit of money.
const TIERS = [
  { tier: 'gold', from: 250, perUnit: 2 },
  { tier: 'silver', from: 100, perUnit: 1.5 },
  { tier: 'bronze', from: 0, perUnit: 1 },
] as const

/**
 * The points an order earns: a point for every whole unit of money, one and a half from 100 on, two from 250 on; halves are
 * rounded down. Pure arithmetic, so it may be repeated; booking the points would be another activity, with a key of its own.
 */
export async function loyaltyPoints(order: {
  customerId: string
  orderTotal: number
}): Promise<LoyaltyPoints> {
  const found = TIERS.find(({ from }) => order.orderTotal >= from)
  if (!found || !Number.isFinite(order.orderTotal)) {
    throw ApplicationFailure.nonRetryable('orderTotal must be a number of at least 0', 'invalid-order-total')
  }
  return { points: Math.floor(Math.floor(order.orderTotal) * found.perUnit), tier: found.tier }
}
