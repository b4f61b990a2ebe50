import type { Outcome } from '../../sdk'
import { describeOnBoth, fresh } from './on-both'
import { entryOf, letAll, refuseAll, touchpointOf } from './requests'

describeOnBoth('the past', (on) => {
  const went = async (customerId: string, at: number, judge = letAll): Promise<string> => {
    const request = touchpointOf(customerId, { at })
    const { is } = await on.store.touchpoints.reserve(request, 60_000, judge)
    if (is === 'reserved') await on.store.touchpoints.settle(request.id, { status: 'sent' })
    return request.id
  }

  test('of a customer is told with profile, words and touchpoints', async () => {
    const anna = fresh('anna')
    await on.store.customers.identify(anna, { timezone: 'Europe/Berlin' }, 1)
    const consent = { customerId: anna, channel: 'email', purpose: 'marketing', source: 'test' }
    await on.store.consents.record({ ...consent, state: 'withdrawn', occurredAt: 20 })
    await on.store.consents.record({ ...consent, state: 'granted', occurredAt: 10 })
    const ids = [await went(anna, 5), await went(anna, 15, refuseAll)]
    const [past] = await on.store.past.ofCustomers([anna], Date.now() - 60_000, 0, 10)
    expect(past).toMatchObject({ customerId: anna, traits: { timezone: 'Europe/Berlin' }, before: [] })
    expect(past!.consents.map(({ state }) => state)).toEqual(['granted', 'withdrawn'])
    const told = past!.touchpoints.toSorted((one, other) => one.at - other.at)
    expect(told.map(({ id, was, because }) => [id, was, because])).toEqual([
      [ids[0], 'sent', null],
      [ids[1], 'withheld', 'unsubscribed'],
    ])
    const [later] = await on.store.past.ofCustomers([anna], Date.now() + 60_000, 3_600_000, 10)
    expect([later!.touchpoints, later!.before.map(({ at }) => at)]).toEqual([[], [5]])
    const [few] = await on.store.past.ofCustomers([anna], Date.now() - 60_000, 0, 1)
    expect(few!.touchpoints).toHaveLength(1)
  })

  test('is sampled by customer: all of one, or none', async () => {
    const names = Array.from({ length: 40 }, () => fresh('many'))
    for (const name of names) for (const at of [1, 2]) await went(name, at)
    const since = Date.now() - 600_000
    const all = await on.store.past.sample(since, 1_000_000)
    expect(all.oneIn).toBe(1)
    expect(names.every((name) => all.customers.includes(name))).toBe(true)
    const some = await on.store.past.sample(since, 40)
    expect(some.total).toBe(all.total)
    expect(some.oneIn).toBe(Math.ceil(all.total / 40))
    expect(some.customers.length).toBeLessThan(all.customers.length)
    expect(some.customers.every((id) => all.customers.includes(id))).toBe(true)
    expect(await on.store.past.sample(Date.now() + 60_000, 40)).toEqual({ total: 0, oneIn: 1, customers: [] })
  })

  test('groups: first enrollments whose time is over, of those held out and of the others', async () => {
    const journey = fresh('lifting')
    const DAY = 86_400_000
    const began = Date.now() - 10 * DAY
    const enter = async (
      outcome: Outcome | undefined,
      days: number,
      more: { heldOut?: boolean; now?: number } = {},
    ) => {
      const customerId = fresh('lifted')
      const entry = entryOf(customerId, { journey, now: began, reentry: 'after-end', ...more })
      await on.store.enrollments.enter(entry)
      const endedAt = entry.now + days * DAY
      if (outcome) await on.store.enrollments.end({ ...entry, entry: 1, outcome, endedAt })
      return entry
    }
    const converted = { is: 'converted', event: 'Renewed' } as const
    const early = await enter(converted, 2)
    await on.store.enrollments.enter({ ...early, enrolledBy: fresh('again'), now: began + 3 * DAY })
    await enter(converted, 6)
    await enter({ is: 'completed' }, 1)
    await enter({ is: 'exited', because: 'Cancelled' }, 1)
    await enter(undefined, 0)
    await enter(undefined, 0, { heldOut: true })
    await enter({ is: 'held out', converted: true }, 4, { heldOut: true })
    await enter({ is: 'held out', converted: false }, 4)
    await enter(converted, 0, { now: Date.now() - DAY })
    expect(await on.store.past.groups(journey, { since: 0, withinMs: 5 * DAY, contacts: [] })).toEqual({
      treated: { of: 5, converted: 1, unwatched: 1, contacted: 0, contacts: 0 },
      heldOut: { of: 3, converted: 1, unwatched: 0, contacted: 0, contacts: 0 },
    })
    expect(
      (await on.store.past.groups(journey, { since: 0, withinMs: 9 * DAY, contacts: [] })).treated,
    ).toMatchObject({ of: 5, converted: 2 })
    expect(
      (await on.store.past.groups(journey, { since: began + 1, withinMs: 5 * DAY, contacts: [] })).treated.of,
    ).toBe(0)
    expect(
      (await on.store.past.groups(fresh('nothing'), { since: 0, withinMs: 1, contacts: [] })).heldOut,
    ).toMatchObject({ of: 0 })
  })

  test('conversions come in pages over all customers', async () => {
    const [one, two] = [fresh('page'), fresh('page')]
    for (const id of [one, two]) {
      await on.store.customers.identify(id, {}, 1)
      const { enrollment } = await on.store.enrollments.enter(entryOf(id))
      if (id === one)
        await on.store.enrollments.end({
          id: enrollment.id, entry: 1, journey: 'care', customerId: id, endedAt: 1, outcome: { is: 'converted', event: 'Paid' },
        }) // prettier-ignore
    }
    const seen = new Map<string, number>()
    const asked = { since: 0, withinMs: {}, otherwiseMs: 86_400_000 }
    let pages = 0
    for (let after: string | undefined; ; pages++) {
      const page = await on.store.past.conversions(asked, after, 1)
      for (const { customerId, enrolled, converted } of page.conversions) {
        expect(enrolled).toBe(1)
        seen.set(customerId, converted)
      }
      after = page.customers.at(-1)
      if (page.customers.length < 1) break
    }
    expect(pages).toBeGreaterThanOrEqual(2)
    expect([seen.get(one), seen.get(two)]).toEqual([1, 0])
  })

  test('a conversion is in time by the first enrollment and the journey’s own time, once that is over', async () => {
    const DAY = 86_400_000
    const now = Date.now()
    const journey = fresh('timed')
    const lived = async (began: number, ended?: number, id = fresh('timely')) => {
      await on.store.customers.identify(id, {}, 1)
      const entry = { ...entryOf(id, { journey, reentry: 'after-end', now: began }), enrolledBy: fresh('e') }
      const { enrollment } = await on.store.enrollments.enter(entry)
      const told = { id: enrollment.id, entry: enrollment.entry, journey, customerId: id }
      const outcome = { is: 'converted', event: 'Paid' } as const
      if (ended !== undefined) await on.store.enrollments.end({ ...told, endedAt: ended, outcome })
      return id
    }
    const inTime = await lived(now - 20 * DAY, now - 15 * DAY)
    const late = await lived(now - 20 * DAY, now - 9 * DAY)
    await lived(now - 15 * DAY, now - 14 * DAY, late)
    const never = await lived(now - 20 * DAY)
    const young = await lived(now - 5 * DAY, now - 4 * DAY)
    const told = async (withinMs: Record<string, number>) => {
      const asked = { since: 0, withinMs, otherwiseMs: 100 * DAY }
      const { conversions } = await on.store.past.conversions(asked, undefined, 10_000)
      const of = (id: string) =>
        conversions.find((each) => each.customerId === id && each.journey === journey)!
      return [inTime, late, never, young].map(of).map(({ isOver, inTime }) => [isOver, inTime])
    }
    expect(await told({ [journey]: 10 * DAY })).toEqual([
      [true, true],
      [true, false],
      [true, false],
      [false, false],
    ])
    expect((await told({})).flat()).toEqual(Array.from({ length: 8 }, () => false))
  })

  test('conversions of enrollments that are to come are none', async () => {
    const asked = { since: 0, withinMs: {}, otherwiseMs: 86_400_000 }
    const future = await on.store.past.conversions({ ...asked, since: Date.now() + 60_000 }, undefined, 100)
    expect(future.conversions).toEqual([])
  })
})
