import type { Enrollment } from '../enrollment'

/** Fixed shares by hash of customer, journey and step: sticky, and without a history event. */
export const split =
  (enrollment: Enrollment) =>
  <Arm extends string>(step: string, shares: Readonly<Record<Arm, number>>): Arm => {
    const arm = enrollment.host.arm(step, shares, enrollment.share(`split:${step}`))
    enrollment.note('step', `split: ${arm}`, step)
    return arm
  }
