import type { TouchpointRequest } from '../../store/store'
import { stopAll, testApi, type TestApi } from './support'

// No dispatcher runs here: what is ordered stays under way.

let api: TestApi
beforeAll(async () => {
  api = await testApi({ limits: { enrollWaitMs: 200, deletionWaitMs: 600 } })
})
afterAll(stopAll)

const remove = (id: string, key = 'admin-key') =>
  api.call('DELETE', `/v1/customers/${encodeURIComponent(id)}`, undefined, { authorization: `Bearer ${key}` })

async function sending(customerId: string): Promise<string> {
  const request: TouchpointRequest = {
    id: `j:${customerId}/1/s/1`, enrollmentId: `j:${customerId}`, entry: 1, journey: 'j', customerId, step: 's',
    channel: 'email', message: 'm', category: 'marketing', provider: 'smtp', at: Date.now(),
  } // prettier-ignore
  await api.store.customers.identify(customerId, {}, 1)
  await api.store.touchpoints.reserve(request, 60_000, () => ({
    judgment: { is: 'allowed', verdicts: [] },
    priority: 1,
  }))
  return request.id
}

test('it needs the role admin', async () => {
  await api.store.customers.identify('kept', {}, 1)
  for (const key of ['read-key', 'ingest-key', 'operate-key'])
    expect((await remove('kept', key)).status).toBe(403)
  expect((await api.call('GET', '/v1/customers/kept')).status).toBe(200)
})

test('the answer waits for a message that is being handed over', async () => {
  const id = await sending('waiting')
  const order: string[] = []
  const answered = remove('waiting').then((answer) => (order.push('answered'), answer))
  while ((await api.store.deletions.standing('waiting')).is !== 'under-way')
    await new Promise((resolve) => setTimeout(resolve, 10))
  order.push('sent')
  await api.store.touchpoints.settle(id, { status: 'sent' })
  expect(await answered).toMatchObject({ status: 202, body: { sending: 0 } })
  expect(order).toEqual(['sent', 'answered'])
})

test('where that takes too long it says so, every time it is asked', async () => {
  await sending('long')
  const [first, second] = [await remove('long'), await remove('long')]
  expect(first).toMatchObject({ status: 202, body: { sending: 1 } })
  expect(second.body).toEqual(first.body)
  expect((await api.call('GET', '/v1/customers/long')).status).toBe(404)
})

test('what is said of the customer meanwhile is refused, and events are kept', async () => {
  await api.store.customers.identify('leaving', {}, 1)
  expect((await remove('leaving')).status).toBe(202)
  const consents = [{ channel: 'email', purpose: 'marketing', state: 'granted' }]
  expect(await api.call('PUT', '/v1/customers/leaving/consents', { consents })).toMatchObject({
    status: 409,
    body: { code: 'being-deleted' },
  })
  const event = { userId: 'leaving', event: 'Trial Started', messageId: 'after' }
  expect((await api.call('POST', '/v1/track', event)).status).toBe(200)
  expect(await api.store.events.byMessageId('after')).toMatchObject({ state: 'pending' })
})
