import type { Handover } from '../../../sdk/journey'
import type { Enrollment } from '../enrollment'
import { enrollRequest, HandedOver } from '../handover'

/** Enrolls the customer into another journey as well. */
export const enroll =
  (enrollment: Enrollment) =>
  async (step: string, journey: string, handover?: Handover): Promise<void> => {
    await enrollment.host.durably(
      'requestEnrollment',
      `${step}: ${journey}`,
      requestOf(enrollment, false, step, journey, handover),
    )
    enrollment.note('step', `enrolled into ${journey}`, step)
  }

/** Leaves this journey for another; the end of the one and the request for the other are written in one transaction. */
export const continueAs =
  (enrollment: Enrollment) =>
  async (step: string, journey: string, handover?: Handover): Promise<never> => {
    throw new HandedOver(journey, requestOf(enrollment, true, step, journey, handover))
  }

function requestOf(
  enrollment: Enrollment,
  instead: boolean,
  step: string,
  journey: string,
  handover?: Handover,
): ReturnType<typeof enrollRequest> {
  const { id, input } = enrollment
  const by = `${id}/${input.entry}/${step}/${enrollment.occurrence(step)}`
  return enrollRequest({ by, customerId: input.customerId, journey, at: enrollment.now(), instead }, handover)
}
