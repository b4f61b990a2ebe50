import { toLocal } from '../../sdk/time'
import { bestValue } from './best-choice'
import { byJourney, sentOf, valueOf } from './figures'
import { yearOf, type Fate } from './simulation'
import { capOfWeek, customerOf, holdDays, limits } from './world'

const customers = Array.from({ length: 40 }, (_, number) => customerOf(number, 2))
const years = (order: 'by worth' | 'first come') =>
  customers.map((customer) => ({ customer, fates: yearOf(customer, limits, order) }))
const allOf = (lived: ReturnType<typeof years>): Fate[] => lived.flatMap(({ fates }) => fates)

describe('a year of competing journeys', () => {
  const byWorth = years('by worth')
  const firstCome = years('first come')

  test('delivers more under the same limits than first come, first served, and no more than could be', () => {
    const [value, before] = [valueOf(allOf(byWorth)), valueOf(allOf(firstCome))]
    const best = customers.reduce((sum, customer) => sum + bestValue(customer, capOfWeek, holdDays), 0)
    expect(value / before).toBeGreaterThan(1.5)
    expect(value / best).toBeGreaterThan(0.7)
    expect(value).toBeLessThan(best)
  })

  test('breaks no limit', () => {
    for (const { customer, fates } of [...byWorth, ...firstCome]) {
      const times = sentOf(fates).map(({ sentAt }) => sentAt!)
      const inWeek = times.map(
        (from) => times.filter((at) => at >= from && at < from + 7 * 86_400_000).length,
      )
      expect(Math.max(...inWeek)).toBeLessThanOrEqual(capOfWeek.most)
      const locals = times.map((at) => toLocal(at, customer.zone))
      expect(locals.filter(({ hour }) => hour < 8 || hour >= 21)).toEqual([])
      expect(new Set(locals.map(({ month, day }) => `${month}-${day}`)).size).toBe(times.length)
    }
  })

  test('settles every wish, none later than it is worth', () => {
    for (const { wish, sentAt, because } of allOf(byWorth)) {
      if (sentAt === undefined) expect(['outbid', 'frequency-cap', 'quiet-hours']).toContain(because)
      else expect(sentAt - wish.at).toBeLessThanOrEqual(holdDays * 86_400_000)
    }
  })

  test('starves nobody: the worthiest go most, the least still go, and equals are served equally', () => {
    const shares = Object.fromEntries(byJourney(allOf(byWorth)).map(({ journey, went }) => [journey, went]))
    const before = Object.fromEntries(byJourney(allOf(firstCome)).map(({ journey, went }) => [journey, went]))
    expect(shares.renewal!).toBeGreaterThan(0.75)
    for (const name of ['renewal', 'cart', 'winback', 'cross-sell', 'survey'])
      expect(shares[name]!).toBeGreaterThan(before[name]!)
    expect(Math.min(...Object.values(shares))).toBeGreaterThan(0.15)
    expect(Math.abs(shares.newsletter! - shares.digest!)).toBeLessThan(0.05)
  })

  test('gives a journey that is alone with a customer all that the caps allow', () => {
    const alone = (lived: typeof byWorth) =>
      lived.filter(({ fates }) => new Set(fates.map(({ wish }) => wish.journey)).size === 1)
    expect(alone(byWorth)).toHaveLength(4)
    for (const [at, { fates }] of alone(byWorth).entries()) {
      expect(sentOf(fates).length).toBe(sentOf(alone(firstCome)[at]!.fates).length)
      expect(sentOf(fates).length / fates.length).toBeGreaterThan(0.9)
    }
  })

  test('reaches everybody several times a year with what is worth least', () => {
    const others = byWorth.filter(({ fates }) => new Set(fates.map(({ wish }) => wish.journey)).size > 1)
    for (const { fates } of others) {
      const times = sentOf(fates.filter(({ wish }) => wish.journey === 'newsletter')).map(
        ({ sentAt }) => sentAt!,
      )
      expect(times.length).toBeGreaterThanOrEqual(6)
    }
  })
})
