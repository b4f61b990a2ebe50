import { betaBelief, normalBelief, type Belief } from './best-chances'
import { noTally, type Learner, type Tally } from './learner'

/** An arm that may be chosen, and what one success of it is worth. */
export interface Candidate {
  readonly arm: string
  readonly group?: string
  readonly features?: Readonly<Record<string, number>>
  /** The chance that it works, where the journey says it. */
  readonly propensity?: number
  /** What a model of the user's says of it. */
  readonly modelled?: number
  /** Effects that a model says are against this arm. */
  readonly baseline?: true
  /** Context x value x lever; 0 or above. */
  readonly worth: number
}

/** What the other candidates of the arm's group have brought, together. */
function kin(learner: Learner, { arm, group }: Candidate, all: readonly Candidate[]): Tally {
  const others = all.filter((other) => other.arm !== arm && group !== undefined && other.group === group)
  return others.map((other) => learner.tally(other.arm)).reduce(together, noTally)
}

const together = (one: Tally, other: Tally): Tally => ({
  count: one.count + other.count,
  sum: one.sum + other.sum,
  squares: one.squares + other.squares,
})

/** The mean reward; of an arm that nobody knows, that of its group, and else 0. */
export function meanReward(learner: Learner, candidate: Candidate, all: readonly Candidate[]): number {
  const own = learner.tally(candidate.arm)
  const { count, sum } = own.count > 0 ? own : kin(learner, candidate, all)
  return count > 0 ? sum / count : 0
}

/** How many observations of its own the group's are worth to an arm at most. */
const KIN_COUNTS = 20

/** The posterior of a chance, Beta(1, 1) at first, or as the group suggests. Rewards count as shares of a success. */
export function chanceBelief(learner: Learner, candidate: Candidate, all: readonly Candidate[]): Belief {
  const like = kin(learner, candidate, all)
  const mean = (1 + share(like)) / (2 + like.count)
  const strength = Math.min(2 + like.count, KIN_COUNTS)
  const own = learner.tally(candidate.arm)
  return betaBelief(strength * mean + share(own), strength * (1 - mean) + own.count - share(own))
}

/** Rewards of 0 to 1 in sum; whatever else came in is taken as the nearest. */
const share = ({ sum, count }: Tally): number => Math.min(Math.max(sum, 0), count)

/** The posterior of a mean of values: normal, with the variance that all arms show together. */
export function valueBelief(learner: Learner, candidate: Candidate, all: readonly Candidate[]): Belief {
  const like = kin(learner, candidate, all)
  const strength = Math.min(1 + like.count, KIN_COUNTS)
  const own = learner.tally(candidate.arm)
  const before = like.count > 0 ? like.sum / like.count : 0
  const mean = (strength * before + own.sum) / (strength + own.count)
  const tallies = all.map(({ arm }) => learner.tally(arm))
  return normalBelief(mean, Math.sqrt(spread(tallies) / (strength + own.count)))
}

/** The variance within the arms, and 1 as if one observation had shown that. */
function spread(tallies: readonly Tally[]): number {
  const seen = tallies.filter(({ count }) => count > 0)
  const within = seen.reduce((sum, { count, sum: total, squares }) => sum + squares - total ** 2 / count, 0)
  const count = seen.reduce((sum, tally) => sum + tally.count, 0)
  return (Math.max(within, 0) + 1) / (count + 1)
}
