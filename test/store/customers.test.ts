import type { IncomingEvent, NewConsent } from '../../store'
import { laneOf } from '../../store'
import { describeOnBoth, fresh } from './on-both'
import { entryOf, letAll, touchpointOf } from './requests'

describeOnBoth('customers', (on) => {
  const traitsOf = async (id: string) => (await on.store.customers.get(id))?.traits

  test('are made by their first identify, and its changes are told', async () => {
    const id = fresh('anna')
    expect(await on.store.customers.get(id)).toBeUndefined()
    expect(
      await on.store.customers.identify(id, { email: 'a@b.example', age: 30, tags: ['x'] }, 1_000),
    ).toEqual({
      email: 'a@b.example',
      age: 30,
      tags: ['x'],
    })
    expect(await on.store.customers.identify(id, { age: 31, tags: ['x'], gone: null }, 2_000)).toEqual({
      age: 31,
    })
    expect(await on.store.customers.get(id)).toEqual({
      id,
      traits: { email: 'a@b.example', age: 31, tags: ['x'] },
      groups: [],
      clockOffsetMs: 0,
      createdAt: expect.any(Number),
      updatedAt: expect.any(Number),
    })
  })

  test('are made by an identify without traits too', async () => {
    const id = fresh('bert')
    expect(await on.store.customers.identify(id, {}, 0)).toEqual({})
    expect(await on.store.customers.identify(id, {}, 0)).toEqual({})
    expect(await traitsOf(id)).toEqual({})
  })

  test('keep the newest word on each trait, in whatever order it comes', async () => {
    const id = fresh('cora')
    await on.store.customers.identify(id, { plan: 'pro', city: 'Ulm' }, 2_000)
    expect(await on.store.customers.identify(id, { plan: 'free', city: 'Bonn', seats: 2 }, 1_000)).toEqual({
      seats: 2,
    })
    expect(await traitsOf(id)).toEqual({ plan: 'pro', city: 'Ulm', seats: 2 })
    expect(await on.store.customers.identify(id, { plan: null }, 3_000)).toEqual({ plan: null })
    expect(await on.store.customers.identify(id, { plan: 'old' }, 2_500)).toEqual({})
    expect(await traitsOf(id)).toEqual({ city: 'Ulm', seats: 2 })
    expect(await on.store.customers.identify(id, { plan: 'tie' }, 3_000)).toEqual({ plan: 'tie' })
  })

  test('lose no trait to concurrent identifies', async () => {
    const id = fresh('dora')
    await Promise.all(
      Array.from({ length: 30 }, (_, at) => on.store.customers.identify(id, { [`trait${at}`]: at }, at)),
    )
    expect(Object.keys((await traitsOf(id))!)).toHaveLength(30)
  })

  test('may have traits of any name', async () => {
    const id = fresh('emil')
    const traits = JSON.parse(
      '{"__proto__": {"evil": 1}, "constructor": "c", "toString": null, "": "empty"}',
    ) as Record<string, unknown>
    await on.store.customers.identify(id, traits, 1)
    await on.store.customers.identify(id, traits, 2)
    expect(await traitsOf(id)).toMatchObject({ constructor: 'c', '': 'empty' })
    expect(({} as { evil?: number }).evil).toBeUndefined()
  })

  test('have a clock that only adds up', async () => {
    const id = fresh('frida')
    await Promise.all(Array.from({ length: 10 }, () => on.store.customers.moveClock(id, 1_000)))
    expect(await on.store.customers.moveClock(id, 86_400_000)).toBe(86_410_000)
    expect((await on.store.customers.get(id))!.clockOffsetMs).toBe(86_410_000)
  })

  test('belong to groups', async () => {
    const id = fresh('gerd')
    await on.store.customers.group(id, 'acme', { seats: 3 })
    await on.store.customers.group(id, 'umbrella', {})
    await on.store.customers.group(id, 'acme', { seats: 4 })
    expect((await on.store.customers.get(id))!.groups).toEqual(['acme', 'umbrella'])
  })

  test('are listed newest first, each once', async () => {
    const ids = Array.from({ length: 7 }, () => fresh('list'))
    for (const id of ids) await on.store.customers.identify(id, {}, 0)
    const seen: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await on.store.customers.list({ limit: 3, cursor })
      seen.push(...page.items.map(({ id }) => id))
      if (page.next === null) break
      cursor = page.next
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => ids.includes(id)).sort()).toEqual([...ids].sort())
    await expect(on.store.customers.list({ limit: 3, cursor: 'WzFd' })).rejects.toThrow(RangeError)
  })

  describe('merged', () => {
    const event = (customerId: string): IncomingEvent => ({
      messageId: fresh('message'),
      kind: 'track',
      customerId,
      name: 'Seen',
      properties: {},
      occurredAt: 0,
    })
    const consent = (customerId: string, more: Partial<NewConsent> = {}): NewConsent => ({
      customerId,
      channel: 'email',
      purpose: 'marketing',
      state: 'withdrawn',
      source: 'api',
      occurredAt: 1,
      ...more,
    })

    test('bring along all they have', async () => {
      const [previous, id] = [fresh('anonymous'), fresh('known')]
      const { customers, events, enrollments, touchpoints, consents } = on.store
      await customers.identify(previous, { plan: 'free', city: 'Ulm', removed: 'x' }, 5_000)
      await customers.identify(id, { plan: 'pro', removed: 'y' }, 1_000)
      await customers.identify(id, { removed: null }, 1_500)
      await customers.group(previous, 'acme', {})
      await customers.group(id, 'acme', {})
      await customers.moveClock(previous, 5_000)
      await events.append([event(previous), event(id)])
      const entered = await enrollments.enter(entryOf(previous))
      await touchpoints.reserve(touchpointOf(previous), 1_000, letAll)
      await consents.record(consent(previous))

      await customers.merge(previous, id)
      await customers.merge(previous, id)

      expect(await customers.canonical(previous)).toBe(id)
      expect(await customers.canonical(id)).toBe(id)
      expect(await customers.get(previous)).toEqual(await customers.get(id))
      expect(await customers.get(id)).toMatchObject({
        id,
        traits: { plan: 'pro', city: 'Ulm' },
        groups: ['acme'],
        clockOffsetMs: 5_000,
      })
      expect((await customers.get(id))!.traits).not.toHaveProperty('removed')
      const moved = (await events.ofCustomer(id, { limit: 10 })).items
      expect(moved).toHaveLength(2)
      expect(moved.every(({ lane }) => lane === laneOf(id))).toBe(true)
      expect(await enrollments.live(id)).toEqual([{ ...entered.enrollment, customerId: id }])
      expect(await enrollments.live(previous)).toEqual(await enrollments.live(id))
      expect((await touchpoints.ofCustomer(previous, { limit: 10 })).items).toMatchObject([
        { customerId: id },
      ])
      expect((await consents.history(id, { limit: 50 })).items).toMatchObject([consent(id)])
    })

    test('keep getting what comes under the old id', async () => {
      const [previous, id] = [fresh('anonymous'), fresh('known')]
      const { customers, events, enrollments, touchpoints, consents } = on.store
      await customers.merge(previous, id)
      await customers.identify(previous, { plan: 'pro' }, 1)
      await customers.group(previous, 'acme', {})
      await customers.moveClock(previous, 7)
      await events.append([event(previous)])
      await enrollments.enter(entryOf(previous))
      await touchpoints.reserve(touchpointOf(previous), 1_000, letAll)
      await consents.record(consent(previous))
      expect(await customers.get(id)).toMatchObject({
        id,
        traits: { plan: 'pro' },
        groups: ['acme'],
        clockOffsetMs: 7,
      })
      expect((await events.ofCustomer(id, { limit: 10 })).items).toHaveLength(1)
      expect(await enrollments.live(id)).toHaveLength(1)
      expect((await touchpoints.ofCustomer(id, { limit: 10 })).items).toHaveLength(1)
      expect((await consents.history(previous, { limit: 50 })).items).toHaveLength(1)
    })

    test('in a chain end at its end, and a loop changes nothing', async () => {
      const [first, second, third] = [fresh('one'), fresh('two'), fresh('three')]
      const { customers } = on.store
      await customers.identify(first, { from: 'first' }, 1)
      await customers.merge(first, second)
      await customers.merge(second, third)
      await customers.merge(third, first)
      await customers.merge(third, third)
      for (const id of [first, second, third]) expect(await customers.canonical(id)).toBe(third)
      expect(await traitsOf(first)).toEqual({ from: 'first' })
    })

    test('stay with the first: two people on one device do not become one', async () => {
      const [device, one, other] = [fresh('device'), fresh('person'), fresh('person')]
      const { customers } = on.store
      await customers.identify(one, { email: 'one@example.com' }, 1)
      await customers.merge(device, one)
      await customers.merge(device, other)
      expect(await customers.canonical(device)).toBe(one)
      expect(await customers.canonical(other)).toBe(other)
    })

    test('while both are written to, lose nothing', async () => {
      const [previous, id] = [fresh('anonymous'), fresh('known')]
      const { customers, enrollments, consents } = on.store
      const writes = Array.from({ length: 20 }, (_, at) => {
        const who = at % 2 ? previous : id
        return [
          customers.identify(who, { [`trait${at}`]: at }, at),
          consents.record(consent(who, { occurredAt: at })),
          enrollments.enter({ ...entryOf(who), id: fresh('journey:x'), journey: fresh('journey') }),
        ]
      })
      await Promise.all([...writes.slice(0, 10), [customers.merge(previous, id)], ...writes.slice(10)].flat())
      expect(Object.keys((await traitsOf(id))!)).toHaveLength(20)
      expect((await consents.history(id, { limit: 50 })).items).toHaveLength(20)
      expect(await enrollments.live(id)).toHaveLength(20)
    })

    test('into each other at once become one', async () => {
      const [one, other] = [fresh('one'), fresh('other')]
      const { customers } = on.store
      await Promise.all([
        customers.merge(one, other),
        customers.merge(other, one),
        customers.merge(one, other),
      ])
      expect(await customers.canonical(one)).toBe(await customers.canonical(other))
    })
  })
})
