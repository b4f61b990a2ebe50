import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import examples from 'libphonenumber-js/mobile/examples'
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js'
import moment from 'moment-timezone'
import { countryOf, zoneOf } from '../../sdk/contact'
import { callingCodes, countryZones } from '../../sdk/contact/country-table'
import { isZone, zoneRule } from '../../sdk/time'
import { countryTableSource } from '../../workers/countries'

const defaults = { journey: 'Europe/Lisbon', deployment: 'America/New_York' }
const zone = (traits: Record<string, unknown>) => {
  const { name, source } = zoneOf(traits, defaults)
  return `${name} from ${source}`
}

describe('the zone of a customer', () => {
  test.each([
    [{ timezone: 'Asia/Tokyo', country: 'DE' }, 'Asia/Tokyo from profile'],
    [{ timezone: 'US/Eastern' }, 'US/Eastern from profile'],
    [{ country: 'DE', phone: '+33 6 12 34 56 78' }, 'Europe/Berlin from country'],
    [{ country: ' de ' }, 'Europe/Berlin from country'],
    [{ address: { country: 'JP' } }, 'Asia/Tokyo from country'],
    [{ country: 'Germany', address: { country: 'DE' } }, 'Europe/Berlin from country'],
    [{ phone: '+49 (30) 901820' }, 'Europe/Berlin from phone'],
    [{ phone: '+44 20 7946 0000' }, 'Europe/London from phone'],
    [{ phone: ' +91-98.100/12345 ' }, 'Asia/Kolkata from phone'],
    [{ country: 'Germany', phone: '+4930901820' }, 'Europe/Berlin from phone'],
    [{}, 'Europe/Lisbon from journey'],
  ])('of %j is %s', (traits, said) => {
    expect(zone(traits)).toBe(said)
  })

  test('is not guessed where there are several', () => {
    for (const traits of [
      { country: 'US' },
      { country: 'US', phone: '+4930901820' },
      { country: 'CN' },
      { phone: '+1 212 555 0100' },
      { phone: '+7 495 123 45 67' },
      { phone: '+61 2 9374 4000' },
      { phone: '+34 612 34 56 78' },
    ])
      expect(zone(traits)).toBe('Europe/Lisbon from journey')
  })

  test.each([
    ['without a country', '030 901820'],
    ['with the prefix of some country', '0049 30 901820'],
    ['of nobody', '+999 123 4567'],
    ['of no country', '+800 1234 5678'],
    ['too short', '+49 30'],
    ['too long', '+49 30 9018 2012 3456 7890'],
    ['with letters', '+49 30 CALL NOW'],
    ['empty', ''],
    ['just a plus', '+'],
    ['a plus within', '49+30901820'],
    ['not in our digits', '+٤٩٣٠٩٠١٨٢٠'],
  ])('says nothing by a number %s', (_, phone) => {
    expect(zone({ phone })).toBe('Europe/Lisbon from journey')
    expect(countryOf({ phone })).toBeUndefined()
  })

  test.each([
    ['Mars/Phobos', 'phone; profile says "Mars/Phobos", which is not known'],
    ['US/Pacific-New', 'phone; profile says "US/Pacific-New", which is not known'],
    ['europe/berlin', 'phone; profile says "europe/berlin", which is not known'],
    ['Anna Svensson, 12 Main Street', 'phone; profile says what is not a zone'],
    ['anna@example.com', 'phone; profile says what is not a zone'],
    [`Europe/${'x'.repeat(500)}`, 'phone; profile says what is not a zone'],
    ['UTC+2', 'phone; profile says what is not a zone'],
    [2, 'phone; profile says what is not a zone'],
    [{ name: 'Europe/Berlin' }, 'phone; profile says what is not a zone'],
    ['', 'phone'],
    [null, 'phone'],
  ])('of a profile that says %j is derived, and that is said', (timezone, source) => {
    expect(zoneOf({ timezone, phone: '+4930901820' }, defaults)).toEqual({ name: 'Europe/Berlin', source })
  })

  test('passes over a journey and a deployment that say what no clock knows', () => {
    expect(zoneOf({ timezone: 'x' }, { journey: 'Mars/Phobos', deployment: 'Asia/Tokyo' })).toEqual({
      name: 'Asia/Tokyo',
      source: 'deployment; profile says what is not a zone; journey says "Mars/Phobos", which is not known',
    })
    expect(zoneOf({}, { deployment: 'Mars/Phobos' })).toEqual({
      name: 'UTC',
      source: 'nowhere; deployment says "Mars/Phobos", which is not known',
    })
  })

  test('is a known one whatever a profile holds, and never repeats what is personal', () => {
    const anything = fc.record({
      timezone: fc.anything(),
      country: fc.anything(),
      phone: fc.oneof(
        fc.anything(),
        fc.string().map((text) => `+${text}`),
      ),
      address: fc.anything(),
    })
    const property = fc.property(anything, (traits) => {
      const { name, source } = zoneOf(traits, defaults)
      expect(isZone(name)).toBe(true)
      expect(source).toMatch(
        /^(profile|country|phone|journey)(; profile says (what is not a zone|"\S{1,61}", which is not known))?$/,
      )
      expect(countryOf(traits) ?? 'DE').toMatch(/^[A-Z]{2}$/)
    })
    fc.assert(property, { seed: 7, numRuns: 2_000 })
  })
})

describe('the country of a customer', () => {
  test.each([
    [{ country: 'us', phone: '+4930901820' }, 'US'],
    [{ address: { country: 'FR' } }, 'FR'],
    [{ country: 'ZZ', address: { country: 'FR' } }, 'FR'],
    [{ phone: '+4930901820' }, 'DE'],
    [{ phone: '+34 612 34 56 78' }, 'ES'],
    [{ phone: '+1 212 555 0100' }, undefined],
    [{ phone: '+44 20 7946 0000' }, undefined],
    [{ phone: '+7 495 123 45 67' }, undefined],
    [{ country: 'Germany' }, undefined],
    [{ country: 'EU' }, undefined],
    [{ country: '=,' }, undefined],
    [{ address: null }, undefined],
    [{ address: 'Berlin' }, undefined],
    [{}, undefined],
  ])('of %j is %s', (traits, country) => {
    expect(countryOf(traits)).toBe(country)
  })
})

describe('the table of countries and calling codes', () => {
  test('is what the generator gives now', () => {
    const file = readFileSync(join(__dirname, '../../sdk/contact/country-table.ts'), 'utf8')
    expect(file === countryTableSource() || 'run `npm run zones`').toBe(true)
  })

  const pairs = (table: string) =>
    table
      .trim()
      .split(/[,\n]+/)
      .filter(Boolean)
      .map((pair) => pair.split('=') as [string, string])

  test('has every country, with a zone whose clocks all its zones share from now on', () => {
    expect(pairs(countryZones).map(([country]) => country)).toEqual(moment.tz.countries())
    const days = Array.from({ length: 500 }, (_, week) => Date.UTC(2026, 0, 1 + 7 * week, 12))
    const alike = (one: string, other: string) => {
      const [rule, otherRule] = [zoneRule(one), zoneRule(other)]
      return days.every((day) => rule(day) === otherRule(day))
    }
    const wrong = pairs(countryZones).filter(([country, zone]) => {
      const zones = moment.tz.zonesForCountry(country)!
      return zone ? !zones.every((each) => alike(each, zone)) : zones.every((each) => alike(each, zones[0]!))
    })
    expect(wrong).toEqual([])
  })

  test('names no calling code that begins another', () => {
    const codes = pairs(callingCodes).map(([code]) => code)
    expect(codes.filter((code) => codes.some((other) => other !== code && other.startsWith(code)))).toEqual(
      [],
    )
  })

  // Tristan da Cunha has no code of its own in ISO 3166-1.
  const iso: Record<string, string> = { TA: 'SH' }
  test('agrees with libphonenumber on an example number of every country', () => {
    const numbers = getCountries().map((country) => getExampleNumber(country, examples)?.number)
    const wrong = numbers.filter((phone) => {
      if (!phone) return false
      const mine = countryOf({ phone })
      const theirs = parsePhoneNumberFromString(phone)!.country!
      return mine !== undefined && mine !== (iso[theirs] ?? theirs)
    })
    expect(wrong).toEqual([])
    expect(numbers.filter((phone) => countryOf({ phone }) !== undefined).length).toBeGreaterThan(190)
  })
})
