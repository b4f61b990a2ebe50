import { createLogger } from '../../logger'
import { openStore, type IncomingEvent, type Store, type StoredEvent } from '../../store'
import { startDispatcher, type Dispatcher, type DispatcherOptions } from '../../workers/dispatcher/dispatcher'
import type { Handled, Handling } from '../../workers/dispatcher/handling'
import { Proxy as Wire } from '../store/proxy'
import { testDatabase, type TestDatabase } from '../support/postgres'
import { until } from '../support/until'

const handled: Handled = { is: 'handled' }
const logger = createLogger('silent')
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

let database: TestDatabase
let store: Store
const running = new Set<Dispatcher>()
beforeEach(async () => {
  database = await testDatabase()
  store = await openStore({ url: database.url })
})
afterEach(async () => {
  await Promise.all([...running].map((dispatcher) => dispatcher.stop()))
  running.clear()
  await store.close()
  await database.drop()
})

function dispatch(handle: Handling, more: Partial<DispatcherOptions> = {}): Dispatcher {
  const dispatcher = startDispatcher({ store, handle, logger, owner: 'one', backoffMs: 10, ...more })
  running.add(dispatcher)
  return dispatcher
}

const numbered = (customerId: string, number: number): IncomingEvent => ({
  messageId: `${customerId}-${number}`,
  kind: 'track',
  customerId,
  name: 'Numbered',
  properties: { number },
  occurredAt: Date.now(),
})

const numberOf = (event: StoredEvent): number => event.properties.number as number
const emptied = (): Promise<void> =>
  until(
    async () => (await store.events.backlog()).pending === 0,
    () => store.events.backlog(),
  )
const stateOf = async (messageId: string): Promise<unknown[]> => {
  const event = await store.events.byMessageId(messageId)
  return [event?.state, event?.attempts, event?.reason]
}

/** What each customer's events were, in the order they were handled in. */
class Heard {
  readonly byCustomer = new Map<string, number[]>()

  add(event: StoredEvent): Handled {
    this.byCustomer.set(event.customerId, [...this.of(event.customerId), numberOf(event)])
    return handled
  }

  of(customerId: string): number[] {
    return this.byCustomer.get(customerId) ?? []
  }
}

test('two dispatchers share the customers, and each customer’s events stay in order', async () => {
  const customers = Array.from({ length: 200 }, (_, index) => `c-${index}`)
  const heard = new Heard()
  const served = { one: 0, two: 0 }
  const underWay = new Map<string, number>()
  let overlaps = 0
  const handleAs =
    (owner: keyof typeof served): Handling =>
    async (event) => {
      served[owner] += 1
      underWay.set(event.customerId, (underWay.get(event.customerId) ?? 0) + 1)
      if (underWay.get(event.customerId)! > 1) overlaps += 1
      await pause(event.id % 4)
      underWay.set(event.customerId, underWay.get(event.customerId)! - 1)
      return heard.add(event)
    }
  const other = await openStore({ url: database.url })
  const one = dispatch(handleAs('one'), { owner: 'one', leaseMs: 1_000 })
  const two = dispatch(handleAs('two'), { owner: 'two', leaseMs: 1_000, store: other })
  try {
    for (let number = 1; number <= 5; number++) {
      await store.events.append(customers.map((customer) => numbered(customer, number)))
      // Into the middle of their rounds, and across several leases.
      await pause(300)
    }
    await emptied()
  } finally {
    await Promise.all([one.stop(), two.stop()])
    await other.close()
  }
  expect(overlaps).toBe(0)
  expect(new Set(customers.map((customer) => heard.of(customer).join()))).toEqual(new Set(['1,2,3,4,5']))
  expect(served.one).toBeGreaterThan(0)
  expect(served.two).toBeGreaterThan(0)
})

test('a poison event holds back its own customer only until it is set aside, and can be replayed', async () => {
  const heard = new Heard()
  let poisonous = true
  let attempts = 0
  dispatch(async (event) => {
    if (event.messageId === 'ill-2' && poisonous) {
      attempts += 1
      throw new TypeError('cannot read a thing')
    }
    return heard.add(event)
  })
  await store.events.append(
    [1, 2, 3].flatMap((number) => [numbered('ill', number), numbered('well', number)]),
  )
  await emptied()
  expect(await stateOf('ill-2')).toEqual(['set-aside', 5, 'TypeError: cannot read a thing'])
  expect(attempts).toBe(5)
  expect([heard.of('well'), heard.of('ill')]).toEqual([
    [1, 2, 3],
    [1, 3],
  ])
  poisonous = false
  expect(await store.events.replay('ill-2')).toBe(1)
  await emptied()
  expect(await stateOf('ill-2')).toEqual(['handled', 0, null])
  expect(heard.of('ill')).toEqual([1, 3, 2])
})

test('others go on while a poison event is being retried', async () => {
  const heard = new Heard()
  dispatch(
    async (event) => {
      if (event.customerId === 'ill') throw new Error('again and again')
      return heard.add(event)
    },
    { backoffMs: 60_000 },
  )
  await store.events.append([numbered('ill', 1), numbered('well', 1), numbered('ill', 2)])
  await until(async () => heard.of('well').length === 1 && (await stateOf('ill-1'))[1] === 1)
  await store.events.append([numbered('well', 2)])
  await until(async () => heard.of('well').length === 2)
  expect(await stateOf('ill-1')).toEqual(['pending', 1, 'Error: again and again'])
  expect(await stateOf('ill-2')).toEqual(['pending', 0, null])
})

test('a customer whose event takes long holds up nobody else, and is served on when it is done', async () => {
  const heard = new Heard()
  let free = (): void => undefined
  const slow = new Promise<void>((resolve) => (free = resolve))
  dispatch(async (event) => {
    heard.add(event)
    if (event.messageId === 'slow-1') await slow
    return handled
  })
  await store.events.append([numbered('slow', 1), numbered('quick', 1)])
  await until(async () => heard.of('slow').length === 1 && heard.of('quick').length === 1)
  await store.events.append([numbered('slow', 2), numbered('quick', 2)])
  await until(async () => heard.of('quick').length === 2)
  expect(heard.of('slow')).toEqual([1])
  free()
  await emptied()
  expect(heard.of('slow')).toEqual([1, 2])
})

test('a database that refuses connections counts against no event', async () => {
  const heard = new Heard()
  let refusals = 0
  dispatch(async (event) => {
    if (refusals < 12) {
      refusals += 1
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    }
    return heard.add(event)
  })
  await store.events.append([numbered('ada', 1), numbered('ada', 2), numbered('ben', 1)])
  await emptied()
  expect([heard.of('ada'), heard.of('ben')]).toEqual([[1, 2], [1]])
  expect(await stateOf('ada-1')).toEqual(['handled', 0, null])
  expect(await stateOf('ben-1')).toEqual(['handled', 0, null])
})

test('with the wire to the database cut in the middle, all is handled in order once it is back', async () => {
  const wire = new Wire(new URL(database.url))
  await wire.open()
  const far = await openStore({ url: wire.url })
  const heard = new Heard()
  const lastOf = (customer: string): number => heard.of(customer).at(-1) ?? 0
  const dispatcher = dispatch(
    async (event) => {
      await far.customers.identify(event.customerId, { last: numberOf(event) }, event.occurredAt)
      // Handled before, and its mark was lost with the wire.
      return numberOf(event) <= lastOf(event.customerId) ? handled : heard.add(event)
    },
    { store: far },
  )
  try {
    const customers = Array.from({ length: 40 }, (_, index) => `c-${index}`)
    const append = (number: number): Promise<number> =>
      store.events.append(customers.map((customer) => numbered(customer, number)))
    await append(1)
    await until(async () => heard.byCustomer.size > 0)
    await wire.cut()
    for (const number of [2, 3]) await append(number)
    await pause(500)
    await wire.open()
    await emptied()
    expect(new Set(customers.map((customer) => heard.of(customer).join()))).toEqual(new Set(['1,2,3']))
    for (const customer of customers) {
      for (const number of [1, 2, 3])
        expect(await stateOf(`${customer}-${number}`)).toEqual(['handled', 0, null])
    }
  } finally {
    await dispatcher.stop()
    await far.close()
    await wire.cut()
  }
})

test('a dispatcher stuck beyond its lease leaves the customer’s next events to the one who took over', async () => {
  const first = new Heard()
  const second = new Heard()
  let free = (): void => undefined
  const stuck = new Promise<void>((resolve) => (free = resolve))
  await store.events.append([1, 2, 3].map((number) => numbered('ada', number)))
  const one = dispatch(
    async (event) => {
      first.add(event)
      await stuck
      return handled
    },
    { owner: 'one', leaseMs: 300 },
  )
  await until(async () => first.of('ada').length === 1)
  dispatch(async (event) => second.add(event), { owner: 'two', leaseMs: 10_000 })
  await emptied()
  free()
  // Time enough to take the next one, which it must not.
  await pause(300)
  await one.stop()
  expect(first.of('ada')).toEqual([1])
  expect(second.of('ada')).toEqual([1, 2, 3])
})

test('a newcomer gets its share of the lanes, and the one who had them serves those no longer', async () => {
  const heard: [string, string][] = []
  const handleAs =
    (owner: string): Handling =>
    async (event) => (heard.push([owner, event.customerId]), handled)
  const customers = Array.from({ length: 64 }, (_, index) => `c-${index}`)
  dispatch(handleAs('one'), { owner: 'one', leaseMs: 3_000 })
  await store.events.append(customers.map((customer) => numbered(customer, 1)))
  await emptied()
  expect(new Set(heard.map(([owner]) => owner))).toEqual(new Set(['one']))
  dispatch(handleAs('two'), { owner: 'two', leaseMs: 3_000 })
  let number = 1
  await until(async () => {
    await store.events.append([numbered('c-0', ++number), numbered('c-1', number), numbered('c-2', number)])
    await emptied()
    return heard.some(([owner]) => owner === 'two')
  })
  heard.length = 0
  await store.events.append(customers.map((customer) => numbered(customer, 1_000)))
  await emptied()
  expect(new Set(heard.map(([owner]) => owner))).toEqual(new Set(['one', 'two']))
  expect(heard).toHaveLength(64)
})
