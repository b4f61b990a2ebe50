import type { Reentry } from './definition'

/** An enrollment that was there before, as far as it decides on the next. */
export interface Earlier {
  /** The messageId of the event that enrolled. */
  readonly enrolledBy: string
  readonly status: string
  readonly endedAt: number | null
}

export interface Entering {
  readonly enrolledBy: string
  /** A number: that many ms after the last ended. */
  readonly reentry: Exclude<Reentry, object> | number
  /** The customer's time. */
  readonly now: number
}

type Refused<Row> =
  | { readonly is: 'repeated'; readonly enrollment: Row }
  | {
      readonly is: 'refused'
      readonly because: 'running' | 'once' | 'cooling-down'
      readonly enrollment: Row
    }

/** The verdict where there was an enrollment before, given the one that decides; undefined: it may enter. */
export function entryRule<Row extends Earlier>(
  enrollment: Row,
  { enrolledBy, reentry, now }: Entering,
): Refused<Row> | undefined {
  if (enrollment.enrolledBy === enrolledBy) return { is: 'repeated', enrollment }
  if (enrollment.status !== 'ended') return { is: 'refused', because: 'running', enrollment }
  if (reentry === 'once') return { is: 'refused', because: 'once', enrollment }
  const cooling = typeof reentry === 'number' && now < enrollment.endedAt! + reentry
  return cooling ? { is: 'refused', because: 'cooling-down', enrollment } : undefined
}
