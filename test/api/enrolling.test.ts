import { dispatchEnrolls, statusOf, stopAll, testApi, type TestApi } from './support'

let api: TestApi
let stopDispatching: () => Promise<void>

beforeAll(async () => {
  api = await testApi({ limits: { enrollWaitMs: 20_000 } })
  stopDispatching = dispatchEnrolls(api.store)
})
afterAll(async () => {
  await stopDispatching()
  await stopAll()
})

const enroll = (journey: string, body: object, headers?: Record<string, string>) =>
  api.call('POST', `/v1/journeys/${journey}/enrollments`, body, headers)

const end = (id: string, entry = 1) =>
  api.store.enrollments.end({
    id,
    entry,
    journey: id.split(':')[0]!,
    customerId: id.split(':')[1]!,
    outcome: { is: 'completed' },
    endedAt: Date.now(),
  })

test('a customer is enrolled and answered with the enrollment', async () => {
  const answer = await enroll('trialOnboarding', { customerId: 'ann', properties: { plan: 'pro' } })
  expect(answer).toMatchObject({
    status: 201,
    body: {
      id: 'trialOnboarding:ann',
      journey: 'trialOnboarding',
      customerId: 'ann',
      key: null,
      status: 'running',
      outcome: null,
    },
  })
  const { items } = await api.store.events.ofCustomer('ann', { limit: 10 })
  expect(items[0]).toMatchObject({
    kind: 'enroll',
    name: 'trialOnboarding',
    properties: { properties: { plan: 'pro' } },
  })
})

test('the same request again is answered with the same enrollment', async () => {
  const first = await enroll('trialOnboarding', { customerId: 'again', messageId: 'request-1' })
  expect(first.status).toBe(201)
  expect(await enroll('trialOnboarding', { customerId: 'again', messageId: 'request-1' })).toMatchObject({
    status: 200,
    body: first.body,
  })
  expect(
    await enroll('trialOnboarding', { customerId: 'again' }, { 'idempotency-key': 'request-1' }),
  ).toMatchObject({ status: 200, body: first.body })
  await end('trialOnboarding:again')
  expect(await enroll('trialOnboarding', { customerId: 'again', messageId: 'request-1' })).toMatchObject({
    status: 200,
    body: { ...first.body, status: 'ended', outcome: { is: 'completed' }, endedAt: expect.any(String) },
  })
})

test('a message id of another request is refused', async () => {
  expect(await enroll('trialOnboarding', { customerId: 'first', messageId: 'taken' })).toMatchObject({ status: 201 })
  for (const [journey, customerId] of [['trialOnboarding', 'second'], ['winBack', 'first']] as const) {
    expect(await enroll(journey, { customerId, messageId: 'taken' })).toMatchObject({ status: 409, body: { code: 'message-id-taken' } })
  }
}) // prettier-ignore

test('two identical requests at once make one enrollment', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => enroll('trialOnboarding', { customerId: 'at once' })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409])
  expect((await api.call('GET', '/v1/enrollments?customerId=at%20once')).body.items).toHaveLength(1)
})

test('the entry rule refuses with why', async () => {
  await enroll('trialOnboarding', { customerId: 'rules' })
  const refused = { status: 409, body: { code: 'refused' } }
  expect(await enroll('trialOnboarding', { customerId: 'rules' })).toMatchObject({
    ...refused,
    body: { detail: expect.stringContaining('already') },
  })
  await end('trialOnboarding:rules')
  expect(await enroll('trialOnboarding', { customerId: 'rules' })).toMatchObject({
    ...refused,
    body: { detail: expect.stringContaining('once') },
  })
  await enroll('winBack', { customerId: 'rules' })
  await end('winBack:rules')
  expect(await enroll('winBack', { customerId: 'rules' })).toMatchObject({
    ...refused,
    body: { detail: expect.stringContaining('some time after') },
  })
})

test('keyed journeys need a key, and take the customer once for each', async () => {
  const needs = { status: 400, body: { errors: [{ path: 'key' }] } }
  expect(await enroll('cartRecovery', { customerId: 'keys' })).toMatchObject(needs)
  expect(await enroll('trialOnboarding', { customerId: 'keys', key: 'cart-1' })).toMatchObject(needs)
  expect(await enroll('cartRecovery', { customerId: 'keys', key: 'cart/1' })).toMatchObject({
    status: 201,
    body: { id: 'cartRecovery:keys:cart%2F1', key: 'cart/1' },
  })
  expect(await enroll('cartRecovery', { customerId: 'keys', key: 2 })).toMatchObject({
    status: 201,
    body: { key: '2' },
  })
  await end('cartRecovery:keys:2')
  expect(await enroll('cartRecovery', { customerId: 'keys', key: '2' })).toMatchObject({
    status: 201,
    body: { entry: 2 },
  })
})

test('a customer merged into another keeps the enrollment under its first id', async () => {
  await enroll('trialOnboarding', { customerId: 'anonymous', messageId: 'before-merge' })
  await api.store.customers.merge('anonymous', 'known')
  expect(await enroll('trialOnboarding', { customerId: 'known', messageId: 'before-merge' })).toMatchObject({
    status: 200,
    body: { id: 'trialOnboarding:anonymous', customerId: 'known' },
  })
  expect(await enroll('trialOnboarding', { customerId: 'known' })).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('trialOnboarding:anonymous') },
  })
})

test('while the dispatcher does not handle it, the request is accepted with its id', async () => {
  const alone = await testApi({ limits: { enrollWaitMs: 50 } })
  const body = { customerId: 'waiting', messageId: 'patience' }
  const answer = await alone.call('POST', '/v1/journeys/trialOnboarding/enrollments', body)
  expect(answer).toMatchObject({
    status: 202,
    body: { id: 'trialOnboarding:waiting', messageId: 'patience' },
  })
  const stop = dispatchEnrolls(alone.store)
  const until = Date.now() + 20_000
  let again = answer
  while (again.status === 202 && Date.now() < until)
    again = await alone.call('POST', '/v1/journeys/trialOnboarding/enrollments', body)
  expect(again).toMatchObject({ status: 200, body: { id: 'trialOnboarding:waiting' } })
  await stop()
})

test('a request set aside is refused with its reason', async () => {
  const alone = await testApi({ limits: { enrollWaitMs: 50 } })
  const body = { customerId: 'odd', messageId: 'odd-1' }
  await alone.call('POST', '/v1/journeys/trialOnboarding/enrollments', body)
  await alone.store.events.setAside((await alone.store.events.byMessageId('odd-1'))!, 'it is odd')
  expect(await alone.call('POST', '/v1/journeys/trialOnboarding/enrollments', body)).toMatchObject({
    status: 409,
    body: { code: 'refused', detail: expect.stringContaining('it is odd') },
  })
})

describe('journeys', () => {
  test('are listed by name, page by page, with their counts', async () => {
    const first = (await api.call('GET', '/v1/journeys?limit=2')).body
    expect(first.items.map(({ name }: { name: string }) => name)).toEqual(['cartRecovery', 'trialOnboarding'])
    const second = (await api.call('GET', `/v1/journeys?limit=2&cursor=${first.next}`)).body
    expect(second).toMatchObject({
      items: [{ name: 'winBack', reentry: { after: '30 days' }, counts: { ended: 1 } }],
      next: null,
    })
  })

  test('tell how many wait at each step, unless Temporal is away', async () => {
    api.temporal.statuses.set('trialOnboarding:ann', statusOf('trialOnboarding:ann'))
    const waiting = async () =>
      (await api.call('GET', '/v1/journeys/trialOnboarding')).body.steps.map(
        (step: { id: string; waiting: unknown }) => [step.id, step.waiting],
      )
    expect(await waiting()).toEqual([['welcome', 0], ['first-week', 1]]) // prettier-ignore
    api.temporal.away = true
    expect(await waiting()).toEqual([['welcome', null], ['first-week', null]]) // prettier-ignore
    api.temporal.away = false
  })
})
