import type { Policy } from '../../../sdk/decision'
import { rate, type Asked, type Candidate, type Rated } from '../choosing'
import { Learner, type Settled } from '../learner'
import { isModelled, rateByScores, type Modelled } from '../scores'
import { expectations } from './expectations'
import { effectiveSize, estimators, type Estimator, type Logged } from './estimators'
import { bootstrapped, mean, type Estimate } from './ratio'
import { warningsOn } from './warnings'

/** A settled decision with all that it chose from. */
export interface Episode extends Settled {
  readonly propensity: number
  readonly candidates: readonly [Candidate, ...Candidate[]]
  /** What a policy in the shadow of the one that chose would have done. */
  readonly shadow?: { readonly version: string; readonly rated: readonly Rated[] }
}

export interface Evaluation {
  /** Decisions it rests on: those after the ones that the policy learned from. */
  readonly decisions: number
  /** What the decisions of the log brought on average, as it was. */
  readonly logged: Estimate
  readonly estimates: Readonly<Record<Estimator, Estimate>>
  readonly effectiveSize: number
  /** Why the data can't say, in plain words; empty when nothing speaks against it. */
  readonly warnings: readonly string[]
}

/** A policy that goes by what models said when the decisions were made; so it is judged by the scores there really were. */
export interface ByScores {
  readonly is: 'model'
  readonly epsilon?: number
}

/** What ran in the shadow of the policy that chose: it is judged by the chances that it gave when the decisions were made. */
export interface InShadow {
  readonly is: 'shadow'
}

export type Judged = Policy | ByScores | InShadow

/**
 * What a policy would have brought, from the log of another: it learns from the first half, and is judged, without learning
 * further, by the second. One that has nothing to learn any more, fixed, by a model or in the shadow, is judged by all.
 */
export function evaluate(policy: Judged, episodes: readonly Episode[]): Evaluation {
  if (policy.is === 'shadow') return byShadow(episodes)
  return policy.is === 'model' ? byScores(policy, episodes) : byLearning(policy, episodes)
}

/** By the newest one: after a change of the policy, what the one before it would have done says nothing of it. */
function byShadow(episodes: readonly Episode[]): Evaluation {
  const newest = episodes.findLast(({ shadow }) => shadow)?.shadow!.version
  const judged = episodes.filter(({ shadow }) => shadow && shadow.version === newest)
  return judgedBut(judged, episodes, 'no word of the newest policy in the shadow', ({ candidates, shadow }) =>
    candidates.map(({ arm }) => shadow!.rated.find((each) => each.arm === arm)!),
  )
}

function byScores({ epsilon }: ByScores, episodes: readonly Episode[]): Evaluation {
  const judged = episodes.filter(({ candidates }) => candidates.every(isModelled))
  return judgedBut(judged, episodes, 'no scores of a model', ({ candidates }) =>
    rateByScores(candidates as readonly Modelled[], epsilon),
  )
}

/** By some of them, saying how many are missing, and what of them. */
function judgedBut(
  judged: readonly Episode[],
  episodes: readonly Episode[],
  what: string,
  rating: Rating,
): Evaluation {
  const found = judgedBy(judged, rating)
  const without = episodes.length - judged.length
  const missing = `${without} of ${episodes.length} decisions have ${what} and are left out.`
  return without > 0 ? { ...found, warnings: [...found.warnings, missing] } : found
}

function byLearning(policy: Policy, episodes: readonly Episode[]): Evaluation {
  const half = policy.is === 'fixed' ? 0 : Math.floor(episodes.length / 2)
  const learner = new Learner(policy)
  for (const episode of episodes.slice(0, half)) learner.learn(episode)
  return judgedBy(episodes.slice(half), (asked) => rate(learner, asked))
}

type Rating = (asked: Asked & Episode) => readonly Rated[]

function judgedBy(episodes: readonly Episode[], rating: Rating): Evaluation {
  const expect = expectations(episodes)
  return judgment(episodes.map((episode) => loggedAs(rating, episode, expect(episode))))
}

/** The estimates from a log whose chances are known already. */
export function judgment(log: readonly Logged[]): Evaluation {
  const values = Object.entries(estimators).map(([name, ratio]) => [name, bootstrapped(ratio, log)])
  return {
    decisions: log.length,
    logged: bootstrapped(
      mean(({ reward }: Logged) => reward),
      log,
    ),
    estimates: Object.fromEntries(values) as Evaluation['estimates'],
    effectiveSize: effectiveSize(log),
    warnings: warningsOn(log),
  }
}

function loggedAs(rating: Rating, episode: Episode, expected: readonly number[]): Logged {
  const { arm, candidates, reward, propensity, position } = episode
  const rated = rating({ ...episode, seed: `judged ${position}` })
  const at = candidates.findIndex((each) => each.arm === arm)
  return {
    reward,
    propensity,
    chance: rated[at]!.propensity,
    expected: expected[at]!,
    expectedOfPolicy: rated.reduce((sum, { propensity: chance }, to) => sum + chance * expected[to]!, 0),
  }
}
