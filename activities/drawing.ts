import { createHash } from 'node:crypto'
import type { AnyPolicy, ModelPolicy, Policy } from '../sdk/decision'
import type { DecisionPlace, NewDecision, OfferedArm } from '../store/store'
import { choose, draw, type Candidate, type Chosen } from './decisioning/choosing'
import type { Learner } from './decisioning/learner'
import { rateByScores } from './decisioning/scores'
import type { Learners } from './learners'
import type { Answer, Models } from './models'

/** What a policy draws one arm from. */
export interface Drawing {
  readonly id: string
  readonly place: DecisionPlace
  readonly customerId: string
  readonly policy: AnyPolicy
  readonly context: NewDecision['context']
  readonly candidates: readonly [Candidate, ...Candidate[]]
  /** How many decisions of the step are settled. */
  readonly settled: number
  /** An operator switched models off. */
  readonly modelOff: boolean
}

export type Drawn = Pick<NewDecision, 'arm' | 'propensity' | 'learned' | 'arms' | 'model'>

/** By the policy; where that asks a model, by the model, or by what it falls back to, which learns all the while. */
export async function drawn(drawing: Drawing, learners: Learners, models: Models): Promise<Drawn> {
  const { place, policy, settled } = drawing
  const own = policy.is === 'model' ? fallbackOf(policy) : policy
  const learning = learners.of(place, versionOf(own), own, settled)
  if (policy.is !== 'model') return byLearner(await learning, drawing)
  const [learner, answer] = await Promise.all([learning, answerOf(policy, drawing, models)])
  if (answer.is === 'scored') return byScores(policy, answer, drawing)
  const { because, detail } = answer
  return { ...byLearner(learner, drawing), model: { is: 'fell-back', to: own.is, because, detail } }
}

/** A hash of the policy. */
export const versionOf = (policy: AnyPolicy): string =>
  createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 12)

const fallbackOf = ({ fallback = { is: 'thompson' } }: ModelPolicy): Policy => fallback

async function answerOf(
  { model }: ModelPolicy,
  { place, customerId, context, candidates, modelOff }: Drawing,
  models: Models,
): Promise<Answer> {
  if (modelOff) return { is: 'unscored', because: 'switched-off' }
  const { baseline } = model
  const others = candidates.filter(({ arm }) => arm !== baseline)
  if (others.length === 0) return { is: 'scored', scores: {} }
  const arms = others.map(({ arm, features }) => ({ arm, features }))
  return models.score(model, { customerId, ...place, arms, context, baseline })
}

function byLearner(learner: Learner, { id, candidates, context }: Drawing): Drawn {
  const chosen = choose(learner, { candidates, context, seed: id })
  return { ...drawnAs(chosen, candidates), learned: learner.position }
}

function byScores(
  { model, epsilon }: ModelPolicy,
  { scores, version, cached }: Extract<Answer, { is: 'scored' }>,
  { id, candidates }: Drawing,
): Drawn {
  const modelled = candidates.map((each) =>
    each.arm === model.baseline
      ? ({ ...each, modelled: 0, baseline: true } as const)
      : { ...each, modelled: scores[each.arm]! },
  )
  const chosen = draw(rateByScores(modelled, epsilon), id)
  const use = { is: 'used', says: model.says, version, cached } as const
  const wasAsked = Object.keys(scores).length > 0
  return { ...drawnAs(chosen, modelled), learned: 0, model: wasAsked ? use : undefined }
}

function drawnAs({ arm, propensity, rated }: Chosen, candidates: readonly Candidate[]) {
  const arms: readonly OfferedArm[] = candidates.map(({ propensity: told, ...candidate }, at) => ({
    ...candidate,
    told,
    ...rated[at]!,
  }))
  return { arm, propensity, arms }
}
