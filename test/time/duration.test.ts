import {
  addDuration,
  addExact,
  durationMs,
  parseDuration,
  parseOffset,
  type Duration,
  type Offset,
} from '../../sdk/time'

const hour = 3_600_000
const day = 24 * hour
const start = Date.UTC(2026, 2, 28, 8)

test.each([
  ['1 second', 1, 'second'],
  ['90 minutes', 90, 'minute'],
  ['1.5 hours', 1.5, 'hour'],
  ['3 days', 3, 'day'],
  ['1 days', 1, 'day'],
  ['2 week', 2, 'week'],
  ['6 months', 6, 'month'],
  ['1 year', 1, 'year'],
  ['0 days', 0, 'day'],
])('parseDuration(%j)', (text, amount, unit) => {
  expect(parseDuration(text)).toEqual({ amount, unit })
})

test.each([
  '',
  '3',
  'days',
  '3days',
  '3  days',
  ' 3 days',
  '3 days ',
  '3 dayz',
  '3 Days',
  '-3 days',
  '+3 days',
])('parseDuration refuses %j and shows what is right', (text) => {
  expect(() => parseDuration(text)).toThrow(RangeError)
  expect(() => parseDuration(text)).toThrow("like '90 minutes', '3 days' or '6 months'")
})

test.each([
  '1e3 days',
  '0x10 days',
  'NaN days',
  '1. days',
  '.5 days',
  '1,5 days',
  '3 days 2 hours',
  '3\ndays',
  '٣ days',
])('parseDuration refuses %j', (text) => {
  expect(() => parseDuration(text)).toThrow(RangeError)
})

test('parseOffset takes a sign', () => {
  expect(parseOffset('-7 days')).toEqual({ amount: -7, unit: 'day' })
  expect(parseOffset('+2 hours')).toEqual({ amount: 2, unit: 'hour' })
  expect(parseOffset('1 month')).toEqual({ amount: 1, unit: 'month' })
  expect(() => parseOffset('--7 days')).toThrow("like '-7 days', '+2 hours' or '1 month'")
})

test('durationMs counts exact units', () => {
  expect(durationMs('90 seconds')).toBe(90_000)
  expect(durationMs('1.5 hours')).toBe(1.5 * hour)
  expect(durationMs('3 days')).toBe(72 * hour)
  expect(durationMs('2 weeks')).toBe(14 * day)
  expect(() => durationMs('1 month')).toThrow(/no exact length.*'30 days'/)
  expect(() => durationMs('1 year')).toThrow(RangeError)
})

test('addExact counts 24 hours a day, 30 days a month and 365 days a year', () => {
  expect(addExact(start, '3 days')).toBe(start + 72 * hour)
  expect(addExact(start, '1 month')).toBe(start + 30 * day)
  expect(addExact(start, '2 years')).toBe(start + 730 * day)
  expect(() => addExact(start, '-1 days')).toThrow(RangeError)
})

test('addDuration goes by the calendar of the zone', () => {
  expect(addDuration(start, '1 day', 'Europe/Berlin')).toBe(start + 23 * hour)
  expect(addDuration(start, '24 hours', 'Europe/Berlin')).toBe(start + 24 * hour)
  expect(addDuration(start, '-7 days', 'Europe/Berlin')).toBe(start - 7 * day)
  expect(addDuration(start, '1 month', 'UTC')).toBe(Date.UTC(2026, 3, 28, 8))
  expect(addDuration(start, '+1 year', 'UTC')).toBe(Date.UTC(2027, 2, 28, 8))
  expect(() => addDuration(start, '1.5 days', 'UTC')).toThrow(RangeError)
  expect(() => addDuration(start, '1 day', 'Nowhere')).toThrow(RangeError)
})

// Checked by `tsc`: an expected error that is none is one.
test('a wrong unit does not compile', () => {
  const right: Duration[] = [
    '1 second',
    '2 seconds',
    '1 minute',
    '1 hour',
    '3 days',
    '1 week',
    '6 months',
    '1.5 years',
  ]
  const offsets: Offset[] = ['-7 days', '+2 hours', '1 month']
  const amount = Math.max(3, 2)
  const computed: Duration = `${amount} days`
  // @ts-expect-error an unknown unit
  const unit: Duration = '3 dayz'
  // @ts-expect-error no space
  const space: Duration = '3days'
  // @ts-expect-error no number
  const number: Duration = 'three days'
  // @ts-expect-error no unit
  const bare: Duration = '3'
  // @ts-expect-error a wrong unit in an offset
  const offset: Offset = '-7 fortnights'
  // @ts-expect-error a wrong unit where a duration is an argument
  expect(() => durationMs('3 eons')).toThrow(RangeError)
  expect([...right, computed].map(parseDuration)).toHaveLength(9)
  expect(offsets.map(parseOffset)).toHaveLength(3)
  for (const wrong of [unit, space, number, bare, offset])
    expect(() => parseOffset(wrong)).toThrow(RangeError)
})
