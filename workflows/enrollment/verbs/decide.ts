import type { Arm, Choice, Context, Decided, PassedOverBecause, RewardRule } from '../../../sdk/decision'
import { listOf } from '../../../sdk/definition'
import type { AnyEvent } from '../../../sdk/event'
import { addExact } from '../../../sdk/time/duration'
import type { DecisionToMake, ProposedArm } from '../../../sdk/deciding'
import type { Enrollment } from '../enrollment'
import { toSend } from '../to-send'

type AnyChoice = Choice<string, string, Context, Record<string, unknown>, AnyEvent>
type AnyArm = Arm<Context, Record<string, unknown>>

/** Chooses one of the arms that pass their predicates; what was chosen stands in the history, so a replay never draws again. */
export const decide =
  (enrollment: Enrollment) =>
  async (step: string, choice: AnyChoice): Promise<Decided<string>> => {
    enrollment.step = step
    const { arm, ...made } = await enrollment.host.durably(
      'decide',
      `${step}: decide`,
      asked(enrollment, step, choice),
    )
    enrollment.note('step', `decided: ${arm}`, step)
    return { is: arm, ...made }
  }

function asked(enrollment: Enrollment, step: string, choice: AnyChoice): DecisionToMake {
  const { context = {}, policy = { is: 'thompson' }, otherwise = 'none', keep = false } = choice
  const at = enrollment.now()
  return {
    ...enrollment.comesTo(step),
    at,
    closesAt: addExact(at, choice.within),
    ...passed(enrollment, choice, context),
    context,
    lookup: choice.lookup,
    policy,
    shadow: choice.shadow,
    rewardRule: rewardRuleOf(enrollment, choice),
    otherwise,
    keep,
  }
}

/** The arms in their order: those that are offered, and those that are passed over with the first reason why. */
function passed(
  enrollment: Enrollment,
  { arms, profile = {} }: AnyChoice,
  context: Context,
): Pick<DecisionToMake, 'arms' | 'passedOver'> {
  const named: [string, AnyArm][] = Array.isArray(arms) ? arms.map((arm) => [arm, {}]) : Object.entries(arms)
  const judged = named.map(([arm, told]) => ({
    arm,
    told,
    because: reasonAgainst(told, { context, profile }),
  }))
  return {
    arms: judged
      .filter(({ because }) => !because)
      .map(({ arm, told }) => ({ arm, ...saidOf(enrollment, told) })),
    passedOver: judged.flatMap(({ arm, because }) => (because ? [{ arm, because }] : [])),
  }
}

type About = Parameters<NonNullable<AnyArm['eligible']>>[0]

function reasonAgainst(
  { eligible, applicable, suitable }: AnyArm,
  about: About,
): PassedOverBecause | undefined {
  if (eligible && !eligible(about)) return 'not-eligible'
  if (applicable && !applicable(about)) return 'not-applicable'
  return suitable && !suitable(about) ? 'not-suitable' : undefined
}

const saidOf = (
  enrollment: Enrollment,
  { sends, group, features, propensity, context, value, lever, where }: AnyArm,
): Omit<ProposedArm, 'arm'> => ({
  sends: sends && toSend(enrollment, sends),
  group,
  features,
  propensity,
  context,
  value,
  lever,
  where,
})

function rewardRuleOf(enrollment: Enrollment, { reward }: AnyChoice): RewardRule {
  const told = reward ?? enrollment.definition.goal?.on ?? []
  const valued = 'value' in told ? told : { on: told as AnyEvent | readonly AnyEvent[], value: undefined }
  const on = listOf(valued.on).map(({ name, conditions, ofAnyKey }) => ({ name, conditions, ofAnyKey }))
  return { on, value: valued.value, key: enrollment.keyOf() }
}
