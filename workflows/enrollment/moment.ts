import type { LocalTime, Moment, Weekday } from '../../sdk/journey'
import { addDuration, type Offset } from '../../sdk/time/duration'
import { parseDate } from '../../sdk/time/instant'
import { nextLocal, toInstant, toLocal } from '../../sdk/time/local'

const weekdays: readonly Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
]

interface Known {
  zone(): string
  readonly traits: Readonly<Record<string, unknown>>
}

/** The instant a moment means, in ms; undefined when its date is missing or is none. */
export function instantOf(
  moment: Moment<Record<string, unknown>>,
  known: Known,
  asked: number,
): number | undefined {
  if ('trait' in moment) return aroundDate(known.traits[moment.trait], moment, known.zone())
  if ('date' in moment) return aroundDate(moment.date, moment, known.zone())
  return nextLocal(localTime(moment), asked, known.zone())
}

const localTime = ({
  hour,
  minute = 0,
  weekday,
}: LocalTime): { hour: number; minute: number; weekday?: number } => ({
  hour,
  minute,
  weekday: weekday === undefined ? undefined : weekdays.indexOf(weekday) + 1,
})

function aroundDate(
  date: unknown,
  { offset, hour, minute = 0 }: { offset?: Offset; hour?: number; minute?: number },
  zone: string,
): number | undefined {
  const at = parseDate(date, zone)
  if (at === undefined) return undefined
  const shifted = offset === undefined ? at : addDuration(at, offset, zone)
  if (hour === undefined) return shifted
  const { year, month, day } = toLocal(shifted, zone)
  return toInstant({ year, month, day, hour, minute }, zone)
}
