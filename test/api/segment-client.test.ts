import { Analytics } from '@segment/analytics-node'
import { stopAll, testApi, type TestApi } from './support'
import type { Store } from '../../store/store'

let api: TestApi

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

const client = (more: Partial<ConstructorParameters<typeof Analytics>[0]> = {}) =>
  new Analytics({ host: api.url, writeKey: 'ingest-key', flushInterval: 20, ...more })

const eventsOf = async (customer: string, store: Store = api.store) =>
  (await store.events.ofCustomer(customer, { limit: 200 })).items.toReversed()

test('every call of the published client arrives, in order', async () => {
  const analytics = client({ flushAt: 1000 })
  const timestamp = new Date('2026-01-02T03:04:05.678Z')
  analytics.identify({ userId: 'client', traits: { email: 'a@example.com', age: 40 } })
  analytics.track({
    userId: 'client',
    event: 'Trial Started',
    properties: { plan: 'pro' },
    timestamp,
    messageId: 'mine',
  })
  analytics.page({ userId: 'client', category: 'Docs', name: 'Start', properties: { url: '/docs' } })
  analytics.screen({ userId: 'client', name: 'Home' })
  analytics.group({ userId: 'client', groupId: 'acme', traits: { size: 3 } })
  analytics.alias({ userId: 'client', previousId: 'anonymous' })
  analytics.track({
    anonymousId: 'unknown',
    event: 'Seen',
    context: { ip: '127.0.0.1' },
    integrations: { All: false },
  })
  await analytics.closeAndFlush()

  const events = await eventsOf('client')
  expect(events.map(({ kind, name }) => [kind, name])).toEqual([
    ['identify', ''],
    ['track', 'Trial Started'],
    ['page', 'Start'],
    ['screen', 'Home'],
    ['group', 'acme'],
    ['alias', 'anonymous'],
  ])
  expect(events[0]!.properties).toEqual({ email: 'a@example.com', age: 40 })
  expect(events[1]).toMatchObject({ messageId: 'mine', properties: { plan: 'pro' } })
  expect(Math.abs(events[1]!.occurredAt - timestamp.getTime())).toBeLessThan(10_000)
  expect(await eventsOf('unknown')).toHaveLength(1)
})

test('a thousand events in batches, some of them twice, are stored once each', async () => {
  const analytics = client({ flushAt: 100 })
  const delivered: Promise<void>[] = []
  for (let number = 0; number < 1000; number++) {
    const message = {
      userId: `many-${number % 7}`,
      event: 'Seen',
      properties: { number },
      messageId: `many-${number % 900}`,
    }
    delivered.push(
      new Promise((resolve, reject) =>
        analytics.track(message, (error) => (error ? reject(error) : resolve())),
      ),
    )
  }
  await analytics.closeAndFlush()
  await Promise.all(delivered)
  const counts = await Promise.all(
    Array.from({ length: 7 }, async (_, index) => (await eventsOf(`many-${index}`)).length),
  )
  expect(counts.reduce((sum, count) => sum + count)).toBe(900)
})

test('what we could not store is sent again and stored once', async () => {
  let failures = 2
  // The first answer is lost after the database has the event, the second before.
  const flaky: Store = {
    ...api.store,
    ping: () => Promise.reject(new Error('away')),
    events: new Proxy(api.store.events, {
      get: (events, name: keyof Store['events']) =>
        name === 'append'
          ? async (...given: Parameters<Store['events']['append']>) => {
              const left = failures--
              if (left === 1) throw new Error('the connection is lost')
              const added = await events.append(...given)
              if (left === 2) throw new Error('the connection is lost')
              return added
            }
          : (events[name] as (...given: unknown[]) => unknown).bind(events),
    }),
    close: async () => {},
  }
  const broken = await testApi({ store: flaky })
  const analytics = client({ host: broken.url })
  const failed = jest.fn()
  analytics.on('error', failed)
  analytics.track({ userId: 'flaky', event: 'Seen' })
  await analytics.closeAndFlush({ timeout: 30_000 })
  expect(failures).toBe(-1)
  expect(failed).not.toHaveBeenCalled()
  expect(await eventsOf('flaky')).toHaveLength(1)
})

test('a wrong key is not retried, and the client hears of it', async () => {
  const analytics = client({ writeKey: 'wrong' })
  const errors: unknown[] = []
  analytics.on('error', ({ reason }) => errors.push(reason))
  analytics.track({ userId: 'refused', event: 'Seen' })
  await analytics.closeAndFlush()
  expect(String(errors[0])).toContain('401')
  expect(await eventsOf('refused')).toHaveLength(0)
})
