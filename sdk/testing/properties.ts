import { addExact, durationMs, type Duration } from '../time/duration'
import type { Rehearsed } from './playing'

/** What must hold of every life in a journey. */
export interface Property {
  /** As one writes it in a test. */
  readonly name: string
  /** What is wrong, in words; undefined when it holds. */
  fault(rehearsed: Rehearsed): string | undefined
}

/** No enrollment lasts longer; a year has 365 days. */
export const endsWithin = (duration: Duration): Property => ({
  name: `endsWithin('${duration}')`,
  fault({ seen, journey, now }) {
    const late = seen.enrollments.some(
      (each) =>
        each.journey === journey &&
        each.startedAt !== null &&
        (each.endedAt ?? now) > addExact(each.startedAt, duration),
    )
    return late ? `it lasts longer than ${duration}` : undefined
  },
})

/** In any stretch of this length no more touchpoints of the journey go out to the customer, webhooks left aside. */
export const atMost = (most: number, duration: Duration): Property => ({
  name: `atMost(${most}, '${duration}')`,
  fault(rehearsed) {
    const times = sentBy(rehearsed, ({ channel }) => channel !== 'webhook').map(({ at }) => at)
    const crowded = times.findIndex((at, index) => times[index + most]! - at < durationMs(duration))
    if (crowded < 0) return undefined
    return `more than ${most} touchpoints in ${duration}, from ${new Date(times[crowded]!).toISOString()}`
  },
})

/** Nothing goes out once the enrollment is over. */
export const nothingAfterTheEnd: Property = {
  name: 'nothingAfterTheEnd',
  fault(rehearsed) {
    const ends = rehearsed.seen.enrollments
      .filter(({ journey }) => journey === rehearsed.journey)
      .map(({ endedAt }) => endedAt ?? Infinity)
    const late = sentBy(rehearsed).find(({ at }) => at > Math.max(...ends))
    return late && `${late.step} goes out after the end`
  },
}

/** Who neither reaches the goal nor leaves comes to one of these steps. */
export const goalOr = (...steps: readonly string[]): Property => ({
  name: `goalOr(${steps.map((step) => `'${step}'`).join(', ')})`,
  fault({ touchpoints, outcome, journey }) {
    if (outcome === null || outcome.is === 'converted' || outcome.is === 'exited') return undefined
    const came = touchpoints.some((each) => each.journey === journey && steps.includes(each.step))
    return came ? undefined : `it ends (${outcome.is}) without the goal and without ${steps.join(' or ')}`
  },
})

const sentBy = (
  { touchpoints, journey }: Rehearsed,
  concerns: (touchpoint: Rehearsed['touchpoints'][number]) => boolean = () => true,
) =>
  touchpoints
    .filter((each) => each.journey === journey && (each.status === 'sent' || each.status === 'unknown'))
    .filter(concerns)
