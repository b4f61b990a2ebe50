import { lnBeta, rootOf } from './distributions'

// As names of this module they are found at once, in whatever realm this runs.
const { log, max, min } = Math

export interface Interval {
  readonly low: number
  readonly high: number
}

/** So many observations from 0 to 1, and their sum. */
export interface Seen {
  readonly sum: number
  readonly count: number
}

/**
 * An interval for the mean of observations from 0 to 1 that holds at every moment at once with the confidence, however often
 * and whenever one looks: the means against which there is less evidence than 1 / (1 − confidence), by Ville's inequality
 * (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021).
 */
export function alwaysValid({ sum, count }: Seen, confidence: number): Interval {
  if (count === 0) return { low: 0, high: 1 }
  const enough = -log(1 - confidence)
  const evidence = evidenceAgainst({ sum, count })
  const mean = sum / count
  return {
    low: evidence(0) <= enough ? 0 : rootOf((p) => enough - evidence(p), 0, mean),
    high: evidence(1) <= enough ? 1 : rootOf((p) => evidence(p) - enough, mean, 1),
  }
}

/**
 * The same for the difference of the means of two groups that come in beside each other: a difference stays in the interval as
 * long as there are two means so far apart against which the evidence of both groups, multiplied, is less (Turner and Grünwald
 * 2023). Narrower than what intervals for each group leave open.
 */
export function alwaysValidDifference(one: Seen, other: Seen, confidence: number): Interval {
  const enough = -log(1 - confidence)
  const evidence = leastEvidence(one, other)
  const seen = meanOf(one) - meanOf(other)
  const lower = (difference: number): number => enough - evidence(difference)
  return {
    low: lower(-1) >= 0 ? -1 : rootOf(lower, -1, seen, NEAR),
    high: lower(1) >= 0 ? 1 : rootOf((difference) => -lower(difference), seen, 1, NEAR),
  }
}

/** So many halvings lead within 1e-9. */
const NEAR = 30

const meanOf = ({ sum, count }: Seen): number => (count === 0 ? 0.5 : sum / count)

/** Against the two means, so far apart, that agree best with what both groups showed; it is convex in the lower one. */
function leastEvidence(one: Seen, other: Seen): (difference: number) => number {
  const [againstOne, againstOther] = [evidenceAgainst(one), evidenceAgainst(other)]
  return (difference) => {
    const slope = (p: number): number => slopeAt(one, p + difference) + slopeAt(other, p)
    const best = rootOf(slope, max(0, -difference), min(1, 1 - difference), NEAR)
    return againstOne(within01(best + difference)) + againstOther(best)
  }
}

const within01 = (p: number): number => min(1, max(0, p))

/**
 * The logarithm of what a gambler has made of 1 who bet against the mean p with a uniform mixture of likelihood ratios,
 * B(1 + s, 1 + f) / (p^s (1 − p)^f); s: the sum, f: the rest. For observations between 0 and 1 it is less by convexity.
 */
function evidenceAgainst({ sum, count }: Seen): (p: number) => number {
  const mixture = lnBeta(1 + sum, 1 + count - sum)
  return (p) => mixture - weighed(sum, p) - weighed(count - sum, 1 - p)
}

/** count · ln p, and 0 when there are none. */
const weighed = (count: number, p: number): number => (count === 0 ? 0 : count * log(p))

/** Of the evidence, by p. */
const slopeAt = ({ sum, count }: Seen, p: number): number =>
  ratio(count - sum, 1 - within01(p)) - ratio(sum, within01(p))

const ratio = (count: number, p: number): number => (count === 0 ? 0 : count / p)
