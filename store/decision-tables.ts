import type { Generated } from 'kysely'
import type { AnyPolicy, Context, DecisionSettings, PassedOver, RewardRule } from '../sdk/decision'
import type { LookupUse } from '../sdk/lookup'
import type { ModelUse } from '../sdk/model'
import type { Shadow } from '../sdk/shadowed'
import type { DecisionRow, OfferedArm } from './deciding'
import type { Json } from './schema'

export interface DecisionsTable {
  id: string
  enrollment_id: string
  entry: number
  journey: string
  step: string
  customer_id: string
  arm: string
  how: DecisionRow['how']
  propensity: number
  policy: Json<AnyPolicy>
  version: string
  learned: number
  settings: number
  context: Json<Context>
  arms: Json<readonly OfferedArm[]>
  passed_over: Json<readonly PassedOver[]>
  reward_rule: Json<RewardRule>
  at: number
  closes_at: number
  recorded_at: Generated<number>
  state: Generated<DecisionRow['state']>
  /** The order in which policies learn. */
  position: number | null
  reward: number | null
  rewarded_at: number | null
  rewarded_by: string | null
  model: Json<ModelUse> | null
  lookup: Json<LookupUse> | null
  shadow: Json<Shadow> | null
}

/** How many decisions of a step have a position. */
export interface LearnersTable {
  journey: string
  step: string
  settled: number
}

export interface LearnedSnapshotsTable {
  journey: string
  step: string
  version: string
  position: number
  learned: Json<unknown>
}

export interface DecisionSettingsTable {
  revision: Generated<number>
  journey: string
  step: string
  document: Json<DecisionSettings>
  key: string
  by: string | null
  because: string
  at: Generated<number>
}
