import fc from 'fast-check'
import { formatClock, startOfLocalDay, toLocal, zoneRule, type ZoneRule } from '../../sdk/time'
import { quietHours } from '../../sdk/contact/quiet-hours'
import { QuietTimes } from '../../sdk/contact/quiet-stretch'
import { firstLimits, type Contact, type QuietHours, type TimeOfDay } from '../../sdk/contact'
import { at, contactOf } from './proposals'

const nights: QuietHours = { name: 'nights', from: '21:00', to: '08:00' }
const sundays: QuietHours = { name: 'sundays', from: '00:00', to: '00:00', weekdays: [7] }
const holidays: QuietHours = { name: 'feasts', from: '00:00', to: '00:00', onHolidays: ['de'] }

/** Until when it is quiet, in ISO; undefined when it is not. */
function heldUntil(hours: readonly QuietHours[], when: string, more: Parameters<typeof contactOf>[0] = {}) {
  const ruling = quietHours.rule(asked(hours, when, more))
  if (ruling.is !== 'holds') return undefined
  return ruling.until === Infinity ? 'for good' : new Date(ruling.until).toISOString().slice(0, 16)
}

const asked = (
  hours: readonly QuietHours[],
  when: string,
  { limits, proposal, ...more }: NonNullable<Parameters<typeof contactOf>[0]> = {},
): Contact =>
  contactOf({
    ...more,
    limits: { quietHours: hours, holidays: { de: ['2026-12-25', '2026-12-26'] }, ...limits },
    proposal: { at: at(when), ...proposal },
  })

const inZone = (name: string) => ({ zone: { name, source: 'profile' } })

describe('quiet hours', () => {
  test.each([
    ['before they begin', '2026-11-24T19:59:59.999Z', undefined],
    ['from their first moment', '2026-11-24T20:00Z', '2026-11-25T07:00'],
    ['past midnight', '2026-11-25T02:00Z', '2026-11-25T07:00'],
    ['to their last moment', '2026-11-25T06:59:59.999Z', '2026-11-25T07:00'],
    ['and no longer', '2026-11-25T07:00Z', undefined],
  ])('hold %s', (_, when, until) => {
    expect(heldUntil([nights], when)).toBe(until)
  })

  test('of a night, a Sunday, a night, and so on, are one stretch', () => {
    // Saturday 22:00 to Monday 08:00.
    expect(heldUntil([nights, sundays], '2026-11-21T21:00Z')).toBe('2026-11-23T07:00')
    // Thursday's night, Christmas on Friday and Saturday, Sunday, and Sunday's night.
    expect(heldUntil([nights, sundays, holidays], '2026-12-24T20:30Z')).toBe('2026-12-28T07:00')
  })

  test('follow the weekday on which they begin', () => {
    const fridayNights: QuietHours = { ...nights, weekdays: [5] }
    expect(heldUntil([fridayNights], '2026-11-27T22:00Z')).toBe('2026-11-28T07:00')
    expect(heldUntil([fridayNights], '2026-11-28T02:00Z')).toBe('2026-11-28T07:00')
    expect(heldUntil([fridayNights], '2026-11-28T22:00Z')).toBeUndefined()
  })

  test('may be whole days, from any hour', () => {
    const fromNoon: QuietHours = { name: 'sabbath', from: '12:00', to: '12:00', weekdays: [6] }
    expect(heldUntil([fromNoon], '2026-11-28T10:59Z')).toBeUndefined()
    expect(heldUntil([fromNoon], '2026-11-28T11:00Z')).toBe('2026-11-29T11:00')
    expect(heldUntil([fromNoon], '2026-11-29T10:59Z')).toBe('2026-11-29T11:00')
  })

  test('on holidays last the local day, in every zone', () => {
    expect(heldUntil([holidays], '2026-12-24T23:00Z')).toBe('2026-12-26T23:00')
    expect(heldUntil([holidays], '2026-12-24T10:00Z', inZone('Pacific/Kiritimati'))).toBe('2026-12-26T10:00')
    expect(heldUntil([{ ...holidays, onHolidays: ['fr'] }], '2026-12-24T23:00Z')).toBeUndefined()
  })

  test('concern channel, category and journey as their scope says', () => {
    const late = '2026-11-24T22:00Z'
    const texts: QuietHours = { ...nights, channels: ['sms'] }
    expect(heldUntil([texts], late)).toBeUndefined()
    expect(heldUntil([texts], late, { proposal: { channel: 'sms' } })).toBeDefined()
    const transactional = { proposal: { category: 'transactional' } } as const
    expect(heldUntil([nights], late, transactional)).toBeUndefined()
    expect(heldUntil([{ ...nights, categories: ['transactional'] }], late, transactional)).toBeDefined()
    expect(heldUntil([{ ...nights, categories: ['transactional'] }], late)).toBeUndefined()
    expect(heldUntil([{ ...nights, journeys: ['shop'] }], late)).toBeUndefined()
  })

  test('of countries are for their customers alone, and add to the others', () => {
    const german: QuietHours = { name: 'german', countries: ['DE'], from: '20:00', to: '09:00' }
    const elsewhere: QuietHours = { ...nights, exceptCountries: ['DE'] }
    const evening = '2026-11-24T19:30Z'
    const night = '2026-11-24T22:00Z'
    expect(heldUntil([nights, german], evening)).toBe('2026-11-25T08:00')
    expect(heldUntil([nights, german], evening, { country: 'FR' })).toBeUndefined()
    expect(heldUntil([nights, german], evening, { country: undefined })).toBeUndefined()
    expect(heldUntil([nights, german], night, { country: undefined })).toBe('2026-11-25T07:00')
    expect(heldUntil([elsewhere], night)).toBeUndefined()
    expect(heldUntil([elsewhere], night, { country: 'FR' })).toBe('2026-11-25T07:00')
    expect(heldUntil([elsewhere], night, { country: undefined })).toBe('2026-11-25T07:00')
  })

  test('that are always hold for good', () => {
    expect(heldUntil([{ ...nights, from: '09:00', to: '09:00' }], '2026-11-24T12:00Z')).toBe('for good')
    const days: QuietHours = { name: 'days', from: '08:00', to: '21:00' }
    expect(heldUntil([nights, days], '2026-11-24T12:00Z')).toBe('for good')
  })

  test('hold through both clock changes', () => {
    expect(heldUntil([nights], '2027-03-27T21:00Z')).toBe('2027-03-28T06:00')
    expect(heldUntil([nights], '2027-10-30T20:00Z')).toBe('2027-10-31T07:00')
    // 02:30 is left out: it is over when the clocks go from 02:00 to 03:00.
    expect(heldUntil([{ ...nights, to: '02:30' }], '2027-03-27T21:00Z')).toBe('2027-03-28T01:00')
    // The clocks show 02:00 to 02:30 twice.
    expect(heldUntil([{ ...nights, to: '02:30' }], '2027-10-30T23:00Z')).toBe('2027-10-31T00:30')
    expect(heldUntil([{ ...nights, to: '02:30' }], '2027-10-31T01:10Z')).toBe('2027-10-31T01:30')
  })

  test('go by half-hour zones, and half-hour clock changes', () => {
    expect(heldUntil([nights], '2026-11-24T16:00Z', inZone('Asia/Kolkata'))).toBe('2026-11-25T02:30')
    expect(heldUntil([nights], '2026-11-24T16:00Z', inZone('Asia/Kathmandu'))).toBe('2026-11-25T02:15')
    expect(heldUntil([nights], '2027-04-03T11:00Z', inZone('Australia/Lord_Howe'))).toBe('2027-04-03T21:30')
  })

  test('say what they went by', () => {
    const because = (hours: readonly QuietHours[], more = {}) =>
      quietHours.rule(asked(hours, '2026-11-24T22:12Z', more)).because
    expect(because([nights])).toBe(
      'nights 21:00 to 08:00: now Tue 23:12 in Europe/Berlin from profile; until Wed 08:00',
    )
    const wednesdays = { ...sundays, name: 'wednesdays', weekdays: [3] }
    expect(because([holidays, nights, wednesdays])).toBe(
      'nights 21:00 to 08:00, wednesdays 00:00 to 00:00 on Wed: now Tue 23:12 in Europe/Berlin from profile; until Thu 08:00',
    )
    expect(because([{ ...nights, to: '21:00' }])).toMatch(/; with no end$/)
    expect(because([sundays, holidays])).toBe(
      'none of sundays, feasts: now Tue 23:12 in Europe/Berlin from profile',
    )
    expect(because([])).toBe('no quiet hours concern it')
    expect(because([nights], { limits: { spreadOver: '30 minutes' } })).toMatch(
      /; until Wed 08:00 and \d+ min, not to wake all at once$/,
    )
  })
})

describe('the first limits', () => {
  const free = (country: string | undefined, channel: string, day: string) =>
    Array.from({ length: 48 }, (_, half) => at(`${day}T00:00-05:00`) + half * 1_800_000)
      .filter((when) => {
        const contact = contactOf({ country, zone: { name: 'Etc/GMT+5', source: 'profile' } })
        const proposal = { ...contact.proposal, channel, at: when }
        return quietHours.rule({ ...contact, limits: firstLimits, proposal }).is === 'allows'
      })
      .map((when) => formatClock(when, 'Etc/GMT+5', when).slice(4))

  test.each([
    ['US', 'voice', '2026-11-25', '08:00', '20:30'],
    ['US', 'sms', '2026-11-29', '08:00', '20:30'],
    ['CA', 'voice', '2026-11-25', '09:00', '20:30'],
    ['CA', 'voice', '2026-11-27', '09:00', '20:30'],
    ['CA', 'voice', '2026-11-28', '10:00', '17:30'],
    ['CA', 'voice', '2026-11-29', '10:00', '17:30'],
    ['CA', 'voice', '2026-11-30', '09:00', '20:30'],
    ['CA', 'sms', '2026-11-29', '08:00', '20:30'],
    [undefined, 'push', '2026-11-29', '08:00', '20:30'],
    [undefined, 'email', '2026-11-29', '00:00', '23:30'],
  ])('let %s by %s on %s go from %s to %s', (country, channel, day, first, last) => {
    const halfHours = free(country, channel, day)
    expect([halfHours[0], halfHours.at(-1)]).toEqual([first, last])
    const between = Number(last.slice(0, 2)) * 2 + Number(last.slice(3)) / 30 - Number(first.slice(0, 2)) * 2
    expect(halfHours).toHaveLength(between + 1)
  })
})

describe('those held until the same moment', () => {
  const untilOf = (customerId: string, hours: readonly QuietHours[]): number => {
    const ruling = quietHours.rule(
      asked(hours, '2026-11-24T22:00Z', { customerId, limits: { spreadOver: '30 minutes' } }),
    )
    return ruling.is === 'holds' ? ruling.until : NaN
  }
  const customers = Array.from({ length: 1_500 }, (_, each) => `customer-${each}`)
  const minutesAfter = (hours: readonly QuietHours[]) =>
    customers.map((id) => Math.floor((untilOf(id, hours) - at('2026-11-25T07:00Z')) / 60_000))

  test('are spread evenly, and each always by the same', () => {
    const minutes = minutesAfter([nights])
    const perMinute = Array.from({ length: 30 }, (_, each) => minutes.filter((it) => it === each).length)
    expect(perMinute.reduce((sum, each) => sum + each)).toBe(1_500)
    expect(Math.min(...perMinute)).toBeGreaterThan(25)
    expect(Math.max(...perMinute)).toBeLessThan(80)
    expect(minutesAfter([nights])).toEqual(minutes)
  })

  test('are not spread into the quiet hours that come next', () => {
    const minutes = minutesAfter([nights, { name: 'breakfast', from: '08:10', to: '09:00' }])
    expect(Math.max(...minutes)).toBe(9)
    expect(minutes.filter((each) => each === 0).length).toBeGreaterThan(100)
  })
})

describe('any quiet hours in any zone', () => {
  const MINUTE = 60_000
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'Africa/Casablanca',
    'Pacific/Chatham',
    'America/Sao_Paulo',
    'Asia/Gaza',
    'UTC',
  ]
  const zoneRules = Object.fromEntries(zones.map((zone) => [zone, zoneRule(zone)]))
  const yearStart = Date.UTC(2027, 0, 1)
  const yearMinutes = 365 * 24 * 60
  const dates = ['2027-03-28', '2027-10-31', '2027-03-14', '2027-11-07', '2027-07-14']

  const two = (value: number) => String(value).padStart(2, '0')
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 0, 15, 30, 59))
    .map(([hour, minute]): TimeOfDay => `${two(hour)}:${two(minute)}` as TimeOfDay)
  const hoursOf = fc.record(
    {
      name: fc.constant('some'),
      from: time,
      to: time,
      weekdays: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), {
        nil: undefined,
      }),
      onHolidays: fc.option(fc.constant(['all']), { nil: undefined, freq: 5 }),
    },
    { requiredKeys: ['name', 'from', 'to', 'weekdays', 'onHolidays'] },
  )

  /** Whether the clocks show a quiet time, worked out from what `toLocal` shows and nothing else. */
  function isQuiet(hours: readonly QuietHours[], instant: number, rule: ZoneRule): boolean {
    const local = toLocal(instant, rule)
    const date = `${local.year}-${two(local.month)}-${two(local.day)}`
    const now = `${two(local.hour)}:${two(local.minute)}`
    return hours.some(({ from, to, weekdays = [1, 2, 3, 4, 5, 6, 7], onHolidays }) => {
      if (onHolidays) return dates.includes(date)
      const today = weekdays.includes(local.weekday)
      const yesterday = weekdays.includes(local.weekday === 1 ? 7 : local.weekday - 1)
      return from < to ? today && from <= now && now < to : (today && from <= now) || (yesterday && now < to)
    })
  }

  /** Half of them near a clock change, where the mistakes are. */
  const moments = zones.flatMap((zone) => {
    const rule = zoneRules[zone]!
    const days = Array.from({ length: 365 }, (_, day) => yearStart + day * 1440 * MINUTE)
    return days.filter((day) => rule(day) !== rule(day + 1440 * MINUTE)).map((day) => ({ zone, day }))
  })
  const anyMoment = fc.oneof(
    fc.record({ zone: fc.constantFrom(...zones), minute: fc.integer({ min: 0, max: yearMinutes }) }),
    fc
      .tuple(fc.constantFrom(...moments), fc.integer({ min: -2 * 1440, max: 2 * 1440 }))
      .map(([{ zone, day }, off]) => ({ zone, minute: (day - yearStart) / MINUTE + off })),
  )

  test('end when a walk by the minute says so', () => {
    const property = fc.property(
      fc.array(hoursOf, { minLength: 1, maxLength: 4 }),
      anyMoment,
      (hours, { zone, minute }) => {
        const from = yearStart + minute * MINUTE
        const rule = zoneRules[zone]!
        const walked = walk(from, (instant) => isQuiet(hours, instant, rule), 9 * 1440)
        const found = new QuietTimes(hours, { all: dates }, zone).stretchAt(from)
        if (walked === undefined) expect(found!.end).toBeGreaterThan(from + 9 * 1440 * MINUTE)
        else expect(found?.end ?? from).toBe(walked)
      },
    )
    fc.assert(property, { seed: 5, numRuns: 300 })
  })

  test('begin when a walk by the minute says so', () => {
    const property = fc.property(
      fc.array(hoursOf, { minLength: 1, maxLength: 4 }),
      anyMoment,
      (hours, { zone, minute }) => {
        const from = yearStart + minute * MINUTE
        const rule = zoneRules[zone]!
        fc.pre(!isQuiet(hours, from, rule))
        const walked = walk(from, (instant) => !isQuiet(hours, instant, rule), 1440) ?? from + 1440 * MINUTE
        const found = new QuietTimes(hours, { all: dates }, zone).freeFor(from, 1440 * MINUTE)
        expect(found).toBe(walked - from)
      },
    )
    fc.assert(property, { seed: 6, numRuns: 200 })
  })

  test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca'])(
    'hold every minute of a year in %s as the reference does',
    (zone) => {
      const hours: QuietHours[] = [
        { name: 'nights', from: '21:30', to: '02:15' },
        { name: 'sundays', from: '00:00', to: '00:00', weekdays: [7] },
        { name: 'feasts', from: '00:00', to: '00:00', onHolidays: ['all'] },
      ]
      const times = new QuietTimes(hours, { all: dates }, zone)
      const wrong: string[] = []
      let [end, quietLater, asked] = [NaN, false, 0]
      for (let minute = yearMinutes; minute >= 0; minute--) {
        const instant = yearStart + minute * MINUTE
        const quiet = isQuiet(hours, instant, zoneRules[zone]!)
        if (!quiet) end = instant
        // Asked at the edges, where mistakes are, and now and then.
        if (!Number.isNaN(end) && (quiet !== quietLater || minute % 97 === 0)) {
          asked++
          if (times.stretchAt(instant)?.end !== (quiet ? end : undefined))
            wrong.push(formatClock(instant, zone, yearStart))
        }
        quietLater = quiet
      }
      expect(wrong).toEqual([])
      expect(asked).toBeGreaterThan(5_000)
    },
  )

  /** The first minute from here on at which `goesOn` no longer holds. */
  function walk(from: number, goesOn: (instant: number) => boolean, most: number): number | undefined {
    for (let minute = 0; minute <= most; minute++)
      if (!goesOn(from + minute * MINUTE)) return from + minute * MINUTE
    return undefined
  }

  test('with a zone whose midnight is left out, holidays begin at its first moment', () => {
    // Beirut goes from 00:00 to 01:00.
    const start = startOfLocalDay(Date.UTC(2027, 2, 28, 12), 'Asia/Beirut')
    const feasts: QuietHours[] = [{ name: 'feasts', from: '00:00', to: '00:00', onHolidays: ['all'] }]
    const times = new QuietTimes(feasts, { all: ['2027-03-28'] }, 'Asia/Beirut')
    expect(times.stretchAt(start - 1)).toBeUndefined()
    expect(times.stretchAt(start)!.end - start).toBe(23 * 60 * MINUTE)
  })
})
