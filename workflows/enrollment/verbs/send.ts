import type { Sending } from '../../../sdk/journey'
import type { Message } from '../../../sdk/message'
import type { Delivery } from '../../../sdk/outcome'
import type { Held, TouchpointToDeliver } from '../../../sdk/touchpoint'
import { showDetails } from '../details'
import type { Enrollment } from '../enrollment'
import { toSend } from './to-send'

/** Sends one message, once: the ledger knows this step's occurrence by its key. */
export const send =
  (enrollment: Enrollment) =>
  async (step: string, message: Message, sending: Sending = {}): Promise<Delivery> => {
    await enrollment.waits.untilResumed()
    await untilSpread(enrollment, step)
    enrollment.step = step
    const delivery = await delivered(enrollment, touchpointOf(enrollment, step, message, sending))
    enrollment.note(
      'touchpoint',
      'because' in delivery ? `${delivery.is}: ${delivery.because}` : delivery.is,
      step,
    )
    return delivery
  }

/** Asks until it went out, or never will: what contact rules hold is asked for again when its time has come, or they changed. */
async function delivered(enrollment: Enrollment, touchpoint: TouchpointToDeliver): Promise<Delivery> {
  const { step } = touchpoint
  for (;;) {
    const current = { ...touchpoint, at: enrollment.now() }
    const answer = await enrollment.host.deliver(current, () => showSending(enrollment, step))
    enrollment.sending.delete(step)
    if (answer.is !== 'held') return answer
    enrollment.note('touchpoint', `held: ${answer.because}`, step)
    await held(enrollment, step, answer)
  }
}

async function held(enrollment: Enrollment, step: string, { because, until }: Held): Promise<void> {
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
  message: Message,
  sending: Sending,
): TouchpointToDeliver {
  const { id, journey, input } = enrollment
  return {
    enrollmentId: id,
    entry: input.entry,
    journey,
    customerId: input.customerId,
    step,
    occurrence: enrollment.occurrence(step),
    ...toSend(enrollment, message, sending),
    trigger: input.trigger.properties,
    at: enrollment.now(),
  }
}

/** It may take days: an operator sees what it is about. */
function showSending(enrollment: Enrollment, step: string): void {
  enrollment.sending.add(step)
  showDetails(enrollment)
}

/** After a pause of many, touchpoints go out one by one, not all at once. */
async function untilSpread(enrollment: Enrollment, step: string): Promise<void> {
  if (enrollment.spreadUntil <= enrollment.now()) return
  const until = (): number => enrollment.spreadUntil
  await enrollment.waits.wait({
    step,
    verb: 'send',
    doing: (step) => `holding back ${step}`,
    until,
    ready: () => undefined,
  })
}
