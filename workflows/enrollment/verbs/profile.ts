import type { Enrollment } from '../enrollment'

/** Reads the customer's traits as they are now. */
export const profile =
  (enrollment: Enrollment) =>
  async (step: string): Promise<Record<string, unknown>> => {
    return enrollment.host.durably('readProfile', step, enrollment.input.customerId)
  }

/** Writes traits of the customer. */
export const set =
  (enrollment: Enrollment) =>
  async (step: string, traits: Record<string, unknown>): Promise<void> => {
    await enrollment.host.durably('writeTraits', step, enrollment.input.customerId, traits, enrollment.now())
    enrollment.note('step', `set ${Object.keys(traits).join(', ')}`, step)
  }
