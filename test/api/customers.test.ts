import { Problem } from '../../sdk/problem'
import type { Store, TouchpointRequest } from '../../store/store'
import { statusOf, stopAll, testApi, type TestApi } from './support'

let api: TestApi
const day = 24 * 60 * 60 * 1000
const start = Date.parse('2026-01-01T00:00:00Z')

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

const event = (customerId: string, name: string, days: number) =>
  api.store.events.append([
    {
      messageId: `${customerId} ${name}`,
      kind: 'track',
      customerId,
      name,
      properties: {},
      occurredAt: start + days * day,
    },
  ])

async function touch(
  store: Store,
  customerId: string,
  step: string,
  days: number,
  allows = true,
): Promise<void> {
  const request: TouchpointRequest = {
    id: `trialOnboarding:${customerId}/1/${step}/1`,
    enrollmentId: `trialOnboarding:${customerId}`,
    entry: 1,
    journey: 'trialOnboarding',
    customerId,
    step,
    channel: 'email',
    message: `trial/${step}`,
    category: 'marketing',
    provider: 'smtp',
    at: start + days * day,
  }
  const verdicts = [{ rule: 'consent', allows, because: allows ? 'no objection' : 'unsubscribed' }]
  await store.touchpoints.reserve(request, 60_000, () => ({
    judgment: allows ? { is: 'allowed', verdicts } : { is: 'withheld', because: 'unsubscribed', verdicts },
    priority: 1,
  }))
  if (allows) await store.touchpoints.settle(request.id, { status: 'sent', providerMessageId: '<1@x>' })
}

async function enter(customerId: string, days: number): Promise<string> {
  const id = `trialOnboarding:${customerId}`
  const common = { id, journey: 'trialOnboarding', customerId, build: 'b', enrolledBy: `enter ${customerId}` }
  await api.store.enrollments.enter({ ...common, reentry: 'once', now: start + days * day })
  await api.store.enrollments.started(id, 1)
  return id
}

test('a customer: traits, groups, clock, running enrollments; an alias leads to the same one', async () => {
  await api.store.customers.identify('ann', { plan: 'pro' }, start)
  await api.store.customers.group('ann', 'acme', {})
  await api.store.customers.moveClock('ann', 3 * day)
  await enter('ann', 0)
  await api.store.customers.merge('ann-before', 'ann')
  const { body } = await api.call('GET', '/v1/customers/ann')
  expect(body).toMatchObject({
    id: 'ann',
    traits: { plan: 'pro' },
    groups: ['acme'],
    clock: { aheadMs: 3 * day },
    enrollments: [{ id: 'trialOnboarding:ann', status: 'running' }],
  })
  expect(Math.abs(Date.parse(body.clock.now) - Date.now() - 3 * day)).toBeLessThan(30_000)
  expect((await api.call('GET', '/v1/customers/ann-before')).body.id).toBe('ann')
})

test('all customers, page by page', async () => {
  for (let number = 0; number < 5; number++) await api.store.customers.identify(`list-${number}`, {}, start)
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await api.call('GET', `/v1/customers?limit=2${cursor}`)
    seen.push(...body.items.map(({ id }: { id: string }) => id))
    cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`
  } while (cursor !== '')
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((id) => id.startsWith('list-'))).toHaveLength(5)
})

describe('the timeline', () => {
  beforeAll(async () => {
    await api.store.customers.identify('line', {}, start)
    await event('line', 'Trial Started', 0)
    const id = await enter('line', 1)
    await touch(api.store, 'line', 'welcome', 2)
    await event('line', 'Feature Used', 3)
    await touch(api.store, 'line', 'tips', 4, false)
    await api.store.enrollments.end({
      id,
      entry: 1,
      journey: 'trialOnboarding',
      customerId: 'line',
      outcome: { is: 'converted', event: 'Paid' },
      endedAt: start + 5 * day,
    })
    await event('line', 'Paid', 6)
    await api.store.operations.record('operation-1', {
      enrollmentId: id,
      entry: 1,
      action: 'pause',
      by: 'Mia',
      reason: null,
    })
  })

  const expected = [
    'operation pause', 'event Paid', 'ended converted', 'touchpoint tips withheld', 'event Feature Used',
    'touchpoint welcome sent', 'enrolled trialOnboarding', 'event Trial Started',
  ] // prettier-ignore

  const words = (entry: any): string =>
    ({
      event: () => `event ${entry.event.name}`,
      touchpoint: () => `touchpoint ${entry.touchpoint.step} ${entry.touchpoint.status}`,
      enrolled: () => `enrolled ${entry.enrollment.journey}`,
      ended: () => `ended ${entry.enrollment.outcome.is}`,
      operation: () => `operation ${entry.operation.action}`,
    })[entry.what as string]!()

  test.each([1, 2, 3, 5, 200])('merges everything by time, newest first, in pages of %d', async (limit) => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { status, body } = await api.call('GET', `/v1/customers/line/timeline?limit=${limit}${cursor}`)
      expect(status).toBe(200)
      expect(body.items.length).toBeLessThanOrEqual(limit)
      seen.push(...body.items.map(words))
      cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`
    } while (cursor !== '')
    expect(seen).toEqual(expected)
  })

  test('a page goes on where the last one ended, whatever happened since', async () => {
    const first = (await api.call('GET', '/v1/customers/line/timeline?limit=3')).body
    await event('line', 'Later', 7)
    const second = (await api.call('GET', `/v1/customers/line/timeline?limit=200&cursor=${first.next}`)).body
    expect([...first.items, ...second.items].map(words)).toEqual(expected)
  })
})

test('touchpoints come with why', async () => {
  await api.store.customers.identify('why', {}, start)
  await touch(api.store, 'why', 'welcome', 0, false)
  expect((await api.call('GET', '/v1/customers/why/touchpoints')).body).toMatchObject({
    items: [
      {
        step: 'welcome',
        status: 'withheld',
        because: 'unsubscribed',
        verdicts: [{ rule: 'consent', allows: false }],
      },
    ],
    next: null,
  })
})

describe('fast-forward', () => {
  test('is refused where clocks are not moved', async () => {
    const answer = await api.call('POST', '/v1/customers/ann/fast-forward', { by: '30 days' })
    expect(answer).toMatchObject({ status: 403, body: { code: 'moved-time-refused' } })
  })

  test('hands the request on and answers what happened', async () => {
    const asked: unknown[] = []
    const moving = await testApi({
      store: api.store,
      fastForward: async (...given) => {
        asked.push(given)
        return { now: '2026-03-01T00:00:00.000Z', movedMs: 30 * day, happened: [{ is: 'ended' }] }
      },
    })
    const forward = (id: string, body: unknown) =>
      moving.call('POST', `/v1/customers/${id}/fast-forward`, body)
    expect(await forward('ann', { by: '30 days' })).toMatchObject({
      status: 200,
      body: { movedMs: 30 * day, happened: [{ is: 'ended' }] },
    })
    expect(await forward('ann-before', { to: 'next' })).toMatchObject({ status: 200 })
    expect(asked).toEqual([['ann', { by: '30 days' }], ['ann', { to: 'next' }]]) // prettier-ignore
    for (const wrong of [
      {},
      { by: '30' },
      { by: '0 days' },
      { by: '1 month' },
      { to: 'end' },
      { by: '1 day', to: 'next' },
    ]) {
      expect(await forward('ann', wrong)).toMatchObject({ status: 400, body: { code: 'invalid-request' } })
    }
    expect(await forward('nobody', { to: 'next' })).toMatchObject({ status: 404 })
    expect(asked).toHaveLength(2)
  })

  test('says what the server could not do', async () => {
    const unable = await testApi({
      store: api.store,
      fastForward: () =>
        Promise.reject(new Problem('moved-time-refused', 'This Temporal server is too old.')),
    })
    expect(await unable.call('POST', '/v1/customers/ann/fast-forward', { to: 'next' })).toMatchObject({
      status: 403,
    })
  })
})

test('events set aside are shown with their reason and tried again', async () => {
  await event('poison', 'Broken', 0)
  const stored = (await api.store.events.byMessageId('poison Broken'))!
  await api.store.events.setAside(stored, 'it is broken')
  const list = async () => (await api.call('GET', '/v1/events/set-aside')).body.items
  expect(await list()).toMatchObject([
    { messageId: 'poison Broken', state: 'set-aside', reason: 'it is broken' },
  ])
  const replay = (body: object) => api.call('POST', '/v1/events/set-aside/replay', body)
  expect(await replay({ messageId: 'another' })).toMatchObject({ status: 404 })
  expect(await replay({ messageId: 'poison Broken' })).toMatchObject({ status: 200, body: { replayed: 1 } })
  expect(await list()).toEqual([])
  expect(await replay({})).toMatchObject({ status: 200, body: { replayed: 0 } })
})

test('an enrollment shown with a customer tells no step of another', async () => {
  api.temporal.statuses.set('trialOnboarding:other', statusOf('trialOnboarding:other'))
  expect((await api.call('GET', '/v1/enrollments?customerId=ann')).body.items).toMatchObject([
    { id: 'trialOnboarding:ann', step: null },
  ])
})
