// The checker's own calendar, on the zone data of node.

const HOUR = 3_600_000
const DAY = 24 * HOUR
const formats = new Map<string, Intl.DateTimeFormat>()

export interface LocalDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

export function localDate(
  at: number,
  zone: string,
): LocalDate & { readonly hour: number; readonly weekday: number } {
  const wall = new Date(at + offsetAt(at, zone))
  const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth() + 1, wall.getUTCDate()]
  return { year, month, day, hour: wall.getUTCHours(), weekday: wall.getUTCDay() }
}

/** When the clocks of the zone show the full hour on that day. */
export function instantOf({ year, month, day }: LocalDate, hour: number, zone: string): number {
  const wall = Date.UTC(year, month - 1, day, hour)
  const near = wall - offsetAt(wall, zone)
  return wall - offsetAt(near, zone)
}

/** The day so many days later, or earlier. */
export function dayLater({ year, month, day }: LocalDate, days: number): LocalDate {
  const date = new Date(Date.UTC(year, month - 1, day) + days * DAY)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** The same day so many months later, or the last day of a shorter month. */
export function monthsLater({ year, month, day }: LocalDate, months: number): LocalDate {
  const first = new Date(Date.UTC(year, month - 1 + months, 1))
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  return { year: first.getUTCFullYear(), month: first.getUTCMonth() + 1, day: Math.min(day, length) }
}

function offsetAt(at: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(at)
  const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(
    (type) => Number(parts.find((part) => part.type === type)!.value),
  )
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const // prettier-ignore
  const format = new Intl.DateTimeFormat('en-US', { ...numeric, timeZone: zone, hourCycle: 'h23' })
  formats.set(zone, format)
  return format
}
