/** A customer whom an uplift model has scored, in a trial. */
export interface Scored {
  readonly score: number
  readonly treated: boolean
  /** 0 to 1. */
  readonly reward: number
}

export interface UpliftCurve {
  /** After the best-scored share of the customers: the reward gained by treating just them. From (0, 0). */
  readonly points: readonly { readonly share: number; readonly gain: number }[]
  /** The area under the curve, in gained reward: Σ of the trapezoids over shares from 0 to 1. */
  readonly auuc: number
  /** The area between the curve and the straight line to its end, which treating by lot gives. */
  readonly qini: number
}

/**
 * Radcliffe's Qini curve (2007): rewards of the treated among the best-scored, less those of the others scaled to as many,
 * R_t − R_c · N_t / N_c. Equal scores go together, so that the order of the rows does not matter.
 */
export function upliftCurve(customers: readonly Scored[]): UpliftCurve {
  const ordered = [...customers].sort((one, other) => other.score - one.score)
  const seen = { treated: 0, rewardTreated: 0, others: 0, rewardOthers: 0 }
  const points = [{ share: 0, gain: 0 }]
  for (const [at, { score, treated, reward }] of ordered.entries()) {
    seen[treated ? 'treated' : 'others'] += 1
    seen[treated ? 'rewardTreated' : 'rewardOthers'] += reward
    if (ordered[at + 1]?.score === score) continue
    const baseline = seen.others > 0 ? (seen.rewardOthers * seen.treated) / seen.others : 0
    points.push({ share: (at + 1) / ordered.length, gain: seen.rewardTreated - baseline })
  }
  const auuc = area(points)
  return { points, auuc, qini: auuc - points.at(-1)!.gain / 2 }
}

function area(points: UpliftCurve['points']): number {
  let sum = 0
  for (let at = 1; at < points.length; at++) {
    const [before, here] = [points[at - 1]!, points[at]!]
    sum += (here.share - before.share) * ((here.gain + before.gain) / 2)
  }
  return sum
}
