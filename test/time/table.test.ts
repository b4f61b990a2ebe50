import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import moment from 'moment-timezone'
import { isZone, offsetAt, zoneNames, zoneRule, zoneTableVersion } from '../../sdk/time'
import { zoneTable, zoneTableEnd, zoneTableStart } from '../../sdk/time/zone-table'
import { zoneTableSource } from '../../workers/zones'
import { seededRandom } from './random'

const names = moment.tz.names()

/** What moment-timezone says, in minutes east of UTC. */
function expectedOffset(zone: string, epochMs: number): number {
  return 0 - moment.tz.zone(zone)!.utcOffset(epochMs)
}

/** The places where table and moment-timezone differ, as text. */
function differences(zone: string, instants: number[]): string[] {
  const rule = zoneRule(zone)
  const wrong = instants.filter((instant) => rule(instant) !== expectedOffset(zone, instant))
  return wrong.map((instant) => `${zone} ${new Date(instant).toISOString()}`)
}

describe('the zone table', () => {
  test('is what the generator gives now', () => {
    const file = readFileSync(join(__dirname, '../../sdk/time/zone-table.ts'), 'utf8')
    expect(file === zoneTableSource() || 'run `npm run zones`').toBe(true)
  })

  test('says which data it has', () => {
    expect(zoneTableVersion).toBe(moment.tz.dataVersion)
  })

  test('is small', () => {
    expect(zoneTable.length).toBeLessThan(30_000)
  })

  test('has every zone and every alias, and no other', () => {
    expect(zoneNames()).toEqual([...names].sort())
    expect(names.filter((name) => !isZone(name))).toEqual([])
  })

  test('agrees with moment-timezone around every change', () => {
    const around = (at: number) => [at - 1000, at - 1, at, at + 1000]
    const inside = (at: number) => at > zoneTableStart && at < zoneTableEnd
    const changes = (zone: string) => moment.tz.zone(zone)!.untils.filter(inside)
    expect(names.flatMap((zone) => differences(zone, changes(zone).flatMap(around)))).toEqual([])
    expect(names.flatMap(changes).length).toBeGreaterThan(10_000)
  })

  test('agrees with moment-timezone at random instants', () => {
    const random = seededRandom(1)
    const instants = () => Array.from({ length: 200 }, () => random(zoneTableStart, zoneTableEnd))
    expect(names.flatMap((zone) => differences(zone, instants()))).toEqual([])
  })

  test('goes on after its end as moment-timezone does, but for zones that follow the moon', () => {
    const random = seededRandom(2)
    const instants = () => Array.from({ length: 100 }, () => random(zoneTableEnd, Date.UTC(2100, 0, 1) - 1))
    const wrong = names.flatMap((zone) => differences(zone, [zoneTableEnd, ...instants()]))
    expect([...new Set(wrong.map((text) => text.split(' ')[0]))]).toEqual(['Asia/Gaza', 'Asia/Hebron'])
  })

  test('holds the offset of its start for what came before', () => {
    expect(offsetAt('Europe/Berlin', Date.UTC(1980, 6, 1))).toBe(60)
    expect(offsetAt('Pacific/Apia', Date.UTC(2000, 0, 1))).toBe(14 * 60)
  })
})

describe('offsetAt', () => {
  const winter = Date.UTC(2026, 0, 15)
  const summer = Date.UTC(2026, 6, 15)

  test.each([
    ['UTC', 0, 0],
    ['Europe/Berlin', 60, 120],
    ['America/New_York', -300, -240],
    ['US/Eastern', -300, -240],
    ['Australia/Sydney', 660, 600],
    ['Asia/Kolkata', 330, 330],
    ['Asia/Calcutta', 330, 330],
    ['Asia/Kathmandu', 345, 345],
    ['Australia/Lord_Howe', 660, 630],
    ['Pacific/Chatham', 825, 765],
    ['Etc/GMT+5', -300, -300],
  ])('%s is %i minutes off in January and %i in July', (zone, january, july) => {
    expect([offsetAt(zone, winter), offsetAt(zone, summer)]).toEqual([january, july])
  })

  test.each(['America/Vancouver', 'America/Edmonton', 'America/Winnipeg', 'Africa/Casablanca'])(
    '%s follows the newest data, whatever Node has',
    (zone) => {
      const days = Array.from({ length: 4000 }, (_, i) => Date.UTC(2026, 0, 1 + i))
      expect(differences(zone, days)).toEqual([])
    },
  )

  test('British Columbia and Alberta no longer turn their clocks back', () => {
    const december = Date.UTC(2026, 11, 4)
    expect(offsetAt('America/Vancouver', december)).toBe(-7 * 60)
    expect(offsetAt('America/Edmonton', december)).toBe(-6 * 60)
  })

  test.each([
    'Europe/Atlantis',
    'europe/berlin',
    'Europe',
    'Berlin',
    '',
    ',',
    'Europe/Berlin,',
    ';0;000000',
    '\n',
  ])('refuses %j', (zone) => {
    expect(isZone(zone)).toBe(false)
    expect(() => offsetAt(zone, winter)).toThrow(RangeError)
  })

  test.each([NaN, Infinity, -Infinity, 9e15])('refuses %d as an instant', (instant) => {
    expect(() => offsetAt('Europe/Berlin', instant)).toThrow(RangeError)
  })
})
