import { completed } from '../../../sdk/outcome'
import type { Moment, Woken } from '../../../sdk/journey'
import type { Enrollment } from '../enrollment'
import { instantOf } from '../moment'

type AnyMoment = Moment<Record<string, unknown>>

/** Sleeps until a moment in the customer's zone; planned anew when the zone or the date changes. */
export const sleepUntil =
  (enrollment: Enrollment) =>
  async (step: string, moment: AnyMoment): Promise<Woken> => {
    if ('trait' in moment) await readTraits(enrollment, step)
    const asked = enrollment.now()
    const until = (): number | undefined => instantOf(moment, enrollment, asked)
    const planned = until()
    if (planned === undefined) return { is: 'no-date' }
    if (planned <= asked) return past(enrollment, step, moment)
    const waited = await enrollment.waits.wait({
      step,
      verb: 'sleepUntil',
      doing: (step) => `sleeping (${step})`,
      until,
      ready: () => undefined,
    })
    enrollment.note('woke', 'its moment came', step)
    return { is: waited.is === 'skipped' ? 'skipped' : 'reached' }
  }

async function readTraits(enrollment: Enrollment, step: string): Promise<void> {
  Object.assign(
    enrollment.traits,
    await enrollment.host.durably('readProfile', step, enrollment.input.customerId),
  )
}

function past(enrollment: Enrollment, step: string, moment: AnyMoment): Woken {
  const choice = 'ifPast' in moment ? (moment.ifPast ?? 'now') : 'now'
  if (choice === 'end') {
    enrollment.leave({ to: 'end', outcome: completed(`${step} had passed`) })
    enrollment.throwIfLeft()
  }
  return { is: choice === 'skip' ? 'skipped' : 'past' }
}
