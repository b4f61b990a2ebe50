import type { Context, Policy } from '../../sdk/decision'
import { pick } from '../../sdk/hash'
import {
  bestOf,
  chancesOfBest,
  chancesOfBestJointly,
  normalBelief,
  scaled,
  type Belief,
} from './best-chances'
import { chanceBelief, meanReward, valueBelief, type Candidate } from './estimates'
import type { Learner } from './learner'
import { seeded } from './random'
import { bestShare, floored, mostlyBest, shares } from './shares'

export type { Candidate } from './estimates'

export interface Asked {
  readonly candidates: readonly [Candidate, ...Candidate[]]
  readonly context: Context
  /** Two decisions with the same seed and knowledge choose the same. */
  readonly seed: string
}

/** A candidate with the chance it is given, and its priority: what it is expected to bring. */
export interface Rated {
  readonly arm: string
  readonly propensity: number
  readonly score: number
}

export interface Chosen extends Rated {
  readonly rated: readonly Rated[]
}

/** Chooses with the very chances it tells, so that they are the chances really used. */
export const choose = (learner: Learner, asked: Asked): Chosen => draw(rate(learner, asked), asked.seed)

/** One of them, with the chances they have been given. */
export function draw(rated: readonly Rated[], seed: string): Chosen {
  const shares = Object.fromEntries(rated.map(({ arm, propensity }) => [arm, propensity]))
  const arm = pick(shares, seeded(`draw ${seed}`).uniform())
  return { ...rated.find((each) => each.arm === arm)!, rated }
}

/** The chance of every candidate; they sum to 1. */
export function rate(learner: Learner, asked: Asked): readonly Rated[] {
  const { candidates } = asked
  const { chances, scores } = chancesOf(learner, asked)
  return candidates.map(({ arm }, at) => ({ arm, propensity: chances[at]!, score: scores[at]! }))
}

interface Chances {
  readonly chances: readonly number[]
  readonly scores: readonly number[]
}

type Rate<Is extends Policy['is']> = (
  learner: Learner,
  asked: Asked,
  policy: Extract<Policy, { is: Is }>,
) => Chances

function chancesOf(learner: Learner, asked: Asked): Chances {
  const { policy } = learner
  const rated = (rates[policy.is] as Rate<Policy['is']>)(learner, asked, policy)
  if (policy.is === 'fixed') return rated
  const won = wonBy(learner, asked.candidates)
  return { ...rated, chances: won ?? floored(rated.chances) }
}

const rates: { readonly [Is in Policy['is']]: Rate<Is> } = {
  fixed: (learner, { candidates }, { weights }) => ({
    chances: shares(candidates.map(({ arm }) => (weights ? weightOf(weights[arm]) : 1))),
    scores: candidates.map((each) => priority(each, meanReward(learner, each, candidates))),
  }),

  'epsilon-greedy'(learner, { candidates }, { epsilon }) {
    const scores = candidates.map((each) => priority(each, meanReward(learner, each, candidates)))
    return { scores, chances: mostlyBest(scores, epsilon) }
  },

  thompson(learner, { candidates, seed }, { rewards = 'shares' }) {
    const believed = rewards === 'shares' ? chanceBelief : valueBelief
    return byBelief(candidates, (each) => believed(learner, each, candidates), seed)
  },

  'lin-ucb'(learner, { candidates, context }, { alpha = 1 }) {
    const scores = candidates.map((each) => {
      const { model, features } = learner.modelOf(each.arm, each.features, context)
      const upper =
        model.mean(features) + alpha * Math.sqrt(Math.max(model.covariance(features, features), 0))
      return priority(each, upper)
    })
    return { scores, chances: bestShare(scores) }
  },

  'lin-thompson': (learner, asked, { spread = 0.25, model }) =>
    model === 'shared' ? bySharedModel(learner, asked, spread) : byArmModels(learner, asked, spread),
}

/** More, and a sum of such would be beyond all numbers. */
const MOST_WEIGHT = 1e12

/** Contradictory and missing weights count as none. */
const weightOf = (weight: number | undefined): number =>
  weight !== undefined && Number.isFinite(weight) ? Math.min(Math.max(weight, 0), MOST_WEIGHT) : 0

/** Propensity x context x value x lever. */
const priority = ({ propensity, worth }: Candidate, estimated: number): number =>
  (propensity ?? estimated) * worth

function byArmModels(learner: Learner, { candidates, context, seed }: Asked, spread: number): Chances {
  const believed = ({ arm, features: own }: Candidate): Belief => {
    const { model, features } = learner.modelOf(arm, own, context)
    return normalBelief(
      model.mean(features),
      spread * Math.sqrt(Math.max(model.covariance(features, features), 0)),
    )
  }
  return byBelief(candidates, believed, seed)
}

/** Those worth nothing cannot be the best, unless all are. */
function byBelief(
  candidates: readonly Candidate[],
  believed: (candidate: Candidate) => Belief,
  seed: string,
): Chances {
  const beliefs = candidates.map((each) =>
    each.propensity === undefined ? believed(each) : normalBelief(each.propensity, 0),
  )
  const worthy = candidates.flatMap(({ worth }, at) => (worth > 0 ? [at] : []))
  const best = chancesOfBest(
    worthy.map((at) => scaled(beliefs[at]!, candidates[at]!.worth)),
    seed,
  )
  const scores = candidates.map((each, at) => priority(each, beliefs[at]!.mean))
  return { scores, chances: placed(best, worthy, candidates.length) }
}

/** Here what is believed of one arm depends on what is of another. */
function bySharedModel(learner: Learner, { candidates, context, seed }: Asked, spread: number): Chances {
  const seen = candidates.map(({ arm, features: own }) => learner.modelOf(arm, own, context))
  const scores = candidates.map((each, at) => priority(each, seen[at]!.model.mean(seen[at]!.features)))
  const factors = candidates.map(({ propensity, worth }) => (propensity === undefined ? worth * spread : 0))
  const covariance = seen.map(({ model, features }, at) =>
    seen.map((other, to) => factors[at]! * factors[to]! * model.covariance(features, other.features)),
  )
  return { scores, chances: chancesOfBestJointly(scores, covariance, seed) }
}

const placed = (chances: readonly number[], places: readonly number[], length: number): number[] =>
  Array.from({ length }, (_, at) => {
    if (places.length === 0) return 1 / length
    return places.includes(at) ? chances[places.indexOf(at)]! : 0
  })

/**
 * After a win there is nothing left to explore: of the arms that may be chosen all were tried enough, and the least that one may
 * be worth is more than the most of every other. Whatever was tried besides and may not be chosen has no part in it.
 */
function wonBy(learner: Learner, candidates: readonly Candidate[]): number[] | undefined {
  const bounds = candidates.map(({ arm, worth, propensity }) => {
    const learned = propensity === undefined ? learner.boundsOf(arm) : undefined
    return learned && { low: learned.low * worth, high: learned.high * worth }
  })
  if (!bounds.every((each) => each !== undefined)) return undefined
  const best = bestOf(bounds.map(({ low }) => low))
  const isClear = bounds.every(({ high }, at) => at === best || high < bounds[best]!.low)
  return isClear ? candidates.map((_, at) => Number(at === best)) : undefined
}
