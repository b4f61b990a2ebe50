import type { Obstacle } from './contact/obstacle'
import type { AnyPolicy, Arm, Context, PassedOver, RewardRule } from './decision'
import type { Lookup } from './lookup'
import type { ToSend } from './touchpoint'

/** What a journey asks to have decided; its arms have passed their predicates. `at` is the enrollment's time in epoch ms. */
export interface DecisionToMake {
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly step: string
  readonly occurrence: number
  readonly at: number
  readonly closesAt: number
  readonly arms: readonly ProposedArm[]
  readonly passedOver: readonly PassedOver[]
  readonly context: Context
  readonly lookup?: Lookup
  readonly policy: AnyPolicy
  readonly shadow?: AnyPolicy
  readonly rewardRule: RewardRule
  readonly otherwise: string
  readonly keep: boolean
}

export interface ProposedArm extends Pick<
  Arm,
  'group' | 'features' | 'propensity' | 'context' | 'value' | 'lever' | 'where'
> {
  readonly arm: string
  readonly sends?: ToSend
}

export interface DecisionMade {
  readonly arm: string
  readonly propensity: number
  readonly decision: string
}

/** The same question without the arms in whose way something stands. */
export function without(
  asked: DecisionToMake,
  obstacleOf: (arm: ProposedArm) => Obstacle | undefined,
): DecisionToMake {
  const judged = asked.arms.map((arm) => ({ arm, obstacle: obstacleOf(arm) }))
  const withheld = judged.flatMap(({ arm: { arm }, obstacle }): PassedOver[] =>
    obstacle ? [{ arm, because: 'withheld', rule: obstacle.rule, said: obstacle.because }] : [],
  )
  return {
    ...asked,
    arms: judged.filter(({ obstacle }) => !obstacle).map(({ arm }) => arm),
    passedOver: [...asked.passedOver, ...withheld],
  }
}
