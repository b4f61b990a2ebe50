import { taskDone, type TaskAsked, type TaskResult, type TaskTerms } from '../../../sdk/task'
import { addExact } from '../../../sdk/time/duration'
import { deliverAt } from '../delivering'
import type { Enrollment } from '../enrollment'

type Asked = TaskAsked<string>
type Result = TaskResult<string>

/** Gives a call to an agent, through the ledger like a message, and waits for the outcome. */
export const task =
  (enrollment: Enrollment) =>
  async (step: string, asked: Asked): Promise<Result> => {
    const terms = termsOf(asked, enrollment.now())
    const { script: template, context: data, category, topic, within } = asked
    const message = { channel: 'voice', template, data, category, topic } as const
    const delivery = await deliverAt(enrollment, step, { message, within, task: terms })
    if (delivery.is === 'withheld') return { is: 'withheld', because: delivery.because }
    if (delivery.is !== 'sent') return { is: 'failed', because: delivery.because }
    return answered(enrollment, step, delivery.touchpoint, terms)
  }

function termsOf({ queue, outcomes, within, priority = 1, escalate }: Asked, now: number): TaskTerms {
  const { after, ...to } = escalate ?? {}
  const escalation = after === undefined ? undefined : { ...to, at: addExact(now, after) }
  return { queue, outcomes, priority, dueAt: addExact(now, within), escalation }
}

async function answered(
  enrollment: Enrollment,
  step: string,
  task: string,
  { outcomes, dueAt }: TaskTerms,
): Promise<Result> {
  const done = taskDone.where({ task })
  enrollment.tasks.add(task)
  const waited = await enrollment.waits.wait({
    step,
    verb: 'task',
    doing: (step) => `waiting for an agent (${step})`,
    until: () => dueAt,
    // Any outcome: a newer build may know others than those that the agent chose from.
    ready: () => enrollment.inbox.firstMatch({ done }, 0),
    expected: Object.fromEntries(outcomes.map((outcome) => [outcome, done.where({ outcome })])),
  })
  const end =
    waited.is === 'ready'
      ? (waited.value.event.properties as Word)
      : await enrollment.host.durably('expireTask', `${step}: expire`, task)
  enrollment.tasks.delete(task)
  return resultOf(enrollment, step, end)
}

type Word = { readonly outcome: string; readonly by: string; readonly data: Record<string, unknown> }

function resultOf(enrollment: Enrollment, step: string, end: Word | { readonly is: 'expired' }): Result {
  if (!('outcome' in end)) {
    enrollment.note('timeout', 'nobody did it in time', step)
    return { is: 'expired' }
  }
  enrollment.note('heard', `${end.outcome}, by ${end.by}`, step)
  return { is: end.outcome, by: end.by, data: end.data }
}
