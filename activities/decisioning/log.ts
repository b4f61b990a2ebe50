import type { Context } from '../../sdk/decision'
import type { Candidate } from './choosing'
import type { Episode } from './judging/evaluation'
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
    readonly group?: string
    readonly features?: Features
    readonly told?: number
    readonly modelled?: number
  }[]
  readonly context: Context
  readonly reward: number | null
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
  candidates: row.arms.map(({ told, ...arm }) => ({ ...arm, propensity: told })) as [
    Candidate,
    ...Candidate[],
  ],
})
