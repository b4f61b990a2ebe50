import type { QuietHours, TimeOfDay } from './limits'
import { zoneRule, type ZoneRule } from '../time/zones'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Quiet for longer is quiet for good. */
const LONGEST_MS = 400 * DAY_MS

/** A stretch of quiet hours that follow each other without a gap. */
export interface QuietStretch {
  /** All that take part in it, in order of their coming. */
  readonly hours: readonly QuietHours[]
  /** The first moment that is not quiet, epoch ms; Infinity if there is none within 400 days. */
  readonly end: number
}

/** What a clock on the wall shows: days since 1 January 1970, and ms since midnight. */
interface Wall {
  readonly day: number
  readonly time: number
}

interface Quiet {
  readonly hours: QuietHours
  at(wall: Wall): boolean
}

/**
 * Quiet hours by the clocks of one zone. A moment is quiet when the clocks show a quiet time then: one that a clock change
 * leaves out is never quiet, one that comes twice is quiet twice. Throws RangeError for an unknown zone.
 */
export class QuietTimes {
  private readonly quiets: readonly Quiet[]
  readonly rule: ZoneRule
  /** The times of day, ms, at which it may begin or end to be quiet. */
  private readonly edges: readonly number[]

  constructor(
    hours: readonly QuietHours[],
    holidays: Readonly<Record<string, readonly string[]>>,
    zone: string,
  ) {
    this.quiets = hours.map((each) => (each.onHolidays ? onHolidays(each, holidays) : daily(each)))
    this.rule = zoneRule(zone)
    const times = hours.flatMap(({ from, to }) => [msOf(from), msOf(to)])
    this.edges = [...new Set([...times, DAY_MS])].sort((one, other) => one - other)
  }

  /** The stretch that a moment lies in. */
  stretchAt(at: number): QuietStretch | undefined {
    const hours = new Set<QuietHours>()
    for (let moment = at; moment <= at + LONGEST_MS; moment = this.nextEdge(moment)) {
      const quiet = this.quietAt(moment)
      if (quiet.length === 0) return moment === at ? undefined : { hours: [...hours], end: moment }
      for (const each of quiet) hours.add(each)
    }
    return { hours: [...hours], end: Infinity }
  }

  /** How long it stays free from a free moment on, at most `within` ms. */
  freeFor(from: number, within: number): number {
    for (let moment = from; moment < from + within; moment = this.nextEdge(moment))
      if (this.quietAt(moment).length > 0) return moment - from
    return within
  }

  private quietAt(at: number): QuietHours[] {
    const wall = wallAt(at, this.rule)
    return this.quiets.filter((quiet) => quiet.at(wall)).map(({ hours }) => hours)
  }

  /** The next moment at which anything may begin or end: a time of day that does, or a clock change. */
  private nextEdge(at: number): number {
    const { time } = wallAt(at, this.rule)
    const next = at + this.edges.find((edge) => edge > time)! - time
    return this.rule(next) === this.rule(at) ? next : changeBetween(at, next, this.rule)
  }
}

const wallAt = (at: number, rule: ZoneRule): Wall => {
  const shown = at + rule(at) * MINUTE_MS
  const day = Math.floor(shown / DAY_MS)
  return { day, time: shown - day * DAY_MS }
}

function daily(hours: QuietHours): Quiet {
  const [from, to] = [msOf(hours.from), msOf(hours.to)]
  const beginsOn = (day: number): boolean => hours.weekdays?.includes(weekdayOf(day)) ?? true
  const at = ({ day, time }: Wall): boolean =>
    from < to
      ? beginsOn(day) && from <= time && time < to
      : (beginsOn(day) && from <= time) || (beginsOn(day - 1) && time < to)
  return { hours, at }
}

function onHolidays(hours: QuietHours, holidays: Readonly<Record<string, readonly string[]>>): Quiet {
  const dates = hours.onHolidays!.flatMap((calendar) => holidays[calendar] ?? [])
  const days = new Set(dates.map((date) => Date.parse(`${date}T00:00:00Z`) / DAY_MS))
  return { hours, at: ({ day }) => days.has(day) }
}

/** ISO: Monday 1 to Sunday 7. The first of January 1970 was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

function msOf(time: TimeOfDay): number {
  const [hours, minutes] = time.split(':').map(Number)
  return (hours! * 60 + minutes!) * MINUTE_MS
}

/** The first moment after `from` with the offset of `to`. */
function changeBetween(from: number, to: number, rule: ZoneRule): number {
  const before = rule(from)
  let [low, high] = [from, to]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (rule(middle) === before) low = middle
    else high = middle
  }
  return high
}
