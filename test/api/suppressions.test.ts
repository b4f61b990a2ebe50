import { stopAll, testApi, type TestApi } from './support'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

const as = (key: string) => ({ authorization: `Bearer ${key}` })
const suppress = (body: object, key = 'operate-key') => api.call('POST', '/v1/suppressions', body, as(key))
const lookup = async (address: string, channel = 'email') =>
  (await api.call('POST', '/v1/suppressions/lookup', { channel, address }, as('read-key'))).body
const lift = (body: object, key = 'admin-key') => api.call('POST', '/v1/suppressions/lift', body, as(key))

test('an address is suppressed once for each reason, with who and why', async () => {
  const found = {
    channel: 'email',
    address: 'Ada@Example.com',
    reason: 'legal',
    because: 'court order 7',
    by: 'Mia',
  }
  expect(await suppress(found)).toMatchObject({
    status: 201,
    body: {
      suppressed: true,
      items: [
        {
          reason: 'legal',
          source: 'api',
          by: 'Mia (key operate-key)',
          because: 'court order 7',
          lifted: null,
        },
      ],
    },
  })
  expect(await suppress(found)).toMatchObject({ status: 200, body: { items: [{}] } })
  expect(await suppress({ ...found, reason: 'complaint' })).toMatchObject({
    status: 201,
    body: { items: [{}, {}] },
  })
})

test.each([
  ['email', 'Bo@Bücher.example', ' bo@xn--bcher-kva.EXAMPLE '],
  ['sms', '+49 (151) 234-567', '+49151234567'],
  ['sms', '0049 151 234567', '+49151234567'],
])('however the address is written: %s %s', async (channel, address, other) => {
  await suppress({ channel, address, reason: 'manual' })
  expect(await lookup(other, channel)).toMatchObject({ suppressed: true })
  expect(await lookup(`${other}9`, channel)).toEqual({ suppressed: false, items: [] })
})

test('a phone number is the same on every channel that calls it', async () => {
  await suppress({ channel: 'voice', address: '+4930111', reason: 'legal' })
  expect(await lookup('+4930111', 'sms')).toMatchObject({ suppressed: true })
})

test('lifting is for admins, needs a reason, and stays on record', async () => {
  const place = { channel: 'email', address: 'back@example.com' }
  await suppress({ ...place, reason: 'hard-bounce' })
  await suppress({ ...place, reason: 'manual' })
  const order = { ...place, reason: 'hard-bounce', because: 'the mailbox was opened again' }
  expect((await lift(order, 'operate-key')).status).toBe(403)
  expect((await lift(place)).status).toBe(400)
  expect((await lift({ ...order, reason: 'legal' })).status).toBe(404)
  expect(await lift(order)).toMatchObject({
    status: 200,
    body: {
      suppressed: true,
      items: [
        { reason: 'manual', lifted: null },
        {
          reason: 'hard-bounce',
          lifted: { by: 'admin-key', because: order.because, at: expect.any(String) },
        },
      ],
    },
  })
  expect((await lift(order)).status).toBe(404)
  expect(await lift({ ...place, because: 'a mistake' })).toMatchObject({ body: { suppressed: false } })
  await suppress({ ...place, reason: 'manual' })
  expect((await lookup(place.address)).items).toHaveLength(3)
})

test('the list holds what is in force, newest first, and no address', async () => {
  for (const name of ['one', 'two', 'three'])
    await suppress({ channel: 'email', address: `${name}@list.example`, reason: 'manual' })
  await lift({ channel: 'email', address: 'two@list.example', because: 'a test' })
  const first = await api.call('GET', '/v1/suppressions?limit=1')
  const second = await api.call('GET', `/v1/suppressions?limit=1&cursor=${first.body.next}`)
  const key = async (name: string) => (await lookup(`${name}@list.example`)).items[0].address
  expect([first, second].map(({ body }) => body.items[0].address)).toEqual([
    await key('three'),
    await key('one'),
  ])
  expect(first.text).not.toContain('list.example')
})

test.each<[object, string]>([
  [{ channel: 'webhook', address: 'crm', reason: 'manual' }, 'channel'],
  [{ channel: 'email', address: ' ', reason: 'manual' }, 'address'],
  [{ channel: 'email', address: 'a@b.example', reason: 'dislike' }, 'reason'],
  [{ channel: 'email', address: 'a@b.example' }, 'reason'],
])('refuses %j', async (body, path) => {
  expect(await suppress(body)).toMatchObject({ status: 400, body: { errors: [{ path }] } })
})

test('suppressing needs the role operate', async () => {
  expect(
    (await suppress({ channel: 'email', address: 'a@b.example', reason: 'manual' }, 'read-key')).status,
  ).toBe(403)
})
