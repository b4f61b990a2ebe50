import { addExact, type Duration } from '../../../sdk/time/duration'
import type { Enrollment } from '../enrollment'

/** Sleeps for an exact length of time. */
export const sleep =
  (enrollment: Enrollment) =>
  async (step: string, duration: Duration): Promise<void> => {
    const due = addExact(enrollment.now(), duration)
    await enrollment.waits.wait({
      step,
      verb: 'sleep',
      doing: (step) => `sleeping (${step})`,
      until: () => due,
      ready: () => undefined,
    })
    enrollment.note('woke', `slept ${duration}`, step)
  }
