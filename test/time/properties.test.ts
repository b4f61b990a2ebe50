import moment from 'moment-timezone'
import {
  addLocal,
  isZone,
  nextLocal,
  startOfLocalDay,
  toInstant,
  toLocal,
  zoneNames,
  zoneRule,
} from '../../sdk/time'
import { seededRandom } from './random'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const from = Date.UTC(2020, 0, 3)
const until = Date.UTC(2037, 11, 31)
const zones = zoneNames()

interface Sample {
  zone: string
  instant: number
}

/** Instants in whole seconds: at random, and around clock changes, where the mistakes are. */
function samples(seed: number, count: number): Sample[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const zone = zones[i % zones.length]!
    const changes = moment.tz.zone(zone)!.untils.filter((at) => at > from && at < until)
    const change = changes[random(0, changes.length - 1)]
    const near = change !== undefined && random(0, 1) === 0
    const instant = near ? change + random(-2 * day, 2 * day) : random(from, until)
    return { zone, instant: Math.floor(instant / 1000) * 1000 }
  })
}

const show = ({ zone, instant }: Sample, more = '') => `${zone} ${new Date(instant).toISOString()} ${more}`

/** Whether the same local time came before, in an overlap (the longest is two hours). */
function isSecondShowing({ zone, instant }: Sample): boolean {
  const shift = (zoneRule(zone)(instant - 2 * hour) - zoneRule(zone)(instant)) * minute
  return shift > 0 && zoneRule(zone)(instant - shift) * minute === zoneRule(zone)(instant) * minute + shift
}

describe('toInstant', () => {
  test('takes toLocal back, to the first of two where a time comes twice', () => {
    const wrong = samples(1, 30_000).filter(({ zone, instant }) => {
      const back = toInstant(toLocal(instant, zone), zone)
      return isSecondShowing({ zone, instant }) ? back >= instant : back !== instant
    })
    expect(wrong.map((sample) => show(sample))).toEqual([])
  })

  test('agrees with moment-timezone on every local time', () => {
    const wrong = samples(2, 10_000).filter(({ zone, instant }) => {
      const wall = new Date(instant).toISOString().slice(0, 19)
      const { year, month, day, hour, minute, second } = toLocal(instant, 'UTC')
      const mine = toInstant({ year, month, day, hour, minute, second }, zone)
      return mine !== moment.tz(wall, zone).valueOf()
    })
    expect(wrong.map((sample) => show(sample))).toEqual([])
  })
})

describe('nextLocal', () => {
  const random = seededRandom(3)
  const cases = samples(4, 20_000).map((sample) => ({
    ...sample,
    pattern: {
      hour: random(0, 23),
      minute: random(0, 3) * 15,
      weekday: random(0, 1) ? random(1, 7) : undefined,
    },
  }))

  test('is strictly after, at most eight days ahead, and shows the time unless a change leaves it out', () => {
    const wrong = cases.filter(({ zone, instant, pattern }) => {
      const found = nextLocal(pattern, instant, zone)
      const local = toLocal(found, zone)
      const shown = local.hour === pattern.hour && local.minute === pattern.minute
      const onDay = !pattern.weekday || local.weekday === pattern.weekday
      const afterChange = zoneRule(zone)(found) > zoneRule(zone)(found - 3 * hour)
      return found <= instant || found > instant + 8 * day || !((shown && onDay) || afterChange)
    })
    expect(wrong.map((sample) => show(sample, JSON.stringify(sample.pattern)))).toEqual([])
  })

  test('is the first one a walk by the minute finds', () => {
    const wrong = cases.slice(0, 1500).filter(({ zone, instant, pattern }) => {
      const found = nextLocal(pattern, instant, zone)
      const rule = zoneRule(zone)
      const matches = (at: number) => {
        const local = toLocal(at, rule)
        const onDay = !pattern.weekday || local.weekday === pattern.weekday
        return onDay && local.hour === pattern.hour && local.minute === pattern.minute
      }
      const steps = Math.ceil((found - instant) / (15 * minute)) + 1
      const start = Math.floor(instant / (15 * minute)) * 15 * minute
      const walked = Array.from({ length: steps }, (_, i) => start + (i + 1) * 15 * minute).find(matches)
      return matches(found) ? walked !== found : walked !== undefined && walked < found
    })
    expect(wrong.map((sample) => show(sample, JSON.stringify(sample.pattern)))).toEqual([])
  })
})

describe('startOfLocalDay', () => {
  test('is the first instant with the date', () => {
    const date = (instant: number, zone: string) => toLocal(instant, zone).day
    const wrong = samples(5, 10_000).filter(({ zone, instant }) => {
      const start = startOfLocalDay(instant, zone)
      const same = date(start, zone) === date(instant, zone) && date(start - 1, zone) !== date(instant, zone)
      return !same || start > instant || start < instant - 26 * hour
    })
    expect(wrong.map((sample) => show(sample))).toEqual([])
  })
})

describe('addLocal', () => {
  test('agrees with moment-timezone, but for times that come twice', () => {
    const random = seededRandom(6)
    const wrong = samples(7, 10_000).filter(({ zone, instant }) => {
      const parts = { months: random(3, 24), days: random(-60, 60), minutes: random(-90, 90) }
      const day = moment.tz(instant, zone).add({ months: parts.months, days: parts.days })
      const secondOfTwo = isSecondShowing({ zone, instant: day.valueOf() })
      return !secondOfTwo && addLocal(instant, parts, zone) !== day.valueOf() + parts.minutes * minute
    })
    expect(wrong.map((sample) => show(sample))).toEqual([])
  })
})

test('names of zones are found whole', () => {
  const cut = zones
    .flatMap((name) => [name.slice(0, -1), name.slice(1)])
    .filter((name) => !zones.includes(name))
  expect(cut.filter(isZone)).toEqual([])
})
