import { durationMs } from '../time/duration'
import { freeAgainAt, type Tally } from './caps'
import type { Contact } from './contact'
import { concerns } from './limits'

/** How far back it is seen what the customer's journeys want, ms. */
export const WANTED_FOR_MS = 28 * 86_400_000

/** What a place under a cap is likely to bring if it is not taken now. */
export interface Price {
  /** In the unit of priorities. */
  readonly worth: number
  /** How many that are worth more came lately. */
  readonly came: number
}

/**
 * Littlewood's rule (1972): a place is worth the chance that so many better ones come while it would be taken, times what they
 * are worth on the mean; they are expected to come as they came lately. One that comes at the end of that time can wait for
 * the place, so the time is shorter by how long a touchpoint is held.
 * Nothing is kept from the only journey that could use the place, nor from one that did not reach the customer lately.
 */
export function priceOf(tally: Tally, places: number, contact: Contact): Price | undefined {
  const { proposal, wanted, limits, otherEnrollments } = contact
  const reached = wanted.some(({ journey, went }) => went && journey === proposal.journey)
  if (otherEnrollments === 0 || !reached) return undefined
  const better = wanted.filter((each) => each.priority > proposal.priority && concerns(tally.cap, each))
  if (better.length === 0) return undefined
  const takenFor = freeAgainAt(tally, contact) - proposal.at - durationMs(limits.holdFor)
  const expected = (better.length * Math.max(0, takenFor)) / WANTED_FOR_MS
  const mean = better.reduce((sum, { priority }) => sum + priority, 0) / better.length
  return { worth: chanceOf(places, expected) * mean, came: better.length }
}

/** The chance that at least so many come where so many are expected (Poisson). */
function chanceOf(atLeast: number, expected: number): number {
  let chance = 1
  let ofSoMany = Math.exp(-expected)
  for (let count = 0; count < atLeast; count++) {
    chance -= ofSoMany
    ofSoMany *= expected / (count + 1)
  }
  return Math.max(0, chance)
}
