import type { DecisionMade, DecisionToMake, ProposedArm } from '../sdk/deciding'
import type { AnyPolicy, DecisionSettings } from '../sdk/decision'
import { touchpointId } from '../sdk/ids'
import type { Found } from '../sdk/lookup'
import type { DecisionPlace, NewDecision, OfferedArm, Outlook } from '../store/store'
import { withoutWithheld, type ContactDeps } from './contact/arms'
import type { Candidate } from './decisioning/choosing'
import { known } from './decisioning/features'
import { drawn, versionOf, type Drawing, type Drawn } from './drawing'
import { eligible } from './eligible'
import { Learners } from './learners'
import type { Models } from './models'
import { shadowed } from './shadowing'
import type { Sources } from './sources'
import { lookUp } from './sources/lookup'

/** Decides at most once for each occurrence of a step: what was decided before is told again. */
export function deciding(
  deps: ContactDeps & { readonly models: Models; readonly sources: Sources },
): (asked: DecisionToMake) => Promise<DecisionMade> {
  const { models, sources } = deps
  const { decisions } = deps.store
  const learners = new Learners(decisions)
  const means: Means = {
    find: async ({ lookup, customerId }) => lookup && lookUp(sources, lookup, customerId),
    draw: (drawing) => drawn(drawing, learners, models),
  }
  return async (asked) => {
    const id = touchpointId(asked.enrollmentId, asked.entry, asked.step, asked.occurrence)
    const place = { journey: asked.journey, step: asked.step }
    const outlook = await decisions.look(id, asked.customerId, place)
    const decide = async () => decided(id, place, await withoutWithheld(deps, id, asked), outlook, means)
    const made = outlook.made ?? (await decisions.make(await decide()))
    return { arm: made.arm, propensity: made.propensity, decision: made.id }
  }
}

interface Means {
  find(asked: DecisionToMake): Promise<Found | undefined>
  draw(drawing: Drawing): Promise<Drawn>
}

async function decided(
  id: string,
  place: DecisionPlace,
  asked: DecisionToMake,
  outlook: Outlook,
  { find, draw }: Means,
): Promise<NewDecision> {
  const { settings, revision } = outlook.settings
  const policy = policyOf(asked.policy, settings)
  const found = settings.stopped ? undefined : await find(asked)
  const { offered, passedOver, lookup, ...told } = eligible(asked, settings.off, found)
  const candidates = offered.map((arm) => candidateOf(arm, settings))
  const context = known(told.context)
  const version = versionOf(policy)
  const record = { ...whereOf(id, asked), settings: revision, policy, version, context, passedOver, lookup }
  if (settings.stopped || !isSome(candidates))
    return { ...record, ...certain(asked.otherwise), how: 'otherwise' }
  const kept = asked.keep ? offered.find(({ arm }) => arm === outlook.lastArm) : undefined
  if (kept) return { ...record, ...certain(kept.arm), how: 'kept' }
  const { customerId } = asked
  const { modelOff = false } = settings
  const drawing = { id, place, customerId, policy, context, candidates, settled: outlook.settled, modelOff }
  const [chosen, shadow] = await Promise.all([
    draw(drawing),
    asked.shadow && shadowed(asked.shadow, drawing, draw),
  ])
  return { ...record, how: 'policy', ...chosen, shadow }
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

function whereOf(id: string, asked: DecisionToMake) {
  const { enrollmentId, entry, journey, customerId, step, at, closesAt, rewardRule } = asked
  return { id, enrollmentId, entry, journey, customerId, step, at, closesAt, rewardRule }
}

/** More would be no number once it is multiplied. */
const MOST_WORTH = 1e12

/** Context x value x lever, each percentage on top of 1 (Pega's form of arbitration); never negative. */
function candidateOf(
  { arm, group, features, propensity, sends: _, where: __, ...factors }: ProposedArm,
  settings: DecisionSettings,
): Candidate {
  const onTop = (percent: number): number => Math.max(0, 1 + percent / 100)
  const lever = (factors.lever ?? 0) + (settings.levers[arm] ?? 0)
  const product = onTop(factors.context ?? 0) * Math.max(0, factors.value ?? 1) * onTop(lever)
  const worth = product > 0 ? Math.min(product, MOST_WORTH) : 0
  return { arm, group, features, worth, propensity: propensity ?? undefined }
}
