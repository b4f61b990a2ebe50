import { Webhook } from 'standardwebhooks'
import { signedByEndpoint } from '../../channels'
import type { Store, TaskRow } from '../../store/store'
import { stopAll, testApi, type TestApi } from '../api/support'
import { keyNamed } from '../support/keys'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const endpoints = { desk: { url: 'https://desk.example/hook', secret } }

let api: TestApi
beforeAll(async () => {
  const keys = [keyNamed('ann-key', 'agent'), keyNamed('lead-key', 'operate'), keyNamed('read-key', 'read')]
  api = await testApi({ keys, taskOrders: signedByEndpoint('desk', { endpoints }) })
})
afterAll(stopAll)

const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })
const call = (
  method: string,
  path: string,
  body?: unknown,
  key = 'ann-key',
  more: Record<string, string> = {},
) =>
  api.call(method, path, body, {
    ...as(key),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...more,
  })

let count = 0

/** A task of a customer of its own; the touchpoint is decided on as a call of the category. */
async function opened(
  more: { category?: 'marketing' | 'transactional'; queue?: string } = {},
): Promise<TaskRow> {
  const { store } = api
  const customerId = `cus-${++count}`
  await store.customers.identify(customerId, { phone: '+4930123456', firstName: 'Mo' }, Date.now())
  const id = `trialOnboarding:${customerId}/1/call/1`
  const of = {
    enrollmentId: `trialOnboarding:${customerId}`,
    entry: 1,
    journey: 'trialOnboarding',
    step: 'call',
    customerId,
  }
  const { category = 'transactional', queue = `queue-${count}` } = more
  await reserved(store, { id, ...of, category })
  await store.tasks.open({
    id, ...of, queue, priority: 1, script: '<b>Hello</b> Mo', context: { plan: 'pro' }, outcomes: ['saved', 'refused'],
    openedAt: Date.now(), dueAt: Date.now() + 3_600_000, escalation: null,
  }) // prettier-ignore
  return (await store.tasks.list({ customerId }, { limit: 1 })).items[0]!
}

async function reserved(store: Store, of: object): Promise<void> {
  const request = { ...of, channel: 'voice', message: 'care/call', provider: 'agents', at: Date.now() }
  const judge = () => ({ judgment: { is: 'allowed', verdicts: [] }, priority: 1 }) as const
  const { is } = await store.touchpoints.reserve(request as never, 1_000, judge)
  expect(is).toBe('reserved')
}

test('agents see their queue, a task with its customer, and nothing else; a read key sees no tasks', async () => {
  const { ref, queue, customerId } = await opened()
  const listed = await call('GET', `/v1/tasks?queue=${queue}`)
  expect(listed.body).toMatchObject({
    items: [{ id: ref, status: 'open', outcomes: ['saved', 'refused'] }],
    next: null,
  })
  const one = await call('GET', `/v1/tasks/${ref}`)
  expect(one.body).toMatchObject({
    task: { id: ref, script: '<b>Hello</b> Mo', context: { plan: 'pro' } },
    customer: { id: customerId, traits: { phone: '+4930123456' } },
    timeline: [{ what: 'touchpoint', touchpoint: { channel: 'voice' } }],
  })
  expect((await call('GET', '/v1/tasks', undefined, 'read-key')).status).toBe(403)
  expect((await call('GET', `/v1/customers/${customerId}`)).status).toBe(403)
  expect((await call('GET', '/v1/tasks/none')).status).toBe(404)
  expect((await call('GET', '/v1/tasks?status=lost')).status).toBe(400)
})

test('of two agents who claim at once one has it, and the other is told who', async () => {
  const { ref } = await opened()
  const both = await Promise.all(
    ['ann', 'bob'].map((agent) => call('POST', `/v1/tasks/${ref}/claim`, { agent })),
  )
  const won = both.find(({ status }) => status === 200)!
  const lost = both.find(({ status }) => status !== 200)!
  expect([lost.status, lost.body.code, lost.body.detail]).toEqual([
    409,
    'task-taken',
    `${won.body.agent} has it.`,
  ])
})

test('a task is claimed, noted, closed with one of its outcomes; the same again changes nothing', async () => {
  const { ref, customerId } = await opened()
  const order = (action: string, body: object = {}, more = {}) =>
    call('POST', `/v1/tasks/${ref}/${action}`, body, 'ann-key', more)
  expect((await order('claim')).body).toMatchObject({
    status: 'claimed',
    agent: 'ann-key',
    log: [{ did: 'claimed', key: 'ann-key' }],
  })
  const once = { 'idempotency-key': 'n-1' }
  await order('note', { text: 'rings at noon' }, once)
  expect((await order('note', { text: 'rings at noon' }, once)).body.log).toHaveLength(2)
  const wrong = await order('complete', { outcome: 'sold' })
  expect([wrong.status, wrong.body.errors]).toEqual([
    400,
    [{ path: 'outcome', message: 'must be one of: saved, refused' }],
  ])
  expect((await order('complete', { outcome: 'saved', data: { when: 'x' } })).body).toMatchObject({
    status: 'done',
    outcome: 'saved',
  })
  expect((await order('complete', { outcome: 'saved' })).status).toBe(200)
  const late = await order('complete', { outcome: 'refused' })
  expect([late.status, late.body.code, late.body.detail]).toEqual([
    409,
    'task-closed',
    'It is done (saved, by ann-key).',
  ])
  const { items } = await api.store.events.ofCustomer(customerId, { limit: 10 })
  expect(items.map(({ kind, state }) => [kind, state])).toEqual([['task', 'pending']])
})

test('who may operate reassigns, and acts in place of an agent; an agent does not', async () => {
  const { ref } = await opened()
  await call('POST', `/v1/tasks/${ref}/claim`, { agent: 'ann' })
  const to = { agent: 'bob', queue: 'seniors' }
  expect((await call('POST', `/v1/tasks/${ref}/reassign`, to)).status).toBe(403)
  expect((await call('POST', `/v1/tasks/${ref}/reassign`, {}, 'lead-key')).status).toBe(400)
  expect((await call('POST', `/v1/tasks/${ref}/reassign`, to, 'lead-key')).body).toMatchObject({
    ...to,
    status: 'claimed',
  })
  expect((await call('POST', `/v1/tasks/${ref}/release`, { agent: 'ann' })).body.code).toBe('task-taken')
  expect((await call('POST', `/v1/tasks/${ref}/release`, {}, 'lead-key')).body).toMatchObject({
    status: 'open',
    agent: null,
  })
})

test('nobody claims a call that may not be made any more: a no that came meanwhile, a suppression, a stop', async () => {
  const { ref, customerId } = await opened({ category: 'marketing' })
  const silent = await call('POST', `/v1/tasks/${ref}/claim`, {})
  expect([silent.status, silent.body.code]).toEqual([409, 'task-not-now'])
  expect(silent.body.detail).toContain('the limits ask for a yes')
  const yes = {
    customerId,
    channel: 'voice',
    purpose: 'marketing',
    source: 'test',
    basis: 'consent',
  } as const
  await api.store.consents.record({ ...yes, state: 'granted', occurredAt: Date.now() })
  const author = { key: 'test', by: null }
  const { stop } = await api.store.stops.begin({ scope: 'channel', name: 'voice' }, author, 'test')
  expect((await call('POST', `/v1/tasks/${ref}/claim`, {})).body.detail).toContain(
    'an operator stopped channel voice',
  )
  await api.store.stops.end(stop.id, author, 'test')
  const limits = { limits: { ...(await api.store.limits.current()).limits, quietHours: [] } }
  const change = { ...limits, author, because: 'test', approval: false }
  await api.store.limits.change(change as never)
  expect((await call('POST', `/v1/tasks/${ref}/claim`, {})).body).toMatchObject({ status: 'claimed' })
})

describe('orders of the call centre’s software', () => {
  const send = (body: string, headers: Record<string, string>) =>
    api.call('POST', '/webhooks/tasks', body, { 'content-type': 'application/json', ...headers })
  function signed(body: string, id = `msg-${++count}`, at = new Date(), key = secret) {
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(key).sign(id, at, body),
    }
  }

  test('claim and close, each carried out once', async () => {
    const { ref } = await opened()
    const claim = JSON.stringify({ type: 'task.claim', data: { id: ref, agent: 'ann' } })
    expect((await send(claim, signed(claim, 'msg-claim'))).body).toMatchObject({
      status: 'claimed',
      agent: 'ann',
    })
    await call('POST', `/v1/tasks/${ref}/release`, {}, 'lead-key')
    expect((await send(claim, signed(claim, 'msg-claim'))).body.status).toBe('open')
    const done = JSON.stringify({
      type: 'task.complete',
      data: { id: ref, agent: 'ann', outcome: 'saved', data: { a: 1 } },
    })
    expect((await send(done, signed(done))).body).toMatchObject({
      status: 'done',
      outcome: 'saved',
      data: { a: 1 },
    })
  })

  test('what is not signed so touches nothing', async () => {
    const { ref } = await opened()
    const claim = JSON.stringify({ type: 'task.claim', data: { id: ref, agent: 'ann' } })
    const old = new Date(Date.now() - 6 * 60_000)
    const others = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
    for (const headers of [
      {},
      signed(claim, 'a', old),
      signed(claim, 'b', new Date(), others),
      signed(`${claim} `, 'c'),
    ]) {
      const { status, body } = await send(claim, headers as Record<string, string>)
      expect([status, body.code]).toEqual([401, 'unsigned'])
    }
    expect((await api.store.tasks.get(ref))!.status).toBe('open')
    for (const [body, code] of [
      ['{', 'invalid-json'],
      ['{"type":"task.burn","data":{}}', 'invalid-request'],
    ] as const)
      expect((await send(body, signed(body))).body.code).toBe(code)
    const elsewhere = await testApi()
    expect((await elsewhere.call('POST', '/webhooks/tasks', claim, signed(claim))).status).toBe(404)
  })
})

describe('the agents’ page', () => {
  const get = (path: string) => api.call('GET', path, undefined, as('ann-key'))
  const post = (path: string, fields: Record<string, string>, headers = {}) =>
    api.call('POST', path, new URLSearchParams(fields).toString(), {
      ...as('ann-key'),
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    })

  test('shows the queues, what to say, and a button for each outcome once it is claimed', async () => {
    const { ref, queue } = await opened()
    const list = await get(`/console/tasks?queue=${queue}&as=Ann`)
    expect(list.text).toContain(`/console/tasks/${ref}?as=Ann`)
    const path = `/console/tasks/${ref}`
    const fresh = await get(`${path}?as=Ann`)
    expect(fresh.text).toContain('&lt;b&gt;Hello&lt;/b&gt; Mo')
    expect(fresh.text).not.toContain('name="outcome"')
    const claimed = await post(`${path}/claim`, { as: 'Ann' })
    expect([claimed.status, claimed.headers.get('location')]).toEqual([303, `${path}?as=Ann`])
    expect((await get(`${path}?as=Ann`)).text).toContain('name="outcome" value="refused"')
    const taken = await post(`${path}/claim`, { as: 'Bob' })
    expect([taken.status, taken.text]).toEqual([409, expect.stringContaining('Ann has it.')])
    expect((await post(`${path}/complete`, { as: 'Ann', outcome: 'saved', text: 'glad' })).status).toBe(303)
    const { status, log } = (await api.store.tasks.get(ref))!
    expect([status, log.map(({ did }) => did)]).toEqual(['done', ['claimed', 'noted', 'done']])
  })

  test('takes no form of another site, and none without a key', async () => {
    const { ref } = await opened()
    const path = `/console/tasks/${ref}/claim`
    expect((await post(path, {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post(path, {}, { authorization: '' })).status).toBe(401)
    expect((await post(path, {}, as('read-key'))).status).toBe(403)
    expect((await api.store.tasks.get(ref))!.status).toBe('open')
  })
})
