import type { temporal } from '@temporalio/proto'
import { recorded, type Recorded } from '../../workers/check/commands'
import { placeOf } from '../../workers/check/judge'
import { names, read } from '../replay/replaying'

type Event = temporal.api.history.v1.IHistoryEvent

/** Every recorded life of a journey, as of each moment at which it stood still: `<history> <place>`. */
export function parkedIn(journey: string): Map<string, Recorded> {
  const parked = new Map<string, Recorded>()
  for (const name of names.filter((each) => each.split('-')[0] === journey)) {
    const events = read(name).events!
    for (const [index] of events.entries()) {
      if (!isFromOutside(events[index + 1])) continue
      const past = recorded({ events: events.slice(0, index + 1) })
      if (!past.inMotion && !past.isOver)
        parked.set(`${name.replace(`${journey}-`, '')} ${placeOf(past)}`, past)
    }
  }
  return parked
}

const isFromOutside = (event: Event | undefined): boolean =>
  !!(
    event?.timerFiredEventAttributes ??
    event?.workflowExecutionSignaledEventAttributes ??
    event?.activityTaskStartedEventAttributes
  )
