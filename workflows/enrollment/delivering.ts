import type { Sending } from '../../sdk/journey'
import type { Message } from '../../sdk/message'
import type { Delivery } from '../../sdk/outcome'
import type { TaskTerms } from '../../sdk/task'
import type { Held, Settled, TouchpointToDeliver } from '../../sdk/touchpoint'
import { showDetails } from './details'
import type { Enrollment } from './enrollment'
import { toSend } from './to-send'

/** What is to reach the customer at a step, by a provider or by an agent. */
export interface ToDeliver extends Sending {
  readonly message: Message
  readonly task?: TaskTerms
}

/** Brings one touchpoint to its fate, once: the ledger knows this step's occurrence by its key. */
export async function deliverAt(enrollment: Enrollment, step: string, wanted: ToDeliver): Promise<Delivery> {
  if (enrollment.spreadUntil > enrollment.now()) await untilSpread(enrollment, step)
  enrollment.step = step
  const touchpoint = touchpointOf(enrollment, step, wanted)
  // Until it went out, or never will: what contact rules hold is asked for again.
  for (;;) {
    const current = { ...touchpoint, at: enrollment.now() }
    const answer = await enrollment.host.deliver(current, () => showSending(enrollment, step))
    enrollment.sending.delete(step)
    enrollment.note('touchpoint', wordsOf(answer), step)
    if (answer.is !== 'held') return answer
    await untilLookedAgain(enrollment, step, answer)
  }
}

const wordsOf = (answer: Settled): string =>
  'because' in answer ? `${answer.is}: ${answer.because}` : answer.is

/** Its time has come, or the rules changed. */
async function untilLookedAgain(
  enrollment: Enrollment,
  step: string,
  { because, until }: Held,
): Promise<void> {
  const rules = enrollment.rulesChanged
  await enrollment.waits.wait({
    step,
    verb: 'send',
    doing: (step) => `holding ${step} (${because})`,
    until: () => until,
    ready: () => enrollment.rulesChanged > rules || undefined,
  })
}

function touchpointOf(
  enrollment: Enrollment,
  step: string,
  { message, task, ...sending }: ToDeliver,
): TouchpointToDeliver {
  return {
    ...enrollment.comesTo(step),
    ...toSend(enrollment, message, sending),
    trigger: enrollment.input.trigger.properties,
    at: enrollment.now(),
    task,
  }
}

/** It may take days: an operator sees what it is about. */
function showSending(enrollment: Enrollment, step: string): void {
  enrollment.sending.add(step)
  showDetails(enrollment)
}

/** After a pause of many, touchpoints go out one by one, not all at once. */
async function untilSpread(enrollment: Enrollment, step: string): Promise<void> {
  const until = (): number => enrollment.spreadUntil
  await enrollment.waits.wait({
    step,
    verb: 'send',
    doing: (step) => `holding back ${step}`,
    until,
    ready: () => undefined,
  })
}
