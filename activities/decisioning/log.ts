import type { Context } from '../../sdk/decision'
import type { Shadow } from '../../sdk/shadowed'
import type { Candidate } from './choosing'
import type { Episode } from './judging/evaluation'
import type { Scored } from './judging/uplift'
import type { Settled } from './learner'
import type { Features } from './ridge'

/** A settled decision as the log has it. */
export interface LoggedDecision {
  readonly position: number | null
  readonly arm: string
  readonly propensity: number
  readonly arms: readonly {
    readonly arm: string
    readonly worth: number
    readonly score: number
    readonly group?: string
    readonly features?: Features
    readonly told?: number
    readonly modelled?: number
    readonly baseline?: true
  }[]
  readonly context: Context
  readonly reward: number | null
  readonly shadow?: Shadow
}

/** As policies learn it: without a reward in time it is 0. */
export const settledOf = ({ position, arm, arms, context, reward }: LoggedDecision): Settled => ({
  position: position!,
  arm,
  features: arms.find((each) => each.arm === arm)?.features,
  context,
  reward: reward ?? 0,
})

export const episodeOf = (row: LoggedDecision): Episode => ({
  ...settledOf(row),
  propensity: row.propensity,
  shadow: row.shadow?.is === 'chose' ? { version: row.shadow.version, rated: row.shadow.arms } : undefined,
  candidates: row.arms.map(({ score: _, told, ...candidate }) => ({
    ...candidate,
    propensity: told,
  })) as [Candidate, ...Candidate[]],
})

/**
 * A decision between two arms as a trial of one against the other: scored by what the policy, or a model, then expected the one
 * to bring more, before its value; undefined where not both could be chosen, or another was.
 */
export function trialOf(row: LoggedDecision, arm: string, against: string): Scored | undefined {
  const [one, other] = [arm, against].map((name) => row.arms.find((each) => each.arm === name))
  if (!one || !other || ![arm, against].includes(row.arm)) return undefined
  const score = expectedOf(one) - expectedOf(other)
  if (!Number.isFinite(score)) return undefined
  return { score, treated: row.arm === arm, reward: row.reward ?? 0, weight: 1 / row.propensity }
}

/** Of an arm that is worth nothing only a model said it. */
const expectedOf = ({ modelled, score, worth }: LoggedDecision['arms'][number]): number =>
  modelled ?? score / worth
