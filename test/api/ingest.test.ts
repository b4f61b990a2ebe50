import { gzipSync } from 'node:zlib'
import { eventCount, onlyEvent, stopAll, testApi, type TestApi } from './support'
import { embeddedStore } from '../support/embedded'

let api: TestApi

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

const ok = { status: 200, body: { success: true } }
const minute = 60_000

describe('the Segment HTTP form', () => {
  test('track is stored before it is answered', async () => {
    const sent = {
      userId: 'ann',
      event: 'Trial Started',
      properties: { plan: 'pro' },
      messageId: 'track-1',
      context: { ip: '::1' },
    }
    expect(await api.call('POST', '/v1/track', sent)).toMatchObject(ok)
    expect(await onlyEvent(api.store, 'ann')).toMatchObject({
      messageId: 'track-1',
      kind: 'track',
      customerId: 'ann',
      name: 'Trial Started',
      properties: { plan: 'pro' },
      state: 'pending',
    })
  })

  test.each([
    ['identify', { traits: { plan: 'pro' } }, { name: '', properties: { plan: 'pro' } }],
    ['page', { name: 'Pricing', properties: { url: '/p' } }, { name: 'Pricing', properties: { url: '/p' } }],
    ['page', { category: 'Docs' }, { name: 'Docs', properties: {} }],
    ['screen', {}, { name: '', properties: {} }],
    ['group', { groupId: 'acme', traits: { size: 3 } }, { name: 'acme', properties: { size: 3 } }],
    ['group', { groupId: 42 }, { name: '42', properties: {} }],
    ['alias', { previousId: 'anonymous-1' }, { name: 'anonymous-1', properties: {} }],
  ])('%s %j becomes an event', async (kind, message, event) => {
    const userId = `form ${kind} ${JSON.stringify(message)}`
    expect(await api.call('POST', `/v1/${kind}`, { userId, ...message })).toMatchObject(ok)
    expect(await onlyEvent(api.store, userId)).toMatchObject({ kind, ...event })
  })

  test('without a userId the anonymousId is the customer; with both it comes along', async () => {
    await api.call('POST', '/v1/track', { anonymousId: 'anon-1', userId: null, event: 'Seen' })
    expect((await onlyEvent(api.store, 'anon-1')).anonymousId ?? null).toBeNull()
    await api.call('POST', '/v1/identify', { anonymousId: 'anon-1', userId: 'known-1' })
    expect(await onlyEvent(api.store, 'known-1')).toMatchObject({ anonymousId: 'anon-1' })
  })

  test('ids may be numbers', async () => {
    await api.call('POST', '/v1/track', { userId: 4711, event: 'Seen' })
    expect(await onlyEvent(api.store, '4711')).toMatchObject({ customerId: '4711' })
  })

  test('one messageId counts once, alone and in a batch', async () => {
    const message = { userId: 'repeat', event: 'Seen', messageId: 'once', type: 'track' }
    await api.call('POST', '/v1/track', message)
    await api.call('POST', '/v1/track', message)
    expect(await api.call('POST', '/v1/batch', { batch: [message, message] })).toMatchObject(ok)
    await onlyEvent(api.store, 'repeat')
  })

  test('without a messageId each one counts', async () => {
    await api.call('POST', '/v1/track', { userId: 'uncounted', event: 'Seen' })
    await api.call('POST', '/v1/track', { userId: 'uncounted', event: 'Seen' })
    expect((await api.store.events.ofCustomer('uncounted', { limit: 10 })).items).toHaveLength(2)
  })

  test('a batch of all kinds is stored in order', async () => {
    const batch = [
      { type: 'identify', userId: 'batch', traits: {} },
      { type: 'group', userId: 'batch', groupId: 'g' },
      { type: 'track', userId: 'batch', event: 'Seen' },
      { type: 'page', userId: 'batch' },
      { type: 'screen', userId: 'batch', name: 'Home' },
      { type: 'alias', userId: 'batch', previousId: 'before' },
    ]
    expect(await api.call('POST', '/v1/batch', { batch, sentAt: new Date(), writeKey: 'x' })).toMatchObject(
      ok,
    )
    const { items } = await api.store.events.ofCustomer('batch', { limit: 10 })
    expect(items.map(({ kind }) => kind).toReversed()).toEqual(batch.map(({ type }) => type))
  })

  test('gzip is read', async () => {
    const body = gzipSync(JSON.stringify({ userId: 'zipped', event: 'Seen' }))
    expect(
      await api.call('POST', '/v1/track', body, {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      }),
    ).toMatchObject(ok)
    await onlyEvent(api.store, 'zipped')
  })

  test('event names nobody knows are accepted', async () => {
    expect(await api.call('POST', '/v1/track', { userId: 'u', event: 'Nobody Knows This' })).toMatchObject(ok)
  })
})

describe('when it happened', () => {
  const at = async (message: object): Promise<number> => {
    const userId = `time ${JSON.stringify(message)}`
    expect(await api.call('POST', '/v1/track', { userId, event: 'Seen', ...message })).toMatchObject(ok)
    return (await onlyEvent(api.store, userId)).occurredAt
  }

  test('is now without a timestamp', async () => {
    const before = Date.now()
    const occurredAt = await at({})
    expect(occurredAt).toBeGreaterThanOrEqual(before)
    expect(occurredAt).toBeLessThanOrEqual(Date.now())
  })

  test('is the timestamp, without a zone in UTC', async () => {
    expect(await at({ timestamp: '2025-03-01T10:00:00+02:00' })).toBe(Date.UTC(2025, 2, 1, 8))
    expect(await at({ timestamp: '2025-03-01T10:00:00' })).toBe(Date.UTC(2025, 2, 1, 10))
    expect(await at({ timestamp: '2025-03-01' })).toBe(Date.UTC(2025, 2, 1))
  })

  test('is corrected by the error of the sender’s clock', async () => {
    const now = Date.now()
    const iso = (ms: number) => new Date(ms).toISOString()
    const occurredAt = await at({ timestamp: iso(now + 59 * minute), sentAt: iso(now + 60 * minute) })
    expect(Math.abs(occurredAt - (now - minute))).toBeLessThan(30_000)
  })

  test('in a batch, by the batch’s sentAt unless the message has its own', async () => {
    const hourAhead = (ms: number) => new Date(Date.now() + 60 * minute + ms).toISOString()
    const message = (userId: string, more: object) => ({
      type: 'track',
      event: 'Seen',
      userId,
      timestamp: hourAhead(-minute),
      ...more,
    })
    const batch = [message('skewed', {}), message('unskewed', { sentAt: new Date().toISOString() })]
    expect(await api.call('POST', '/v1/batch', { batch, sentAt: hourAhead(0) })).toMatchObject(ok)
    expect(Math.abs((await onlyEvent(api.store, 'skewed')).occurredAt - (Date.now() - minute))).toBeLessThan(
      30_000,
    )
    expect(
      Math.abs((await onlyEvent(api.store, 'unskewed')).occurredAt - (Date.now() + 59 * minute)),
    ).toBeLessThan(30_000)
  })

  test('may be long ago', async () => {
    expect(await at({ timestamp: '1969-07-20T20:17:40Z' })).toBe(Date.parse('1969-07-20T20:17:40Z'))
    expect(await at({ timestamp: '0000-01-01T00:00:00Z' })).toBe(Date.parse('0001-01-01T00:00:00Z'))
  })

  test('is now when the sender says it is more than a day ahead', async () => {
    expect(Math.abs((await at({ timestamp: '2999-01-01T00:00:00Z' })) - Date.now())).toBeLessThan(30_000)
  })

  test('is moved with the customer’s clock, where clocks can be moved', async () => {
    const fastForward = async () => ({ now: '', movedMs: 0, happened: [] })
    const moving = await testApi({ store: api.store, fastForward })
    await api.store.customers.identify('ahead', {}, 1)
    await api.store.customers.moveClock('ahead', 30 * 24 * 60 * minute)
    const before = Date.now()
    const batch = ['ahead', 'level'].map((userId) => ({
      type: 'track',
      userId,
      event: 'Seen',
      timestamp: new Date().toISOString(),
    }))
    await moving.call('POST', '/v1/batch', { batch })
    const occurredAt = async (userId: string) => (await onlyEvent(api.store, userId)).occurredAt - before
    expect(Math.abs((await occurredAt('ahead')) - 30 * 24 * 60 * minute)).toBeLessThan(30_000)
    expect(Math.abs(await occurredAt('level'))).toBeLessThan(30_000)
  })

  test.each(['yesterday', '2025-02-30', '2025-13-01', '1735689600', ''])(
    '%j is refused',
    async (timestamp) => {
      const answer = await api.call('POST', '/v1/track', { userId: 'u', event: 'Seen', timestamp })
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'timestamp' }] } })
    },
  )
})

test('a database that is away is 503 with Retry-After, and nothing else', async () => {
  const lost = await embeddedStore()
  await lost.close()
  const away = await testApi({ store: lost })
  const answer = await away.call('POST', '/v1/track', { userId: 'u', event: 'Seen' })
  expect(answer).toMatchObject({ status: 503, body: { code: 'database-unavailable' } })
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('a refused batch leaves nothing behind', async () => {
  const before = await eventCount(api.store)
  const batch = [
    { type: 'track', userId: 'half', event: 'Seen' },
    { type: 'track', userId: 'half', event: 'Seen' },
    { type: 'track', userId: 'half', event: 'Seen' },
    { type: 'track', event: 'Seen' },
    { type: 'dance', userId: 'half' },
    'text',
  ]
  expect(await api.call('POST', '/v1/batch', { batch })).toMatchObject({
    status: 400,
    body: {
      code: 'invalid-request',
      errors: [{ path: 'batch[3].userId' }, { path: 'batch[4].type' }, { path: 'batch[5]' }],
    },
  })
  expect(await eventCount(api.store)).toBe(before)
})
