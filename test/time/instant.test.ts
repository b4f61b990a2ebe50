import { parseDate } from '../../sdk/time'

const iso = (epochMs: number | undefined) => epochMs && new Date(epochMs).toISOString()

test.each([
  ['2026-12-24', '2026-12-23T23:00:00.000Z'],
  ['2026-06-24', '2026-06-23T22:00:00.000Z'],
  ['2028-02-29', '2028-02-28T23:00:00.000Z'],
  ['2026-12-24T18:30', '2026-12-24T17:30:00.000Z'],
  ['2026-12-24 18:30', '2026-12-24T17:30:00.000Z'],
  ['2026-12-24T18:30:15', '2026-12-24T17:30:15.000Z'],
  ['2026-12-24T18:30:15.25', '2026-12-24T17:30:15.250Z'],
  ['2026-03-29T02:30', '2026-03-29T01:30:00.000Z'],
  ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
  ['2026-12-24T18:30:15.123Z', '2026-12-24T18:30:15.123Z'],
  ['2026-12-24T18:30:15.123987Z', '2026-12-24T18:30:15.123Z'],
  ['2026-12-24t18:30z', '2026-12-24T18:30:00.000Z'],
  ['2026-12-24T18:30:00+02:00', '2026-12-24T16:30:00.000Z'],
  ['2026-12-24T18:30:00-0530', '2026-12-25T00:00:00.000Z'],
  ['2026-12-24T18:30:00+02', '2026-12-24T16:30:00.000Z'],
])('%s in Berlin', (text, instant) => {
  expect(iso(parseDate(text, 'Europe/Berlin'))).toBe(instant)
})

test('takes epoch milliseconds', () => {
  expect(parseDate(0, 'UTC')).toBe(0)
  expect(parseDate(1_796_000_000_000, 'UTC')).toBe(1_796_000_000_000)
  expect(parseDate(1.9, 'UTC')).toBe(1)
})

test.each([
  '2026-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-12-24T25:00',
  '2026-12-24T24:00',
  '2026-12-24T18:60',
  '2026-12-24T18:30+25:00',
  '2026-12-24T18:30+02:75',
  '2026-12-24T',
  '2026-12-24Z',
  '2026-12-24T18',
  '2026-12',
  '20261224',
  '24.12.2026',
  'Thu, 24 Dec 2026 18:30:00 GMT',
  'tomorrow',
  '1796000000000',
  ' 2026-12-24',
  '2026-12-24\n',
  '',
])('%j is no date', (text) => {
  expect(parseDate(text, 'Europe/Berlin')).toBeUndefined()
})

test.each([undefined, null, true, NaN, Infinity, 9e15, {}, [], ['2026-12-24'], () => 0])(
  '%p is no date',
  (value) => {
    expect(parseDate(value, 'Europe/Berlin')).toBeUndefined()
  },
)

test('needs the zone for local times alone', () => {
  expect(() => parseDate('2026-12-24', 'Nowhere')).toThrow(RangeError)
  expect(parseDate('2026-12-24T18:30Z', 'Nowhere')).toBe(Date.UTC(2026, 11, 24, 18, 30))
})
