import { zoneRule, type Zone, type ZoneRule } from './zones'

/** What a wall clock and a calendar show. `weekday` is ISO: Monday 1 to Sunday 7. */
export interface LocalTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  weekday: number
}

/** A local time to look for. Fields beyond their range carry over: month 13 is the next January. */
export interface LocalFields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second?: number
}

/** A time of day, and on which day of the week if that matters (ISO: Monday 1 to Sunday 7). */
export interface LocalPattern {
  hour: number
  minute?: number
  weekday?: number
}

/** An amount of time by unit; negative amounts go back. */
export interface DurationParts {
  years?: number
  months?: number
  weeks?: number
  days?: number
  hours?: number
  minutes?: number
  seconds?: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Further from UTC than any clock on Earth was. */
const widestOffset = 16 * hour

const weekdays = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const months = ['', 'Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// A "wall" below is what the wall clock shows, as the epoch ms at which a clock in UTC shows the same.

/** What the clocks and calendars in a zone show at an instant. Throws RangeError for an unknown zone. */
export function toLocal(epochMs: number, zone: Zone): LocalTime {
  return fieldsOf(toWall(epochMs, zoneRule(zone)))
}

/**
 * The instant (epoch ms) at which the clocks in a zone show this time. A time that a clock change leaves out
 * moves forward by the change's length; of a time that comes twice the first is meant (RFC 5545, 3.3.5).
 * Throws RangeError for an unknown zone.
 */
export function toInstant(local: LocalFields, zone: Zone): number {
  return resolve(wallOf(local), zoneRule(zone)).first
}

/**
 * The next instant strictly after another at which the clocks in a zone show this time (on this weekday).
 * Where a clock change leaves the time out it moves forward as in `toInstant`; of a time that comes twice only
 * the first counts, so that what is daily comes once a day; a day the whole zone left out doesn't count.
 * Throws RangeError for an unknown zone or a wrong pattern.
 */
export function nextLocal(pattern: LocalPattern, afterEpochMs: number, zone: Zone): number {
  checkPattern(pattern)
  const rule = zoneRule(zone)
  const today = dayOf(toWall(afterEpochMs, rule))
  // From yesterday, as a clock set back at midnight shows yesterday again; for two weeks and a day, as the
  // first day with this weekday may be over and the second may have been left out.
  for (let ahead = -1; ahead <= 15; ahead++) {
    const found = showings(pattern, today + ahead * day, rule).find((instant) => instant > afterEpochMs)
    if (found !== undefined) return found
  }
  throw new RangeError(`No clock in this zone shows ${pattern.hour}:${pattern.minute ?? 0} within two weeks`)
}

/** The first instant of the local day an instant lies in. Throws RangeError for an unknown zone. */
export function startOfLocalDay(epochMs: number, zone: Zone): number {
  const rule = zoneRule(zone)
  return firstInstantFrom(dayOf(toWall(epochMs, rule)), rule)
}

/**
 * Moves an instant: years, months, weeks and days by the zone's calendar, keeping the local time (31 January
 * and a month is the last of February); then hours, minutes and seconds by exact time.
 * Throws RangeError for an unknown zone and for calendar amounts that are not whole.
 */
export function addLocal(epochMs: number, parts: DurationParts, zone: Zone): number {
  const { hours = 0, minutes = 0, seconds = 0 } = parts
  return (
    addCalendar(epochMs, parts, zoneRule(zone)) +
    Math.round(hours * hour + minutes * minute + seconds * second)
  )
}

/**
 * A short text for people: `Fri 09:00 Berlin` within seven days from now, else `Fri 4 Dec 09:00 Berlin`, with
 * the year if it isn't this one: `Mon 4 Jan 2027 09:00 Berlin`. Throws RangeError for an unknown zone.
 */
export function formatLocal(epochMs: number, zone: string, nowEpochMs: number): string {
  return `${formatClock(epochMs, zone, nowEpochMs)} ${cityOf(zone)}`
}

/** The same without the city: `Fri 09:00`. Throws RangeError for an unknown zone. */
export function formatClock(epochMs: number, zone: Zone, nowEpochMs: number): string {
  const rule = zoneRule(zone)
  const local = fieldsOf(toWall(epochMs, rule))
  const soon = epochMs >= nowEpochMs && toWall(epochMs, rule) < toWall(nowEpochMs, rule) + 7 * day
  const year = local.year === fieldsOf(toWall(nowEpochMs, rule)).year ? '' : ` ${local.year}`
  const date = soon ? '' : ` ${local.day} ${months[local.month]}${year}`
  const time = `${twoDigits(local.hour)}:${twoDigits(local.minute)}`
  return `${weekdays[local.weekday]}${date} ${time}`
}

function toWall(epochMs: number, rule: ZoneRule): number {
  return epochMs + rule(epochMs) * minute
}

/** The epoch ms at which a clock in UTC shows this time. */
export function wallOf({
  year,
  month,
  day: date,
  hour: hours,
  minute: minutes,
  second: seconds = 0,
}: LocalFields): number {
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  return (
    new Date(0).setUTCFullYear(year, month - 1, date) + hours * hour + minutes * minute + seconds * second
  )
}

function fieldsOf(wall: number): LocalTime {
  const date = new Date(wall)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: weekdayOf(wall),
  }
}

function dayOf(wall: number): number {
  return Math.floor(wall / day) * day
}

function weekdayOf(wall: number): number {
  return new Date(wall).getUTCDay() || 7
}

/** The first and last instant that show a wall time; for one left out, the instant it moves forward to. */
function resolve(wall: number, rule: ZoneRule): { first: number; last: number; leftOut: boolean } {
  const before = wall - rule(wall - widestOffset) * minute
  const after = wall - rule(wall + widestOffset) * minute
  const shows = (instant: number) => toWall(instant, rule) === wall
  if (shows(before)) return { first: before, last: shows(after) ? after : before, leftOut: false }
  return shows(after)
    ? { first: after, last: after, leftOut: false }
    : { first: before, last: before, leftOut: true }
}

/** The instant of a wall time or, if that is left out, of the clock change that leaves it out. */
function firstInstantFrom(wall: number, rule: ZoneRule): number {
  const { first, leftOut } = resolve(wall, rule)
  if (!leftOut) return first
  let low = wall - widestOffset
  let high = first
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (toWall(middle, rule) < wall) low = middle
    else high = middle
  }
  return high
}

/** When the clocks show the pattern on one day (a wall of its midnight), in order. */
function showings(pattern: LocalPattern, midnight: number, rule: ZoneRule): number[] {
  if (pattern.weekday && pattern.weekday !== weekdayOf(midnight)) return []
  const wall = midnight + pattern.hour * hour + (pattern.minute ?? 0) * minute
  const { first, leftOut } = resolve(wall, rule)
  return leftOut && isDayLeftOut(midnight, rule) ? [] : [first]
}

function isDayLeftOut(midnight: number, rule: ZoneRule): boolean {
  return dayOf(toWall(firstInstantFrom(midnight, rule), rule)) !== midnight
}

function checkPattern({ hour: hours, minute: minutes = 0, weekday = 1 }: LocalPattern): void {
  const within = (value: number, low: number, high: number) =>
    Number.isInteger(value) && value >= low && value <= high
  if (within(hours, 0, 23) && within(minutes, 0, 59) && within(weekday, 1, 7)) return
  throw new RangeError(
    'A local time has an hour 0 to 23, a minute 0 to 59 and a weekday 1 (Monday) to 7 (Sunday)',
  )
}

function addCalendar(epochMs: number, parts: DurationParts, rule: ZoneRule): number {
  const monthsOn = (parts.years ?? 0) * 12 + (parts.months ?? 0)
  const daysOn = (parts.weeks ?? 0) * 7 + (parts.days ?? 0)
  if (!Number.isInteger(monthsOn) || !Number.isInteger(daysOn)) {
    throw new RangeError(
      'Years, months, weeks and days of a calendar are whole; write hours for a part of a day',
    )
  }
  // Local time and back would take an instant of the second 02:30 in autumn to the first.
  if (monthsOn === 0 && daysOn === 0) return epochMs
  return resolve(addMonths(toWall(epochMs, rule), monthsOn) + daysOn * day, rule).first
}

function addMonths(wall: number, count: number): number {
  const date = new Date(wall)
  const dayOfMonth = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + count)
  const lastOfMonth = new Date(new Date(date).setUTCMonth(date.getUTCMonth() + 1, 0)).getUTCDate()
  return date.setUTCDate(Math.min(dayOfMonth, lastOfMonth))
}

function cityOf(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
