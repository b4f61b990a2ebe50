import type { EntryRequest } from '../../store/store'
import { statusOf, stopAll, testApi, type TestApi } from './support'

let api: TestApi

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

afterEach(() => {
  api.temporal.away = false
  api.temporal.answer = undefined
  api.temporal.updates.length = 0
})

async function enter(journey: string, customerId: string, more: Partial<EntryRequest> = {}): Promise<string> {
  const id = `${journey}:${customerId}`
  await api.store.enrollments.enter({
    id,
    journey,
    customerId,
    build: 'build-1',
    enrolledBy: `entering ${id}`,
    reentry: 'once',
    now: Date.parse('2026-01-01T00:00:00Z'),
    ...more,
  })
  await api.store.enrollments.started(id, 1)
  return id
}

const end = (id: string) => {
  const [journey, customerId] = id.split(':') as [string, string]
  const endedAt = Date.parse('2026-02-01T00:00:00Z')
  return api.store.enrollments.end({
    id,
    entry: 1,
    journey,
    customerId,
    outcome: { is: 'converted', event: 'Paid' },
    endedAt,
  })
}

describe('looking', () => {
  test('filters, and tells the step where Temporal does', async () => {
    await enter('trialOnboarding', 'look')
    await enter('winBack', 'look')
    await end(await enter('cartRecovery', 'look'))
    api.temporal.statuses.set('trialOnboarding:look', statusOf('trialOnboarding:look'))
    const list = async (query: string) =>
      (await api.call('GET', `/v1/enrollments?customerId=look&${query}`)).body.items.map((each: any) => [
        each.id,
        each.status,
        each.step,
      ])
    expect((await list('')).sort()).toEqual([
      ['cartRecovery:look', 'ended', null],
      ['trialOnboarding:look', 'running', 'first-week'],
      ['winBack:look', 'running', null],
    ])
    expect(await list('journey=winBack')).toEqual([['winBack:look', 'running', null]])
    expect(await list('status=ended')).toEqual([['cartRecovery:look', 'ended', null]])
    expect(await list('step=first-week')).toEqual([['trialOnboarding:look', 'running', 'first-week']])
    expect(await list('step=elsewhere')).toEqual([])
    api.temporal.away = true
    expect(await list('journey=trialOnboarding')).toEqual([['trialOnboarding:look', 'running', null]])
    expect(await api.call('GET', '/v1/enrollments?step=first-week')).toMatchObject({
      status: 503,
      body: { code: 'temporal-unavailable' },
    })
  })

  test('pages through all of them, each once', async () => {
    for (let number = 0; number < 5; number++) await enter('trialOnboarding', `page-${number}`)
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await api.call('GET', `/v1/enrollments?journey=trialOnboarding&limit=2${cursor}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`
    } while (cursor !== '')
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(
      expect.arrayContaining([0, 1, 2, 3, 4].map((number) => `trialOnboarding:page-${number}`)),
    )
  })

  test('one: from its workflow, or from the record while that does not answer', async () => {
    const id = await enter('trialOnboarding', 'one')
    api.temporal.statuses.set(id, statusOf(id, { status: 'paused', heldOut: true }))
    expect((await api.call('GET', `/v1/enrollments/${id}`)).body).toMatchObject({
      id,
      live: true,
      status: 'paused',
      stage: 'start',
      step: 'first-week',
      heldOut: true,
      waits: [{ step: 'first-week', verb: 'waitFor' }],
      timeline: [{ what: 'entered' }],
    })
    api.temporal.away = true
    expect((await api.call('GET', `/v1/enrollments/${id}`)).body).toMatchObject({
      id,
      live: false,
      status: 'running',
      step: null,
      waits: [],
    })
  })

  test('one that ended is answered from the record', async () => {
    const id = await enter('trialOnboarding', 'over')
    await end(id)
    expect((await api.call('GET', `/v1/enrollments/${id}`)).body).toMatchObject({
      live: false,
      status: 'ended',
      outcome: { is: 'converted', event: 'Paid' },
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-02-01T00:00:00.000Z',
    })
  })

  test('one that was started past our API is answered from its workflow', async () => {
    api.temporal.statuses.set('winBack:past', statusOf('winBack:past'))
    expect((await api.call('GET', '/v1/enrollments/winBack:past')).body).toMatchObject({
      id: 'winBack:past',
      live: true,
    })
  })

  test('one that nobody recorded while Temporal is away is no 404', async () => {
    api.temporal.away = true
    const answer = await api.call('GET', '/v1/enrollments/winBack:perhaps')
    expect(answer).toMatchObject({ status: 503, body: { code: 'temporal-unavailable' } })
    expect(answer.headers.get('retry-after')).not.toBeNull()
  })

  test('ids with odd characters are percent-encoded once more in the path', async () => {
    const id = 'trialOnboarding:a%2Fb%3Ac'
    await enter('trialOnboarding', 'a/b:c', { id })
    expect((await api.call('GET', `/v1/enrollments/${encodeURIComponent(id)}`)).body).toMatchObject({
      id,
      customerId: 'a/b:c',
    })
  })
})

describe('operating', () => {
  test.each([
    ['pause', {}, { by: 'admin-key' }],
    ['resume', { reason: 'back from holiday' }, { by: 'admin-key', reason: 'back from holiday' }],
    ['skip', { step: 'first-week', by: 'Mia' }, { by: 'Mia (key admin-key)', step: 'first-week' }],
    ['exit', { by: null }, { by: 'admin-key' }],
    ['extend', { duration: '2 days' }, { by: 'admin-key', duration: '2 days' }],
    ['move', { stage: 'later' }, { by: 'admin-key', stage: 'later' }],
  ])('%s %j tells the workflow %j and is recorded', async (action, body, input) => {
    const id = await enter('trialOnboarding', `operate-${action}`)
    api.temporal.statuses.set(id, statusOf(id))
    expect(await api.call('POST', `/v1/enrollments/${id}/${action}`, body)).toMatchObject({
      status: 200,
      body: { id, live: true },
    })
    expect(api.temporal.updates).toMatchObject([{ id, name: action, input, updateId: expect.any(String) }])
    expect(await api.store.operations.ofCustomer(`operate-${action}`, 10)).toMatchObject([
      { enrollmentId: id, entry: 1, action, by: input.by },
    ])
  })

  test('no body is needed where nothing must be said', async () => {
    const id = await enter('trialOnboarding', 'bodyless')
    api.temporal.statuses.set(id, statusOf(id))
    expect(await api.call('POST', `/v1/enrollments/${id}/pause`)).toMatchObject({ status: 200 })
  })

  test('an Idempotency-Key makes the same update of the same order, and one record', async () => {
    const id = await enter('trialOnboarding', 'idempotent')
    const other = await enter('winBack', 'idempotent')
    for (const each of [id, other]) api.temporal.statuses.set(each, statusOf(each))
    const order = (target: string, key: string) => api.call('POST', `/v1/enrollments/${target}/pause`, {}, { 'idempotency-key': key })
    for (const [target, key] of [[id, '1'], [id, '1'], [id, '2'], [other, '1']] as const) expect((await order(target, key)).status).toBe(200)
    expect(new Set(api.temporal.updates.map(({ updateId }) => updateId)).size).toBe(3)
    expect(await api.store.operations.ofCustomer('idempotent', 10)).toHaveLength(3)
  }) // prettier-ignore

  test('what the workflow refuses is 409 with its reason, and not recorded', async () => {
    const id = await enter('trialOnboarding', 'refusing')
    api.temporal.answer = { is: 'refused', because: 'Refused: it is not paused' }
    expect(await api.call('POST', `/v1/enrollments/${id}/resume`, {})).toMatchObject({
      status: 409,
      body: { code: 'not-acceptable-now', detail: 'it is not paused' },
    })
    expect(await api.store.operations.ofCustomer('refusing', 10)).toEqual([])
  })

  test('an enrollment that ended is 409', async () => {
    const id = await enter('trialOnboarding', 'gone')
    await end(id)
    expect(await api.call('POST', `/v1/enrollments/${id}/pause`, {})).toMatchObject({
      status: 409,
      body: { code: 'ended' },
    })
  })

  test('Temporal away is 503, and not recorded', async () => {
    const id = await enter('trialOnboarding', 'unreached')
    api.temporal.away = true
    expect(await api.call('POST', `/v1/enrollments/${id}/pause`, {})).toMatchObject({
      status: 503,
      body: { code: 'temporal-unavailable' },
    })
    expect(await api.store.operations.ofCustomer('unreached', 10)).toEqual([])
  })

  test('an Idempotency-Key must be sane', async () => {
    const answer = await api.call(
      'POST',
      '/v1/enrollments/a:b/pause',
      {},
      { 'idempotency-key': 'x'.repeat(101) },
    )
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'header.Idempotency-Key' }] } })
  })
})
