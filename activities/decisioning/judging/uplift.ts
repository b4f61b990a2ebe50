import { seeded } from '../random'
import { quantile, type Estimate } from './ratio'

/** A customer whom an uplift model has scored, in a trial. */
export interface Scored {
  readonly score: number
  readonly treated: boolean
  /** 0 to 1. */
  readonly reward: number
  /** 1 / the chance of the group it is in, where those chances differ between customers; default 1. */
  readonly weight?: number
}

interface Point {
  /** Of the customers, the best-scored first. */
  readonly share: number
  /** The reward gained by treating just them. */
  readonly gain: number
}

export interface UpliftCurve {
  /** From (0, 0). */
  readonly points: readonly Point[]
  /** The area under the curve, in gained reward: Σ of the trapezoids over shares from 0 to 1. */
  readonly auuc: number
  /** The area between the curve and the straight line to its end, which treating by lot gives. */
  readonly qini: number
}

/**
 * Radcliffe's Qini curve (2007): rewards of the treated among the best-scored, less those of the others scaled to as many,
 * R_t − R_c · N_t / N_c; with weights, all four are sums of weights. Equal scores go together, so that the order of the rows
 * does not matter.
 */
export function upliftCurve(customers: readonly Scored[]): UpliftCurve {
  const points = curve(ordered(customers), () => 1)
  return { points, ...areasOf(points) }
}

const RESAMPLES = 200

/** The Qini coefficient with its 95 % percentile interval from 200 resamples of the customers (Efron 1979). */
export function qiniOf(customers: readonly Scored[], seed = 'qini'): Estimate {
  const random = seeded(seed)
  const sorted = ordered(customers)
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const times = new Uint32Array(sorted.length)
    for (let draw = 0; draw < sorted.length; draw++) times[random.below(sorted.length)]! += 1
    return areasOf(curve(sorted, (at) => times[at]!)).qini
  })
  const { qini: value } = areasOf(curve(sorted, () => 1))
  return { value, low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) }
}

const ordered = (customers: readonly Scored[]): Scored[] =>
  [...customers].sort((one, other) => other.score - one.score)

/** `timesOf`: how often the customer at this place counts. */
function curve(sorted: readonly Scored[], timesOf: (at: number) => number): Point[] {
  const seen = { treated: 0, rewardTreated: 0, others: 0, rewardOthers: 0 }
  const points: { at: number; gain: number }[] = [{ at: 0, gain: 0 }]
  for (const [at, { score, treated, reward, weight = 1 }] of sorted.entries()) {
    const counts = weight * timesOf(at)
    seen[treated ? 'treated' : 'others'] += counts
    seen[treated ? 'rewardTreated' : 'rewardOthers'] += counts * reward
    if (sorted[at + 1]?.score === score) continue
    const baseline = seen.others > 0 ? (seen.rewardOthers * seen.treated) / seen.others : 0
    points.push({ at: seen.treated + seen.others, gain: seen.rewardTreated - baseline })
  }
  const all = seen.treated + seen.others
  return points.map(({ at, gain }) => ({ share: all > 0 ? at / all : 0, gain }))
}

function areasOf(points: readonly Point[]): { auuc: number; qini: number } {
  let auuc = 0
  for (let at = 1; at < points.length; at++) {
    const [before, here] = [points[at - 1]!, points[at]!]
    auuc += (here.share - before.share) * ((here.gain + before.gain) / 2)
  }
  return { auuc, qini: auuc - points.at(-1)!.gain / 2 }
}
