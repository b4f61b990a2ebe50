import type { Message } from '../../../sdk/message'
import type { Delivery } from '../../../sdk/outcome'
import type { TouchpointToDeliver } from '../../../activities'
import { deliver } from '../activities'
import { showDetails } from '../details'
import type { Enrollment } from '../enrollment'

/** Sends one message, once: the ledger knows this step's occurrence by its key. */
export const send =
  (enrollment: Enrollment) =>
  async (step: string, message: Message): Promise<Delivery> => {
    await enrollment.waits.untilResumed()
    await untilSpread(enrollment, step)
    enrollment.step = step
    const touchpoint = touchpointOf(enrollment, step, message)
    const delivery = await deliver(touchpoint, () => showSending(enrollment, step))
    enrollment.sending.delete(step)
    enrollment.note(
      'touchpoint',
      'because' in delivery ? `${delivery.is}: ${delivery.because}` : delivery.is,
      step,
    )
    return delivery
  }

function touchpointOf(enrollment: Enrollment, step: string, message: Message): TouchpointToDeliver {
  const { id, journey, input, definition } = enrollment
  return {
    enrollmentId: id,
    entry: input.entry,
    journey,
    customerId: input.customerId,
    step,
    occurrence: enrollment.occurrence(step),
    category: message.category ?? definition.category ?? 'marketing',
    message,
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
