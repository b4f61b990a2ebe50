import type { EnrollmentRow, EntryRequest, EntryVerdict } from './store'

/** The verdict where there was an enrollment before, given the one that decides; undefined: it may enter. */
export function entryRule(
  enrollment: EnrollmentRow,
  { enrolledBy, reentry, now }: Pick<EntryRequest, 'enrolledBy' | 'reentry' | 'now'>,
): EntryVerdict | undefined {
  if (enrollment.enrolledBy === enrolledBy) return { is: 'repeated', enrollment }
  if (enrollment.status !== 'ended') return { is: 'refused', because: 'running', enrollment }
  if (reentry === 'once') return { is: 'refused', because: 'once', enrollment }
  const cooling = typeof reentry === 'number' && now < enrollment.endedAt! + reentry
  return cooling ? { is: 'refused', because: 'cooling-down', enrollment } : undefined
}
