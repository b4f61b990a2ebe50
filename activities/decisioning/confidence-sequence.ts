import { lnBeta, rootOf } from './distributions'

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * An interval for the mean of observations from 0 to 1 that holds at every moment at once with the confidence, however often
 * and whenever one looks: the means p at which the mixture of likelihood ratios, B(1 + s, 1 + f) / (p^s (1 − p)^f), stays below
 * 1 / (1 − confidence), by Ville's inequality (Robbins 1970; for bounded observations by convexity). s: their sum, f: the rest.
 */
export function alwaysValid(sum: number, count: number, confidence: number): Interval {
  if (count === 0) return { low: 0, high: 1 }
  const [s, f] = [sum, count - sum]
  const mixture = lnBeta(1 + s, 1 + f) + Math.log(1 - confidence)
  const excess = (p: number): number => mixture - weighed(s, p) - weighed(f, 1 - p)
  const mean = s / count
  return {
    low: excess(0) <= 0 ? 0 : rootOf((p) => -excess(p), 0, mean),
    high: excess(1) <= 0 ? 1 : rootOf(excess, mean, 1),
  }
}

/** count · ln p, and 0 when there are none. */
const weighed = (count: number, p: number): number => (count === 0 ? 0 : count * Math.log(p))
