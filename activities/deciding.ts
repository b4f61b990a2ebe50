import type { DecisionMade, DecisionToMake, ProposedArm } from '../sdk/deciding'
import type { AnyPolicy, DecisionSettings } from '../sdk/decision'
import { touchpointId } from '../sdk/ids'
import type { DecisionPlace, NewDecision, OfferedArm, Outlook, SettingsRevision, Store } from '../store/store'
import type { Candidate } from './decisioning/choosing'
import { known } from './decisioning/features'
import { drawn, versionOf, type Drawing, type Drawn } from './drawing'
import { Learners } from './learners'
import type { Models } from './models'

/** Decides at most once for each occurrence of a step: what was decided before is told again. */
export function deciding(
  { decisions }: Store,
  models: Models,
): (asked: DecisionToMake) => Promise<DecisionMade> {
  const learners = new Learners(decisions)
  const draw: Draw = (drawing) => drawn(drawing, learners, models)
  return async (asked) => {
    const id = touchpointId(asked.enrollmentId, asked.entry, asked.step, asked.occurrence)
    const place = { journey: asked.journey, step: asked.step }
    const outlook = await decisions.look(id, asked.customerId, place)
    const made = outlook.made ?? (await decisions.make(await decided(id, place, asked, outlook, draw)))
    return { arm: made.arm, propensity: made.propensity, decision: made.id }
  }
}

type Draw = (drawing: Drawing) => Promise<Drawn>

async function decided(
  id: string,
  place: DecisionPlace,
  asked: DecisionToMake,
  outlook: Outlook,
  draw: Draw,
): Promise<NewDecision> {
  const { settings } = outlook.settings
  const policy = policyOf(asked.policy, settings)
  const offered = asked.arms.filter(({ arm }) => !settings.off.includes(arm))
  const candidates = offered.map((arm) => candidateOf(arm, settings))
  const context = known(asked.context)
  const record = { ...recordOf(id, asked, outlook.settings), policy, version: versionOf(policy), context }
  if (settings.stopped || !isSome(candidates))
    return { ...record, ...certain(asked.otherwise), how: 'otherwise' }
  const kept = asked.keep ? offered.find(({ arm }) => arm === outlook.lastArm) : undefined
  if (kept) return { ...record, ...certain(kept.arm), how: 'kept' }
  const { customerId } = asked
  const { modelOff = false } = settings
  const drawing = { id, place, customerId, policy, context, candidates, settled: outlook.settled, modelOff }
  return { ...record, how: 'policy', ...(await draw(drawing)) }
}

const certain = (arm: string) => ({ arm, propensity: 1, learned: 0, arms: [] as OfferedArm[] })

const isSome = (candidates: Candidate[]): candidates is [Candidate, ...Candidate[]] => candidates.length > 0

/** With the shares that operators set, wherever the policy has shares. */
function policyOf(policy: AnyPolicy, { weights }: DecisionSettings): AnyPolicy {
  if (!weights) return policy
  if (policy.is === 'fixed') return { is: 'fixed', weights }
  const reaches = policy.is === 'model' && policy.fallback?.is === 'fixed'
  return reaches ? { ...policy, fallback: { is: 'fixed', weights } } : policy
}

/** What does not depend on how it is decided. */
function recordOf(id: string, asked: DecisionToMake, { revision, settings }: SettingsRevision) {
  const { enrollmentId, entry, journey, customerId, step, at, closesAt, rewardRule } = asked
  const off = asked.arms.filter(({ arm }) => settings.off.includes(arm))
  const passedOver = [...asked.passedOver, ...off.map(({ arm }) => ({ arm, because: 'off' as const }))]
  const where = { id, enrollmentId, entry, journey, customerId, step, at, closesAt, rewardRule }
  return { ...where, settings: revision, passedOver }
}

/** Context x value x lever, each percentage on top of 1 (Pega's form of arbitration); never negative. */
function candidateOf(
  { arm, group, features, propensity, ...factors }: ProposedArm,
  settings: DecisionSettings,
): Candidate {
  const onTop = (percent: number): number => Math.max(0, 1 + percent / 100)
  const lever = (factors.lever ?? 0) + (settings.levers[arm] ?? 0)
  const worth = onTop(factors.context ?? 0) * Math.max(0, factors.value ?? 1) * onTop(lever)
  return { arm, group, features, worth, propensity: propensity ?? undefined }
}
