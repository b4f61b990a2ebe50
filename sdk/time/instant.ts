import { toInstant, wallOf, type LocalFields } from './local'
import type { Zone } from './zones'

const dateForm = /^(\d{4})-(\d\d)-(\d\d)/
const timeForm = /[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?/
const zoneForm = /(Z|[+-]\d\d(?::?\d\d)?)/
const minuteMs = 60_000
const form = new RegExp(`${dateForm.source}(?:${timeForm.source}${zoneForm.source}?)?$`, 'i')

/**
 * The instant (epoch ms) a value means, or undefined where it means none. It reads epoch numbers (ms) and ISO
 * 8601 text: with `Z` or an offset as it stands, without one in the zone's local time, a date alone as its
 * midnight there. Parts of a millisecond are cut off. Throws RangeError for an unknown zone that is needed.
 */
export function parseDate(value: unknown, zone: Zone): number | undefined {
  if (typeof value === 'number')
    return Number.isNaN(new Date(value).getTime()) ? undefined : Math.trunc(value)
  const parts = typeof value === 'string' ? form.exec(value) : null
  if (!parts) return undefined
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', designator] = parts
  const local = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  }
  const offset = designator === undefined ? undefined : minutesOf(designator)
  if (!isOnClock(local) || Number.isNaN(offset)) return undefined
  const wholeSeconds = offset === undefined ? toInstant(local, zone) : wallOf(local) - offset * minuteMs
  return wholeSeconds + Number(fraction.slice(0, 3).padEnd(3, '0'))
}

/** Whether calendar and clock have such a time at all, whatever the zone: no 30 February, no 25:00. */
function isOnClock(local: Required<LocalFields>): boolean {
  const shown = new Date(wallOf(local))
  return (
    shown.getUTCMonth() + 1 === local.month &&
    shown.getUTCDate() === local.day &&
    shown.getUTCHours() === local.hour &&
    shown.getUTCMinutes() === local.minute &&
    shown.getUTCSeconds() === local.second
  )
}

/** Minutes east of UTC of `Z`, `+02`, `+0200` or `+02:00`; NaN for one no clock has. */
function minutesOf(designator: string): number {
  if (designator.toUpperCase() === 'Z') return 0
  const hours = Number(designator.slice(1, 3))
  const minutes = Number(designator.slice(3).replace(':', ''))
  const sign = designator.startsWith('-') ? -1 : 1
  return hours < 24 && minutes < 60 ? sign * (hours * 60 + minutes) : NaN
}
