import { createHash } from 'node:crypto'
import type { DecisionMade, DecisionToMake, ProposedArm } from '../sdk/deciding'
import type { DecisionSettings, Policy } from '../sdk/decision'
import { touchpointId } from '../sdk/ids'
import type { DecisionPlace, NewDecision, OfferedArm, Outlook, SettingsRevision } from '../store/store'
import { withoutWithheld, type ContactDeps } from './contact/arms'
import { choose, type Candidate, type Chosen } from './decisioning/choosing'
import { known } from './decisioning/features'
import { Learners } from './learners'

/** Decides at most once for each occurrence of a step: what was decided before is told again. */
export function deciding(deps: ContactDeps): (asked: DecisionToMake) => Promise<DecisionMade> {
  const { decisions } = deps.store
  const learners = new Learners(decisions)
  return async (asked) => {
    const id = touchpointId(asked.enrollmentId, asked.entry, asked.step, asked.occurrence)
    const place = { journey: asked.journey, step: asked.step }
    const outlook = await decisions.look(id, asked.customerId, place)
    const decide = async () => decided(id, place, await withoutWithheld(deps, id, asked), outlook, learners)
    const made = outlook.made ?? (await decisions.make(await decide()))
    return { arm: made.arm, propensity: made.propensity, decision: made.id }
  }
}

async function decided(
  id: string,
  place: DecisionPlace,
  asked: DecisionToMake,
  outlook: Outlook,
  learners: Learners,
): Promise<NewDecision> {
  const { settings } = outlook.settings
  const policy = policyOf(asked.policy, settings)
  const version = createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 12)
  const offered = asked.arms.filter(({ arm }) => !settings.off.includes(arm))
  const candidates = offered.map((arm) => candidateOf(arm, settings))
  const context = known(asked.context)
  const record = { ...recordOf(id, asked, outlook.settings), policy, version, context }
  if (settings.stopped || !isSome(candidates))
    return { ...record, ...certain(asked.otherwise), how: 'otherwise' }
  const kept = asked.keep ? offered.find(({ arm }) => arm === outlook.lastArm) : undefined
  if (kept) return { ...record, ...certain(kept.arm), how: 'kept' }
  const learner = await learners.of(place, version, policy, outlook.settled)
  const chosen = choose(learner, { candidates, context, seed: id })
  const { arm, propensity } = chosen
  const arms = offeredBy(chosen, candidates)
  return { ...record, how: 'policy', arm, propensity, learned: learner.position, arms }
}

const certain = (arm: string) => ({ arm, propensity: 1, learned: 0, arms: [] as OfferedArm[] })

const isSome = (candidates: Candidate[]): candidates is [Candidate, ...Candidate[]] => candidates.length > 0

const policyOf = (policy: Policy, { weights }: DecisionSettings): Policy =>
  policy.is === 'fixed' && weights ? { is: 'fixed', weights } : policy

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
  { arm, group, features, propensity, sends: _, ...factors }: ProposedArm,
  settings: DecisionSettings,
): Candidate {
  const onTop = (percent: number): number => Math.max(0, 1 + percent / 100)
  const lever = (factors.lever ?? 0) + (settings.levers[arm] ?? 0)
  const worth = onTop(factors.context ?? 0) * Math.max(0, factors.value ?? 1) * onTop(lever)
  return { arm, group, features, worth, propensity: propensity ?? undefined }
}

const offeredBy = ({ rated }: Chosen, candidates: readonly Candidate[]): OfferedArm[] =>
  candidates.map(({ propensity: told, ...candidate }, at) => ({ ...candidate, told, ...rated[at]! }))
