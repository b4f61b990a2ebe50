import { alwaysValidDifference, type Interval } from '../confidence-sequence'
import { normalQuantile } from '../distributions'

/** So many of so many converted. */
export interface Share {
  readonly converted: number
  readonly of: number
}

export interface Lift {
  /** Of the treated, less that of those held out; null as long as either group has not two. */
  readonly difference: number | null
  /** Of the difference as it was estimated, the square root of the sum of p (1 − p) / (n − 1). */
  readonly standardError: number | null
  /** For one look, at a time chosen before: Newcombe's method 10 (1998), from Wilson's intervals (1927). */
  readonly once: Interval
  /** Holds at every moment at once: looking every day does not spoil it. Wider in return. */
  readonly always: Interval
}

/** What a treatment adds to the share that converts. */
export function lift(treated: Share, heldOut: Share, confidence = 0.95): Lift {
  const estimated = treated.of > 1 && heldOut.of > 1
  return {
    difference: estimated ? rate(treated) - rate(heldOut) : null,
    standardError: estimated ? Math.sqrt(variance(treated) + variance(heldOut)) : null,
    once: newcombe(treated, heldOut, confidence),
    always: alwaysValidDifference(seen(treated), seen(heldOut), confidence),
  }
}

const rate = ({ converted, of }: Share): number => converted / of
const variance = (share: Share): number => (rate(share) * (1 - rate(share))) / (share.of - 1)

/** Wilson's score interval. */
export function wilson(share: Share, confidence = 0.95): Interval {
  if (share.of === 0) return { low: 0, high: 1 }
  const z = normalQuantile(1 - (1 - confidence) / 2)
  const [p, n] = [rate(share), share.of]
  const centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n)
  const half = (z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n)
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

function newcombe(treated: Share, heldOut: Share, confidence: number): Interval {
  if (treated.of === 0 || heldOut.of === 0) return { low: -1, high: 1 }
  const [one, other] = [wilson(treated, confidence), wilson(heldOut, confidence)]
  const [p, q] = [rate(treated), rate(heldOut)]
  return {
    low: p - q - Math.hypot(p - one.low, other.high - q),
    high: p - q + Math.hypot(one.high - p, q - other.low),
  }
}

const seen = ({ converted, of }: Share) => ({ sum: converted, count: of })
