import { laneOf, type IncomingEvent } from '../../store'
import { describeOnBoth, fresh } from './on-both'

const event = (customerId: string, more: Partial<IncomingEvent> = {}): IncomingEvent => ({
  messageId: fresh('message'),
  kind: 'track',
  customerId,
  name: 'Product Viewed',
  properties: { price: 3 },
  occurredAt: 1_700_000_000_000,
  ...more,
})

const all = Array.from({ length: 64 }, (_, lane) => lane)

describeOnBoth('events', (on) => {
  const pendingOf = async (...customers: string[]) =>
    (await on.store.events.pending(all, [], 100_000)).filter(({ customerId }) =>
      customers.includes(customerId),
    )

  test('are stored whole', async () => {
    const sent = event(fresh('anna'), {
      anonymousId: 'a-1',
      properties: { nested: { list: [1, 'two', null, true] } },
    })
    const before = Date.now()
    expect(await on.store.events.append([sent])).toBe(1)
    const stored = await on.store.events.byMessageId(sent.messageId)
    expect(stored).toEqual({
      ...sent,
      id: expect.any(Number),
      lane: laneOf(sent.customerId),
      receivedAt: expect.any(Number),
      state: 'pending',
      attempts: 0,
      reason: null,
    })
    expect(Math.abs(stored!.receivedAt - before)).toBeLessThan(60_000)
    expect(await on.store.events.byMessageId('never seen')).toBeUndefined()
  })

  test('count once, in one batch, in later ones and in concurrent ones', async () => {
    const customer = fresh('bert')
    const batch = Array.from({ length: 20 }, () => event(customer))
    expect(await on.store.events.append([...batch, ...batch])).toBe(20)
    expect(await on.store.events.append([...batch].reverse())).toBe(0)
    const others = Array.from({ length: 50 }, () => event(customer))
    const added = await Promise.all(
      Array.from({ length: 8 }, (_, at) => on.store.events.append(at % 2 ? others : [...others].reverse())),
    )
    expect(added.reduce((sum, each) => sum + each)).toBe(50)
    expect(await pendingOf(customer)).toHaveLength(70)
    expect(await on.store.events.append([])).toBe(0)
  })

  test('a repeat changes nothing of what is known', async () => {
    const first = event(fresh('cora'), { name: 'First' })
    await on.store.events.append([first])
    await on.store.events.append([{ ...first, name: 'Second', customerId: fresh('cora') }])
    expect(await on.store.events.byMessageId(first.messageId)).toMatchObject({
      name: 'First',
      customerId: first.customerId,
    })
  })

  test('are pending in the order of arrival, within a batch too', async () => {
    const [one, two] = [fresh('dora'), fresh('dora')]
    const sent: IncomingEvent[] = []
    for (let batch = 0; batch < 10; batch++) {
      const events = Array.from({ length: 15 }, (_, at) =>
        event(at % 2 ? one : two, { occurredAt: 1e12 - sent.length - at }),
      )
      await on.store.events.append(events)
      sent.push(...events)
    }
    const ids = sent.map(({ messageId }) => messageId)
    expect((await pendingOf(one, two)).map(({ messageId }) => messageId)).toEqual(ids)
    const some = await on.store.events.pending([laneOf(one)], [], 3)
    expect(some).toHaveLength(3)
    expect(some.every(({ lane }) => lane === laneOf(one))).toBe(true)
    expect(await on.store.events.pending([], [], 3)).toEqual([])
  })

  test('leave out the customers who have to wait, and what was handled', async () => {
    const [waits, goes] = [fresh('emil'), fresh('emil')]
    await on.store.events.append([event(waits), event(goes), event(goes)])
    const found = await on.store.events.pending(all, [waits], 100_000)
    expect(found.some(({ customerId }) => customerId === waits)).toBe(false)
    const own = found.filter(({ customerId }) => customerId === goes)
    await on.store.events.handled([own[0]!])
    await on.store.events.handled([])
    expect((await pendingOf(waits, goes)).map(({ customerId }) => customerId)).toEqual([waits, goes])
    expect((await on.store.events.byMessageId(own[0]!.messageId))!.state).toBe('handled')
  })

  test('a poison event is counted, set aside with its reason, listed and replayed', async () => {
    const customer = fresh('frida')
    const [poison, other, later] = [event(customer), event(customer), event(customer)]
    await on.store.events.append([poison, other, later])
    const stored = (await on.store.events.byMessageId(poison.messageId))!
    await on.store.events.failed(stored, 'first try')
    expect(await on.store.events.byMessageId(poison.messageId)).toMatchObject({
      state: 'pending',
      attempts: 1,
      reason: 'first try',
    })
    await on.store.events.setAside(stored, 'it cannot work')
    await on.store.events.setAside((await on.store.events.byMessageId(other.messageId))!, 'nor this')
    expect(await pendingOf(customer)).toHaveLength(1)
    expect((await on.store.events.backlog()).setAside).toBe(2)

    const first = await on.store.events.listSetAside({ limit: 1 })
    expect(first.items).toMatchObject([{ messageId: other.messageId, reason: 'nor this' }])
    const second = await on.store.events.listSetAside({ limit: 1, cursor: first.next! })
    expect(second).toMatchObject({
      items: [{ messageId: poison.messageId, reason: 'it cannot work', attempts: 2 }],
      next: null,
    })

    expect(await on.store.events.replay(later.messageId)).toBe(0)
    expect(await on.store.events.replay(poison.messageId)).toBe(1)
    expect(await on.store.events.byMessageId(poison.messageId)).toMatchObject({
      state: 'pending',
      attempts: 0,
      reason: null,
    })
    expect(await on.store.events.replay()).toBe(1)
    expect((await pendingOf(customer)).map(({ messageId }) => messageId)).toEqual(
      [poison, other, later].map((each) => each.messageId),
    )
  })

  test('what was handled is not set aside by a late attempt', async () => {
    const sent = event(fresh('gerd'))
    await on.store.events.append([sent])
    const stored = (await on.store.events.byMessageId(sent.messageId))!
    await on.store.events.handled([stored])
    await on.store.events.failed(stored, 'late')
    await on.store.events.setAside(stored, 'late')
    expect(await on.store.events.byMessageId(sent.messageId)).toMatchObject({
      state: 'handled',
      attempts: 0,
      reason: null,
    })
  })

  test('pages of one customer hold every event once, newest first', async () => {
    const customer = fresh('hugo')
    const sent = Array.from({ length: 25 }, () => event(customer))
    await on.store.events.append(sent)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await on.store.events.ofCustomer(customer, { limit: 10, cursor })
      expect(page.items.length).toBeLessThanOrEqual(10)
      seen.push(...page.items.map(({ messageId }) => messageId))
      cursor = page.next ?? undefined
    } while (cursor)
    expect(seen).toEqual(sent.map(({ messageId }) => messageId).reverse())
  })

  test.each([
    '',
    'x',
    'bnVsbA',
    'WzEsMl0',
    Buffer.from('["1"]').toString('base64url'),
    Buffer.from('[1e300]').toString('base64url'),
  ])('refuse the cursor "%s"', async (cursor) => {
    await expect(on.store.events.ofCustomer('anyone', { limit: 1, cursor })).rejects.toThrow(RangeError)
  })

  test('of any time can be kept', async () => {
    const times = [-8.64e15, -62_135_596_800_000, 0, 253_402_300_799_999, 8.64e15]
    for (const occurredAt of [...times, 1e300, -1e300, 12.75, NaN]) {
      const sent = event(fresh('ida'), { occurredAt })
      await on.store.events.append([sent])
      const stored = (await on.store.events.byMessageId(sent.messageId))!
      if (times.includes(occurredAt)) expect(stored.occurredAt).toBe(occurredAt)
      expect(Number.isNaN(new Date(stored.occurredAt).getTime())).toBe(false)
    }
  })

  test('that hold what Postgres refuses do not spoil their batch', async () => {
    const customer = fresh('jo\0')
    let deep: unknown = 'bottom'
    for (let level = 0; level < 15_000; level++) deep = level % 2 ? [deep] : { deep }
    const odd = [
      event(customer, { properties: { 'na\0me': 'a\0b\ud800c', '\udc00': ['\0'] } }),
      event(customer, { properties: { deep } }),
      event(customer, { properties: { text: '\\u0000 is only a text', emoji: '👩‍👩‍👧' } }),
      event(customer, { name: 'half \ud83d', messageId: fresh('nul\0') }),
      event(customer, {
        properties: JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Record<
          string,
          unknown
        >,
      }),
    ]
    expect(await on.store.events.append([event(customer), ...odd])).toBe(6)
    expect(await on.store.events.append(odd)).toBe(0)
    const { items } = await on.store.events.ofCustomer(customer, { limit: 10 })
    const expected: object[] = [
      { 'na\ufffdme': 'a\ufffdb\ufffdc', '\ufffd': ['\ufffd'] },
      { deep: [{ deep: [{}] }] },
      { text: '\\u0000 is only a text', emoji: '👩‍👩‍👧' },
      { price: 3 },
      { constructor: 1 },
    ]
    const stored = items.map(({ properties }) => properties).reverse()
    expect(stored.slice(1)).toMatchObject(expected)
    expect(items[1]).toMatchObject({ name: 'half \ufffd', customerId: customer.replace('\0', '\ufffd') })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('say how many wait, and how long the oldest has', async () => {
    const before = await on.store.events.backlog()
    await on.store.events.append([event(fresh('kai')), event(fresh('kai'))])
    const after = await on.store.events.backlog()
    expect(after.pending).toBe(before.pending + 2)
    expect(after.oldestMs).toBeGreaterThanOrEqual(before.oldestMs)
  })

  test('wake whoever waits, in this process and in others, until told to stop', async () => {
    const other = await on.another()
    const wakes = { here: 0, there: 0, stopped: 0 }
    const woken = { here: signal(), there: signal() }
    const stops = [
      await on.store.events.onAppended(() => (wakes.here++, woken.here.ring())),
      await other.events.onAppended(() => (wakes.there++, woken.there.ring())),
    ]
    const stop = await on.store.events.onAppended(() => wakes.stopped++)
    await stop()
    await on.store.events.append([event(fresh('lea'))])
    await Promise.all([woken.here.rung, woken.there.rung])
    expect(wakes.stopped).toBe(0)
    await Promise.all(stops.map((each) => each()))
    const counted = { ...wakes }
    await on.store.events.append([event(fresh('lea'))])
    expect(wakes).toEqual(counted)
  })
})

function signal(): { ring: () => void; rung: Promise<void> } {
  let ring = () => {}
  const rung = new Promise<void>((resolve) => (ring = resolve))
  return { ring, rung }
}

test('a customer has one lane for good, and lanes are used evenly', () => {
  expect(['anna', 'bert', '', 'Zoë', 'a/b:c'].map(laneOf)).toMatchInlineSnapshot(`
   [
     26,
     63,
     33,
     63,
     4,
   ]
  `)
  const filled = Array.from<number>({ length: 64 }).fill(0)
  for (let customer = 0; customer < 64_000; customer++) filled[laneOf(`customer-${customer}`)]!++
  expect(Math.min(...filled)).toBeGreaterThan(850)
  expect(Math.max(...filled)).toBeLessThan(1_150)
})
