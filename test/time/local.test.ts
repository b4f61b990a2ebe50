import moment from 'moment-timezone'
import {
  addLocal,
  formatLocal,
  nextLocal,
  startOfLocalDay,
  toInstant,
  toLocal,
  type ZoneRule,
} from '../../sdk/time'

const hour = 3_600_000
const at = (text: string) => moment.utc(text, moment.ISO_8601, true).valueOf()
const iso = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 16) + 'Z'

/** '2026-03-29 02:30' as fields. */
function fields(text: string) {
  const [year, month, day, hour, minute] = text.split(/[- :]/).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return { year, month, day, hour, minute }
}

/** A zone with all its past, which the table leaves out. */
function historic(zone: string): ZoneRule {
  const found = moment.tz.zone(zone)!
  return (epochMs) => 0 - found.utcOffset(epochMs)
}

describe('toLocal', () => {
  test('gives the fields of clock and calendar', () => {
    expect(toLocal(at('2026-12-04T08:05:09Z'), 'Europe/Berlin')).toEqual({
      year: 2026,
      month: 12,
      day: 4,
      hour: 9,
      minute: 5,
      second: 9,
      weekday: 5,
    })
  })

  test('counts Sunday as the seventh day', () => {
    expect(toLocal(at('2026-12-05T23:30Z'), 'Europe/Berlin')).toMatchObject({ day: 6, weekday: 7 })
    expect(toLocal(at('2026-12-06T23:30Z'), 'Europe/Berlin')).toMatchObject({ day: 7, weekday: 1 })
  })

  test('refuses an unknown zone', () => {
    expect(() => toLocal(0, 'Mars/Olympus')).toThrow(/Unknown time zone "Mars\/Olympus"; write one like/)
  })
})

describe('toInstant', () => {
  test.each([
    ['an ordinary day', 'Europe/Berlin', '2026-12-24 00:00', '2026-12-23T23:00Z'],
    ['before the spring gap', 'Europe/Berlin', '2026-03-29 01:59', '2026-03-29T00:59Z'],
    ['in the spring gap', 'Europe/Berlin', '2026-03-29 02:30', '2026-03-29T01:30Z'],
    ['after the spring gap', 'Europe/Berlin', '2026-03-29 03:00', '2026-03-29T01:00Z'],
    ['in the autumn overlap', 'Europe/Berlin', '2026-10-25 02:30', '2026-10-25T00:30Z'],
    ['after the autumn overlap', 'Europe/Berlin', '2026-10-25 03:00', '2026-10-25T02:00Z'],
    ['in the gap', 'America/New_York', '2026-03-08 02:30', '2026-03-08T07:30Z'],
    ['in the overlap', 'America/New_York', '2026-11-01 01:30', '2026-11-01T05:30Z'],
    ['in a southern gap', 'Australia/Sydney', '2026-10-04 02:30', '2026-10-03T16:30Z'],
    ['in a southern overlap', 'Australia/Sydney', '2026-04-05 02:30', '2026-04-04T15:30Z'],
    ['in a gap of half an hour', 'Australia/Lord_Howe', '2026-10-04 02:15', '2026-10-03T15:45Z'],
    ['in an overlap of half an hour', 'Australia/Lord_Howe', '2026-04-05 01:45', '2026-04-04T14:45Z'],
    ['half hours', 'Asia/Kolkata', '2026-06-01 09:00', '2026-06-01T03:30Z'],
    ['quarter hours', 'Asia/Kathmandu', '2026-06-01 09:00', '2026-06-01T03:15Z'],
    ['a gap of two hours', 'Antarctica/Troll', '2026-03-29 01:30', '2026-03-29T01:30Z'],
    ['a gap that starts the day', 'Africa/Cairo', '2026-04-24 00:00', '2026-04-23T22:00Z'],
    ['month 13', 'UTC', '2026-13-01 00:00', '2027-01-01T00:00Z'],
  ])('%s: %s %s', (_, zone, local, instant) => {
    expect(iso(toInstant(fields(local), zone))).toBe(instant)
  })

  test('follows the clock through Ramadan', () => {
    expect(iso(toInstant(fields('2025-02-22 12:00'), 'Africa/Casablanca'))).toBe('2025-02-22T11:00Z')
    expect(iso(toInstant(fields('2025-03-15 12:00'), 'Africa/Casablanca'))).toBe('2025-03-15T12:00Z')
    expect(iso(toInstant(fields('2025-04-07 12:00'), 'Africa/Casablanca'))).toBe('2025-04-07T11:00Z')
  })

  test('takes seconds and early years as they are', () => {
    expect(toInstant({ ...fields('2026-01-01 00:00'), second: 30 }, 'UTC')).toBe(
      Date.UTC(2026, 0, 1, 0, 0, 30),
    )
    expect(toLocal(toInstant(fields('0050-01-01 00:00'), 'UTC'), 'UTC').year).toBe(50)
  })

  test('finds both sides of a day left out', () => {
    expect(iso(toInstant(fields('2011-12-29 09:00'), historic('Pacific/Apia')))).toBe('2011-12-29T19:00Z')
    expect(iso(toInstant(fields('2011-12-30 09:00'), historic('Pacific/Apia')))).toBe('2011-12-30T19:00Z')
    expect(iso(toInstant(fields('2011-12-31 09:00'), historic('Pacific/Apia')))).toBe('2011-12-30T19:00Z')
  })
})

describe('nextLocal', () => {
  const next = (pattern: Parameters<typeof nextLocal>[0], after: string, zone: string | ZoneRule) =>
    iso(nextLocal(pattern, at(after), zone))

  test('is later today or tomorrow, strictly after', () => {
    expect(next({ hour: 9 }, '2026-12-04T07:59Z', 'Europe/Berlin')).toBe('2026-12-04T08:00Z')
    expect(next({ hour: 9 }, '2026-12-04T08:00Z', 'Europe/Berlin')).toBe('2026-12-05T08:00Z')
    expect(next({ hour: 9, minute: 30 }, '2026-12-04T08:00Z', 'Europe/Berlin')).toBe('2026-12-04T08:30Z')
  })

  test('finds a weekday, today included', () => {
    expect(next({ hour: 9, weekday: 5 }, '2026-12-04T07:00Z', 'Europe/Berlin')).toBe('2026-12-04T08:00Z')
    expect(next({ hour: 9, weekday: 5 }, '2026-12-04T08:00Z', 'Europe/Berlin')).toBe('2026-12-11T08:00Z')
    expect(next({ hour: 9, weekday: 1 }, '2026-12-04T08:00Z', 'Europe/Berlin')).toBe('2026-12-07T08:00Z')
  })

  test('keeps local time across both changes', () => {
    expect(next({ hour: 9 }, '2026-03-28T08:00Z', 'Europe/Berlin')).toBe('2026-03-29T07:00Z')
    expect(next({ hour: 9 }, '2026-10-24T07:00Z', 'Europe/Berlin')).toBe('2026-10-25T08:00Z')
    expect(next({ hour: 9 }, '2026-03-07T14:00Z', 'America/New_York')).toBe('2026-03-08T13:00Z')
  })

  test('moves a time in a gap forward', () => {
    expect(next({ hour: 2, minute: 30 }, '2026-03-28T12:00Z', 'Europe/Berlin')).toBe('2026-03-29T01:30Z')
    expect(next({ hour: 2, minute: 30 }, '2026-03-29T01:30Z', 'Europe/Berlin')).toBe('2026-03-30T00:30Z')
  })

  test('counts a time that comes twice once', () => {
    expect(next({ hour: 2, minute: 30 }, '2026-10-24T12:00Z', 'Europe/Berlin')).toBe('2026-10-25T00:30Z')
    expect(next({ hour: 2, minute: 30 }, '2026-10-25T00:30Z', 'Europe/Berlin')).toBe('2026-10-26T01:30Z')
    expect(next({ hour: 2, minute: 30 }, '2026-10-25T01:30Z', 'Europe/Berlin')).toBe('2026-10-26T01:30Z')
  })

  test('keeps a weekly time whose gap ends on the next day', () => {
    const after = '2026-03-28T12:00Z'
    expect(next({ hour: 23, minute: 30, weekday: 6 }, after, 'America/Scoresbysund')).toBe(
      '2026-03-29T01:30Z',
    )
    expect(toLocal(at('2026-03-29T01:30Z'), 'America/Scoresbysund')).toMatchObject({
      weekday: 7,
      hour: 0,
      minute: 30,
    })
  })

  test('passes over a day the zone left out', () => {
    const apia = historic('Pacific/Apia')
    expect(next({ hour: 9 }, '2011-12-29T19:00Z', apia)).toBe('2011-12-30T19:00Z')
    expect(next({ hour: 9 }, '2011-12-30T19:00Z', apia)).toBe('2011-12-31T19:00Z')
    expect(next({ hour: 9, weekday: 6 }, '2011-12-29T19:00Z', apia)).toBe('2011-12-30T19:00Z')
    expect(next({ hour: 9, weekday: 5 }, '2011-12-29T19:00Z', apia)).toBe('2012-01-05T19:00Z')
    expect(next({ hour: 9, weekday: 5 }, '2011-12-23T20:00Z', apia)).toBe('2012-01-05T19:00Z')
  })

  test('passes over a day as Kwajalein did, and counts once a day it lived twice', () => {
    const kwajalein = historic('Pacific/Kwajalein')
    expect(toLocal(at('1993-08-21T12:00Z'), kwajalein)).toMatchObject({ day: 22, hour: 0, weekday: 7 })
    expect(next({ hour: 9, weekday: 6 }, '1993-08-20T22:00Z', kwajalein)).toBe('1993-08-27T21:00Z')
    expect(next({ hour: 9 }, '1993-08-20T22:00Z', kwajalein)).toBe('1993-08-21T21:00Z')
    expect(toLocal(at('1969-09-30T13:00Z'), kwajalein)).toMatchObject({ month: 9, day: 30, hour: 1 })
    expect(next({ hour: 9 }, '1969-09-29T22:00Z', kwajalein)).toBe('1969-10-01T21:00Z')
  })

  test('does not count yesterday again where a clock is set back over midnight', () => {
    const change = at('2026-06-10T00:30Z')
    const rule: ZoneRule = (epochMs) => (epochMs < change ? 0 : -60)
    expect(next({ hour: 23, minute: 45 }, '2026-06-10T00:10Z', rule)).toBe('2026-06-11T00:45Z')
  })

  test.each([
    { hour: 24 },
    { hour: -1 },
    { hour: 9.5 },
    { hour: 9, minute: 60 },
    { hour: 9, weekday: 0 },
    { hour: NaN },
  ])('refuses %j', (pattern) => {
    expect(() => nextLocal(pattern, 0, 'UTC')).toThrow(RangeError)
  })
})

describe('startOfLocalDay', () => {
  test.each([
    ['Europe/Berlin', '2026-12-04T08:00Z', '2026-12-03T23:00Z'],
    ['Europe/Berlin', '2026-12-03T23:00Z', '2026-12-03T23:00Z'],
    ['Europe/Berlin', '2026-12-03T22:59Z', '2026-12-02T23:00Z'],
    ['Africa/Cairo', '2026-04-24T12:00Z', '2026-04-23T22:00Z'],
    ['America/Havana', '2026-11-01T12:00Z', '2026-11-01T04:00Z'],
    ['Asia/Kathmandu', '2026-06-01T00:00Z', '2026-05-31T18:15Z'],
  ])('%s at %s is %s', (zone, instant, start) => {
    expect(iso(startOfLocalDay(at(instant), zone))).toBe(start)
  })

  test('is the clock change where that cuts midnight off', () => {
    const toronto = historic('America/Toronto')
    const start = startOfLocalDay(at('1919-03-31T12:00Z'), toronto)
    expect(toLocal(start, toronto)).toMatchObject({ day: 31, hour: 0, minute: 30 })
    expect(toLocal(start - 1, toronto)).toMatchObject({ day: 30, hour: 23, minute: 29 })
  })
})

describe('addLocal', () => {
  test.each([
    ['a day before the spring change', '2026-03-28T08:00Z', { days: 1 }, '2026-03-29T07:00Z'],
    ['24 hours before the spring change', '2026-03-28T08:00Z', { hours: 24 }, '2026-03-29T08:00Z'],
    ['a week over the autumn change', '2026-10-20T07:00Z', { weeks: 1 }, '2026-10-27T08:00Z'],
    ['a week back', '2026-10-27T08:00Z', { weeks: -1 }, '2026-10-20T07:00Z'],
    ['a month from 31 January', '2026-01-31T08:00Z', { months: 1 }, '2026-02-28T08:00Z'],
    ['a month from 31 January of a leap year', '2028-01-31T08:00Z', { months: 1 }, '2028-02-29T08:00Z'],
    ['a month back from 31 March', '2026-03-31T07:00Z', { months: -1 }, '2026-02-28T08:00Z'],
    ['a month over the end of a year', '2026-12-15T08:00Z', { months: 1 }, '2027-01-15T08:00Z'],
    ['a year from 29 February', '2028-02-29T08:00Z', { years: 1 }, '2029-02-28T08:00Z'],
    ['into the gap', '2026-03-28T01:30Z', { days: 1 }, '2026-03-29T01:30Z'],
    ['into the overlap', '2026-10-24T00:30Z', { days: 1 }, '2026-10-25T00:30Z'],
    [
      'calendar first, hours then',
      '2026-03-28T08:00Z',
      { days: 1, hours: 2, minutes: 30 },
      '2026-03-29T09:30Z',
    ],
    ['nothing, in the second half of an overlap', '2026-10-25T01:30Z', { days: 0 }, '2026-10-25T01:30Z'],
    ['months and days', '2026-01-31T08:00Z', { months: 1, days: 1 }, '2026-03-01T08:00Z'],
  ])('%s', (_, from, parts, to) => {
    expect(iso(addLocal(at(from), parts, 'Europe/Berlin'))).toBe(to)
  })

  test('keeps milliseconds', () => {
    expect(addLocal(123, { days: 1, seconds: 0.001 }, 'Europe/Berlin')).toBe(24 * hour + 124)
  })

  test('refuses a part of a day and an instant no calendar has', () => {
    expect(() => addLocal(0, { days: 0.5 }, 'UTC')).toThrow(/write hours/)
    expect(() => addLocal(0, { years: 1e6 }, 'UTC')).toThrow(RangeError)
  })
})

describe('formatLocal', () => {
  const now = at('2026-11-27T10:00Z')

  test.each([
    ['in the coming days', '2026-11-30T08:00Z', 'Mon 09:00 Berlin'],
    ['now', '2026-11-27T10:00Z', 'Fri 11:00 Berlin'],
    ['just within seven days', '2026-12-04T09:59Z', 'Fri 10:59 Berlin'],
    ['after seven days', '2026-12-04T10:00Z', 'Fri 4 Dec 11:00 Berlin'],
    ['in the past', '2026-11-27T09:59Z', 'Fri 27 Nov 10:59 Berlin'],
    ['next year', '2027-01-04T08:00Z', 'Mon 4 Jan 2027 09:00 Berlin'],
  ])('%s', (_, instant, text) => {
    expect(formatLocal(at(instant), 'Europe/Berlin', now)).toBe(text)
  })

  test('needs no year for the coming days', () => {
    expect(formatLocal(at('2027-01-01T08:00Z'), 'Europe/Berlin', at('2026-12-30T08:00Z'))).toBe(
      'Fri 09:00 Berlin',
    )
  })

  test.each([
    ['UTC', 'Fri 10:00 UTC'],
    ['America/Argentina/Buenos_Aires', 'Fri 07:00 Buenos Aires'],
    ['America/New_York', 'Fri 05:00 New York'],
  ])('names the city of %s', (zone, text) => {
    expect(formatLocal(now, zone, now)).toBe(text)
  })

  test('is never ambiguous within a week that has a clock change', () => {
    const friday = at('2026-03-27T08:00Z')
    expect(formatLocal(at('2026-04-03T07:00Z'), 'Europe/Berlin', friday)).toBe('Fri 3 Apr 09:00 Berlin')
  })
})
