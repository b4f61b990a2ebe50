import type { Labels, Listening } from '../../../sdk/journey'
import { addExact, type Duration } from '../../../sdk/time/duration'
import type { Branch } from '.'
import type { Enrollment } from '../enrollment'
import type { Match } from '../inbox'

/** Waits for one of the labelled events; an event that came since the previous waitFor ended counts. */
export const waitFor =
  (enrollment: Enrollment, branch: Branch) =>
  async (step: string, expected: Labels, timeout?: Duration, listening: Listening = {}): Promise<unknown> => {
    const after = startOf(listening, enrollment, branch)
    const due = timeout === undefined ? undefined : addExact(enrollment.now(), timeout)
    const waited = await enrollment.waits.wait({
      step,
      verb: 'waitFor',
      doing: (step) => `waiting for ${step}`,
      until: () => due,
      ready: () => enrollment.inbox.firstMatch(expected, after, enrollment.keyOf()),
      expected,
    })
    return waited.is === 'ready'
      ? heard(enrollment, branch, step, waited.value)
      : timedOut(enrollment, branch, step)
  }

function startOf({ since = 'last-wait' }: Listening, enrollment: Enrollment, branch: Branch): number {
  if (since === 'now') return enrollment.inbox.latest
  return since === 'enrollment' ? 0 : branch.cursor
}

function heard(
  enrollment: Enrollment,
  branch: Branch,
  step: string,
  { label, event, sequence }: Match,
): unknown {
  branch.cursor = Math.max(branch.cursor, sequence)
  enrollment.note('heard', `${label}: ${event.name}`, step)
  return { is: label, event }
}

function timedOut(enrollment: Enrollment, branch: Branch, step: string): unknown {
  branch.cursor = enrollment.inbox.latest
  enrollment.note('timeout', 'nothing came', step)
  return { is: 'timeout' }
}
