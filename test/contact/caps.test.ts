import fc from 'fast-check'
import { longestWindowMs, type Cap, type Counted } from '../../sdk/contact'
import { freeAgainAt, freeAt, frequencyCaps, nextPlaceAt, talliesOf } from '../../sdk/contact/caps'
import { toLocal } from '../../sdk/time'
import { at, contactOf, countedOf } from './proposals'

const weekly: Cap = { name: 'weekly', most: 2, window: { rolling: '7 days' } }
const perDay: Cap = { name: 'per day', most: 1, window: { calendar: 'day' } }
const perWeek: Cap = { name: 'per week', most: 1, window: { calendar: 'week' } }
const perMonth: Cap = { name: 'per month', most: 1, window: { calendar: 'month' } }

const asked = (caps: readonly Cap[], counted: readonly Counted[], when: string, more = {}) =>
  contactOf({ counted, limits: { caps }, proposal: { at: at(when), ...more } })

/** Until when the caps hold it, in ISO; undefined when they do not. */
function heldUntil(...args: Parameters<typeof asked>): string | undefined {
  const ruling = frequencyCaps.rule(asked(...args))
  if (ruling.is !== 'holds') return undefined
  return ruling.until === Infinity ? 'for good' : new Date(ruling.until).toISOString()
}

describe('a rolling cap', () => {
  const two = [countedOf('2026-11-20T09:12:00Z'), countedOf('2026-11-23T10:00:00Z')]

  test('holds until the oldest that is in the way leaves the window, to the millisecond', () => {
    expect(heldUntil([weekly], two, '2026-11-24T12:00:00Z')).toBe('2026-11-27T09:12:00.000Z')
    expect(heldUntil([weekly], two, '2026-11-27T09:11:59.999Z')).toBe('2026-11-27T09:12:00.000Z')
    expect(heldUntil([weekly], two, '2026-11-27T09:12:00.000Z')).toBeUndefined()
  })

  test('that was lowered meanwhile holds until enough have left', () => {
    const more = [countedOf('2026-11-19T08:00:00Z'), ...two]
    expect(heldUntil([weekly], more, '2026-11-24T12:00:00Z')).toBe('2026-11-27T09:12:00.000Z')
    expect(heldUntil([{ ...weekly, most: 1 }], more, '2026-11-24T12:00:00Z')).toBe('2026-11-30T10:00:00.000Z')
  })

  test('is not stretched by a clock change', () => {
    const before = [countedOf('2027-03-27T11:00:00Z')]
    const daily: Cap = { name: 'daily', most: 1, window: { rolling: '24 hours' } }
    expect(heldUntil([daily], before, '2027-03-28T10:59:00Z')).toBe('2027-03-28T11:00:00.000Z')
  })

  test('counts one that went out ahead of this clock', () => {
    expect(
      heldUntil([{ ...weekly, most: 1 }], [countedOf('2026-11-25T00:00:00Z')], '2026-11-24T12:00:00Z'),
    ).toBe('2026-12-02T00:00:00.000Z')
  })

  test('never lets more than it says into any window, whatever is asked when', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 0, max: 40 * 24 * 60 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 14 * 24 }),
      (minutes, most, hours) => {
        const cap: Cap = { name: 'any', most, window: { rolling: `${hours} hours` } }
        const went: number[] = []
        for (const minute of minutes.toSorted((one, other) => one - other)) {
          const now = at('2027-03-01T00:00:00Z') + minute * 60_000
          const counted = went.map((each) => countedOf(new Date(each).toISOString()))
          const contact = asked([cap], counted, new Date(now).toISOString())
          const ruling = frequencyCaps.rule(contact)
          if (ruling.is === 'allows') went.push(now)
          else expect(ruling).toMatchObject({ is: 'holds', until: freeAt(talliesOf(contact)[0]!, contact) })
        }
        const inWindow = (from: number) =>
          went.filter((each) => each >= from && each < from + hours * 3_600_000).length
        expect(Math.max(0, ...went.map(inWindow))).toBeLessThanOrEqual(most)
      },
    )
    fc.assert(property, { seed: 8, numRuns: 200 })
  })

  test('has a place at the very moment it promised, and not a millisecond before', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 0, max: 6 * 86_400_000 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 5 }),
      (ago, most) => {
        const now = at('2027-03-28T12:00:00Z')
        const counted = ago
          .toSorted((one, other) => other - one)
          .map((each) => countedOf(new Date(now - each).toISOString()))
        const ruling = (when: number) =>
          frequencyCaps.rule(asked([{ ...weekly, most }], counted, new Date(when).toISOString()))
        const first = ruling(now)
        if (first.is !== 'holds') return expect(counted.length).toBeLessThan(most)
        expect(ruling(first.until).is).toBe('allows')
        expect(ruling(first.until - 1).is).toBe('holds')
      },
    )
    fc.assert(property, { seed: 9, numRuns: 300 })
  })
})

describe('a calendar cap', () => {
  const one = (when: string) => [countedOf(when)]

  test("goes by the customer's days", () => {
    expect(heldUntil([perDay], one('2026-11-24T00:30:00+01:00'), '2026-11-24T23:59:00+01:00')).toBe(
      '2026-11-24T23:00:00.000Z',
    )
    expect(heldUntil([perDay], one('2026-11-24T23:59:59+01:00'), '2026-11-25T00:00:00+01:00')).toBeUndefined()
  })

  test('goes by weeks from Monday', () => {
    expect(heldUntil([perWeek], one('2026-11-23T00:00:00+01:00'), '2026-11-29T12:00:00+01:00')).toBe(
      '2026-11-29T23:00:00.000Z',
    )
    expect(
      heldUntil([perWeek], one('2026-11-22T23:59:00+01:00'), '2026-11-23T00:00:00+01:00'),
    ).toBeUndefined()
  })

  test('goes by months, over the end of the year', () => {
    expect(heldUntil([perMonth], one('2026-12-01T00:00:00+01:00'), '2026-12-31T12:00:00+01:00')).toBe(
      '2026-12-31T23:00:00.000Z',
    )
    expect(
      heldUntil([perMonth], one('2026-11-30T23:00:00+01:00'), '2026-12-01T00:00:00+01:00'),
    ).toBeUndefined()
    expect(heldUntil([perMonth], one('2028-02-29T12:00:00+01:00'), '2028-02-29T13:00:00+01:00')).toBe(
      '2028-02-29T23:00:00.000Z',
    )
  })

  test('has days of 23 and 25 hours, and weeks and months with them', () => {
    expect(heldUntil([perDay], one('2027-03-28T00:10:00+01:00'), '2027-03-28T23:50:00+02:00')).toBe(
      '2027-03-28T22:00:00.000Z',
    )
    expect(heldUntil([perDay], one('2027-10-31T00:10:00+02:00'), '2027-10-31T23:50:00+01:00')).toBe(
      '2027-10-31T23:00:00.000Z',
    )
    expect(heldUntil([perWeek], one('2027-03-22T00:00:00+01:00'), '2027-03-28T12:00:00+02:00')).toBe(
      '2027-03-28T22:00:00.000Z',
    )
    expect(heldUntil([perMonth], one('2027-10-01T00:00:00+02:00'), '2027-10-31T12:00:00+01:00')).toBe(
      '2027-10-31T23:00:00.000Z',
    )
  })

  test('lets go at one moment, and customers are spread over the time after it', () => {
    const untils = Array.from({ length: 500 }, (_, each) => {
      const contact = contactOf({
        customerId: `customer-${each}`,
        counted: one('2026-11-24T08:00:00Z'),
        limits: { caps: [perDay], spreadOver: '30 minutes' },
      })
      const ruling = frequencyCaps.rule(contact)
      return ruling.is === 'holds' ? (ruling.until - at('2026-11-24T23:00:00Z')) / 60_000 : NaN
    })
    expect(Math.min(...untils)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...untils)).toBeLessThan(30)
    expect(new Set(untils.map(Math.floor)).size).toBe(30)
  })

  test('agrees with the calendar of any zone on what is within it', () => {
    const property = fc.property(
      fc.constantFrom(
        'Europe/Berlin',
        'America/St_Johns',
        'Australia/Lord_Howe',
        'Asia/Beirut',
        'Pacific/Apia',
      ),
      fc.integer({ min: 0, max: 366 * 24 * 60 }),
      fc.integer({ min: 0, max: 40 * 24 * 60 }),
      fc.constantFrom('day', 'week', 'month'),
      (zone, minute, ago, calendar) => {
        const now = Date.UTC(2027, 0, 1) + minute * 60_000
        const before = now - ago * 60_000
        const contact = contactOf({
          zone: { name: zone, source: 'profile' },
          counted: [countedOf(new Date(before).toISOString())],
          limits: { caps: [{ name: 'one', most: 1, window: { calendar } }] },
          proposal: { at: now },
        })
        const within = periodOf(calendar, before, zone) === periodOf(calendar, now, zone)
        const ruling = frequencyCaps.rule(contact)
        expect(ruling.is).toBe(within ? 'holds' : 'allows')
        if (ruling.is === 'holds') {
          expect(periodOf(calendar, ruling.until, zone)).not.toBe(periodOf(calendar, now, zone))
          expect(periodOf(calendar, ruling.until - 1, zone)).toBe(periodOf(calendar, now, zone))
        }
        // What counts lies within what is read.
        if (within) expect(now - before).toBeLessThan(longestWindowMs(contact.limits))
      },
    )
    fc.assert(property, { seed: 10, numRuns: 500 })
  })

  /** A name for the period a moment lies in, worked out from the date alone. */
  function periodOf(calendar: string, instant: number, zone: string): string {
    const { year, month, day, weekday } = toLocal(instant, zone)
    if (calendar === 'month') return `${year}-${month}`
    const back = calendar === 'week' ? weekday - 1 : 0
    return new Date(Date.UTC(year, month - 1, day - back)).toISOString().slice(0, 10)
  }
})

describe('caps', () => {
  const used = countedOf('2026-11-24T08:00:00Z')

  test('count what their scope says: channel, category and journey', () => {
    const one: Cap = { ...weekly, most: 1 }
    const when = '2026-11-24T12:00:00Z'
    expect(heldUntil([{ ...one, channels: ['sms'] }], [used], when)).toBeUndefined()
    expect(heldUntil([{ ...one, journeys: ['shop'] }], [used], when)).toBeUndefined()
    expect(heldUntil([one], [{ ...used, journey: 'shop', channel: 'sms' }], when)).toBeDefined()
    expect(heldUntil([one], [{ ...used, category: 'transactional' }], when)).toBeUndefined()
    const both: Cap = { ...one, categories: ['marketing', 'transactional'] }
    expect(heldUntil([both], [{ ...used, category: 'transactional' }], when)).toBeDefined()
  })

  test('are not asked by transactional touchpoints, even one that names them', () => {
    const stopsAll: Cap = { ...weekly, most: 0, categories: ['marketing', 'transactional'] }
    expect(
      heldUntil([stopsAll], [used], '2026-11-24T12:00:00Z', { category: 'transactional' }),
    ).toBeUndefined()
  })

  test('of none hold for good', () => {
    for (const cap of [weekly, perDay])
      expect(heldUntil([{ ...cap, most: 0 }], [], '2026-11-24T12:00:00Z')).toBe('for good')
  })

  test('that overlap hold until all of them have a place', () => {
    const caps: Cap[] = [perDay, { ...weekly, most: 1 }]
    expect(heldUntil(caps, [used], '2026-11-24T12:00:00Z')).toBe('2026-12-01T08:00:00.000Z')
    expect(heldUntil([perDay, weekly], [used], '2026-11-24T12:00:00Z')).toBe('2026-11-24T23:00:00.000Z')
  })

  test('say what they counted', () => {
    const said = (caps: readonly Cap[]) =>
      frequencyCaps.rule(asked(caps, [used], '2026-11-24T12:00:00Z')).because
    expect(said([weekly, perDay])).toBe(
      'cap weekly, 2 in 7 days: 1 used (Tue 24 Nov 09:00 in Europe/Berlin); cap per day, 1 a calendar day: 1 used (Tue 24 Nov 09:00 in Europe/Berlin)',
    )
    expect(said([])).toBe('no cap concerns it')
  })

  test('know when a place that is taken now, and the next of those taken, are free again', () => {
    const contact = asked([weekly, perWeek], [used], '2026-11-24T12:00:00Z')
    const [rolling, calendar] = talliesOf(contact)
    expect(new Date(freeAgainAt(rolling!, contact)).toISOString()).toBe('2026-12-01T12:00:00.000Z')
    expect(new Date(freeAgainAt(calendar!, contact)).toISOString()).toBe('2026-11-29T23:00:00.000Z')
    expect(new Date(nextPlaceAt(rolling!, contact)).toISOString()).toBe('2026-12-01T08:00:00.000Z')
    expect(new Date(nextPlaceAt(calendar!, contact)).toISOString()).toBe('2026-11-29T23:00:00.000Z')
    expect(nextPlaceAt({ ...rolling!, used: [] }, contact)).toBe(Infinity)
  })
})
