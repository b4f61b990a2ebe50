import { stopAll, testApi, type TestApi } from './support'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

const day = 86_400_000
const iso = (at: number): string => new Date(at).toISOString()
const path = (id: string): string => `/v1/customers/${encodeURIComponent(id)}/consents`
const put = (id: string, ...consents: unknown[]) => api.call('PUT', path(id), { consents })
const yes = { channel: 'email', purpose: 'marketing', state: 'granted' } as const
const no = { ...yes, state: 'withdrawn' } as const

test('what a customer said is kept with basis, source, times and proof', async () => {
  const proof = { form: 'https://shop.example/signup', version: 3 }
  const said = {
    ...yes,
    purpose: 'tips',
    basis: 'soft-opt-in',
    source: 'checkout',
    occurredAt: '2026-05-01T10:00:00Z',
    proof,
  }
  const { status, body } = await put('kim', said)
  expect(status).toBe(200)
  const kept = { ...said, occurredAt: '2026-05-01T10:00:00.000Z', recordedAt: expect.any(String) }
  expect(body).toEqual({ now: [kept] })
  expect((await api.call('GET', path('kim'))).body).toEqual({ now: [kept], items: [kept], next: null })
})

test('a customer who is not known yet is created by it; nobody is by looking', async () => {
  expect(await api.call('GET', path('early'))).toMatchObject({ status: 404 })
  await put('early', yes)
  expect(await api.call('GET', '/v1/customers/early')).toMatchObject({ status: 200, body: { traits: {} } })
})

test('without more, a yes is consent, said now, to the API', async () => {
  const { body } = await put('plain', yes)
  expect(body.now).toMatchObject([{ basis: 'consent', source: 'api', proof: null }])
  expect(Math.abs(Date.parse(body.now[0].occurredAt) - Date.now())).toBeLessThan(30_000)
})

test('history grows, and the state shows what counts: the latest event time, of equal ones the later in the list', async () => {
  await put('mo', { ...no, occurredAt: iso(3 * day) }, { ...yes, occurredAt: iso(2 * day) })
  expect((await api.call('GET', path('mo'))).body.now).toMatchObject([{ state: 'withdrawn' }])
  await put('mo', { ...no, occurredAt: iso(4 * day) }, { ...yes, occurredAt: iso(4 * day) })
  const { body } = await api.call('GET', path('mo'))
  expect(body.now).toMatchObject([{ state: 'granted', occurredAt: iso(4 * day) }])
  expect(body.items.map(({ state }: { state: string }) => state)).toEqual([
    'granted',
    'withdrawn',
    'withdrawn',
    'granted',
  ])
})

test('history comes in pages', async () => {
  await put('pages', ...[1, 2, 3, 4, 5].map((each) => ({ ...yes, occurredAt: iso(each * day) })))
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await api.call('GET', `${path('pages')}?limit=2${cursor}`)
    seen.push(...body.items.map(({ occurredAt }: { occurredAt: string }) => occurredAt))
    cursor = body.next === null ? '' : `&cursor=${body.next}`
  } while (cursor !== '')
  expect(seen).toEqual([5, 4, 3, 2, 1].map((each) => iso(each * day)))
})

test('the same request again adds nothing', async () => {
  const words = [
    { ...yes, occurredAt: iso(day) },
    { ...no, channel: 'sms', occurredAt: iso(day) },
  ]
  await put('twice', ...words)
  await put('twice', ...words)
  expect((await api.call('GET', path('twice'))).body.items).toHaveLength(2)
})

test('a merged customer has the words of both', async () => {
  await put('visitor', { ...no, occurredAt: iso(2 * day) })
  await put('known', { ...yes, occurredAt: iso(day) })
  await api.store.customers.merge('visitor', 'known')
  expect((await api.call('GET', path('visitor'))).body).toMatchObject({
    now: [{ state: 'withdrawn' }],
    items: [{}, {}],
  })
})

test('times: up to five minutes ahead of the customer’s own clock', async () => {
  await put('ahead', yes)
  await api.store.customers.moveClock('ahead', 30 * day)
  const at = (ms: number) => ({ ...no, occurredAt: iso(Date.now() + ms) })
  expect(await put('ahead', at(30 * day + 4 * 60_000))).toMatchObject({ status: 200 })
  expect(await put('ahead', yes, at(30 * day + 6 * 60_000))).toMatchObject({
    status: 400,
    body: { code: 'invalid-request', errors: [{ path: 'consents[1].occurredAt' }] },
  })
  expect((await api.call('GET', path('ahead'))).body.items).toHaveLength(2)
})

test.each<[string, unknown, string]>([
  ['a channel nobody knows', { ...yes, channel: 'fax' }, 'consents[0].channel'],
  ['a topic the catalog does not have', { ...yes, purpose: 'tipps' }, 'consents[0].purpose'],
  ['a state that is none', { ...yes, state: 'perhaps' }, 'consents[0].state'],
  ['a basis that is none', { ...yes, basis: 'because' }, 'consents[0].basis'],
  ['a withdrawal with a basis', { ...no, basis: 'consent' }, 'consents[0].basis'],
  ['a time that is none', { ...yes, occurredAt: 'yesterday' }, 'consents[0].occurredAt'],
  ['a proof of 5 KB', { ...yes, proof: { page: 'x'.repeat(5_000) } }, 'consents[0].proof'],
  ['a proof nested deeply', { ...yes, proof: { a: { b: { c: { d: {} } } } } }, 'consents[0].proof'],
  ['a proof that is a text', { ...yes, proof: 'he said so' }, 'consents[0].proof'],
  ['an empty source', { ...yes, source: '' }, 'consents[0].source'],
  ['fields nobody knows', { ...yes, category: 'x' }, 'consents[0]'],
])('refuses %s, with its path, and keeps nothing of the list', async (name, word, fault) => {
  expect(await put(`bad ${name}`, word, yes)).toMatchObject({
    status: 400,
    body: { code: 'invalid-request', errors: [{ path: fault }] },
  })
  expect((await api.call('GET', `/v1/customers/${encodeURIComponent(`bad ${name}`)}`)).status).toBe(404)
})

test.each([[{}], [{ consents: [] }], [{ consents: yes }], [[yes]], [{ consents: Array(101).fill(yes) }]])(
  'refuses a body that is no list of 1 to 100: %#',
  async (body) => {
    expect(await api.call('PUT', path('bad-body'), body)).toMatchObject({ status: 400 })
  },
)

test('reading needs the role read, adding operate', async () => {
  const as = (key: string) => ({ authorization: `Bearer ${key}` })
  expect((await api.call('GET', path('kim'), undefined, as('read-key'))).status).toBe(200)
  expect((await api.call('PUT', path('kim'), { consents: [yes] }, as('read-key'))).status).toBe(403)
  expect((await api.call('PUT', path('kim'), { consents: [yes] }, as('ingest-key'))).status).toBe(403)
  expect((await api.call('PUT', path('kim'), { consents: [yes] }, as('operate-key'))).status).toBe(200)
})
