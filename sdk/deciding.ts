import type { AnyPolicy, Arm, Context, PassedOverBecause, RewardRule } from './decision'
import type { Lookup } from './lookup'

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
  readonly passedOver: readonly { readonly arm: string; readonly because: PassedOverBecause }[]
  readonly context: Context
  readonly lookup?: Lookup
  readonly policy: AnyPolicy
  readonly rewardRule: RewardRule
  readonly otherwise: string
  readonly keep: boolean
}

export interface ProposedArm extends Pick<
  Arm,
  'group' | 'features' | 'propensity' | 'context' | 'value' | 'lever' | 'where'
> {
  readonly arm: string
}

export interface DecisionMade {
  readonly arm: string
  readonly propensity: number
  readonly decision: string
}
