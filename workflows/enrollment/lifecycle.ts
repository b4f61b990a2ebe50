import { ApplicationFailure, isCancellation } from '@temporalio/workflow'
import type { EnrollmentInput } from '../../sdk/enrollment'
import type { Host } from '../../sdk/host'
import type { Definition } from '../../sdk/definition'
import type { Ending, Outcome } from '../../sdk/outcome'
import type { Journey } from '../../sdk/journey'
import { addExact } from '../../sdk/time/duration'
import { outcomeWords, showDetails } from './details'
import { Enrollment, type Next } from './enrollment'
import { HandedOver } from './handover'
import { verbsOf } from './verbs'

export type Stage = (journey: Journey<never, never>) => Promise<string | Ending | void>
export type Stages = Readonly<Record<string, Stage>>

// Without a goal window there is nothing to measure for longer.
const HELD_OUT_FOR = '90 days'

/** Lives one enrollment: stage after stage, each a run of its own, until its outcome is recorded. */
export async function live(
  host: Host,
  definition: Definition,
  stages: Stages,
  input: EnrollmentInput,
): Promise<Outcome> {
  const names = Object.keys(stages)
  const enrollment = new Enrollment(host, input, definition, names[0]!)
  host.attach(enrollment, names)
  if (!input.carried) enrollment.note('entered', `entered by ${input.trigger.name}`)
  const next = await stageOver(enrollment, stages)
  return host.uncancelled(() =>
    next.to === 'stage' ? moveOn(enrollment, next.stage) : end(enrollment, next),
  )
}

async function stageOver(enrollment: Enrollment, stages: Stages): Promise<Next> {
  try {
    const stage = enrollment.heldOut ? keptOut : stages[enrollment.stage]
    if (!stage) throw new Error(`This build has no stage "${enrollment.stage}" in ${enrollment.journey}`)
    const result = await enrollment.scope.run(() => stage(verbsOf(enrollment) as never, enrollment))
    return enrollment.next ?? after(enrollment, result)
  } catch (error) {
    return afterFailure(enrollment, error)
  }
}

/** A customer held out lives through no stage; only the goal is watched, so that the journey's effect can be measured. */
async function keptOut(_: unknown, enrollment: Enrollment): Promise<void> {
  const until = addExact(enrollment.startedAt, enrollment.definition.goal?.within ?? HELD_OUT_FOR)
  if (!enrollment.definition.goal) return
  await enrollment.waits.wait({
    step: 'held-out',
    verb: 'holdout',
    doing: () => 'watching for the goal',
    until: () => until,
    ready: () => undefined,
  })
}

function after(enrollment: Enrollment, result: string | Ending | void): Next {
  if (enrollment.heldOut) return { to: 'end', outcome: { is: 'held out', converted: false } }
  if (typeof result === 'string') return { to: 'stage', stage: result }
  return { to: 'end', outcome: result ?? { is: 'completed' } }
}

function afterFailure(enrollment: Enrollment, error: unknown): Next {
  if (enrollment.next) return enrollment.next
  if (error instanceof HandedOver) {
    return { to: 'end', outcome: { is: 'completed', because: error.message }, handover: error.request }
  }
  if (isCancellation(error)) return { to: 'end', outcome: { is: 'exited', because: 'cancelled' } }
  if (error instanceof ApplicationFailure)
    return { to: 'end', outcome: { is: 'failed', because: error.message } }
  // A bug: the workflow task fails and is retried, so the customer waits for the fix instead of falling out.
  throw error
}

async function moveOn(enrollment: Enrollment, stage: string): Promise<never> {
  enrollment.note('stage', `stage ${stage}`)
  if (enrollment.tasks.size > 0)
    await enrollment.host.durably('withdrawTasks', 'withdraw tasks', [...enrollment.tasks])
  await enrollment.host.quiet()
  return enrollment.host.goOn(enrollment.carry(stage))
}

async function end(
  enrollment: Enrollment,
  { outcome, handover }: Extract<Next, { to: 'end' }>,
): Promise<Outcome> {
  enrollment.next ??= { to: 'end', outcome, handover }
  enrollment.note('ended', outcomeWords(outcome))
  showDetails(enrollment)
  const { id, journey, input } = enrollment
  await enrollment.host.durably('endEnrollment', `end: ${outcome.is}`, {
    id,
    journey,
    entry: input.entry,
    customerId: input.customerId,
    key: input.key,
    outcome,
    endedAt: enrollment.now(),
    handover,
  })
  await enrollment.host.quiet()
  return outcome
}
