import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { stopAll, testApi, type TestApi } from './support'

let api: TestApi
let open: TestApi

beforeAll(async () => {
  api = await testApi()
  const dev = { role: 'admin' as const, name: 'dev', hash: createHash('sha256').update('dev').digest('hex') }
  open = await testApi({ store: api.store, keys: [dev], open: true })
})
afterAll(stopAll)

const basic = (user: string) => ({ authorization: `Basic ${Buffer.from(`${user}:`).toString('base64')}` })
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const event = { userId: 'u', event: 'Seen' }

test.each([
  ['ingest-key', 200, 403, 403],
  ['read-key', 403, 200, 403],
  ['operate-key', 403, 200, 200],
  ['admin-key', 200, 200, 200],
  ['unknown-key', 401, 401, 401],
])('%s: ingest %d, read %d, operate %d', async (key, ingest, read, operate) => {
  for (const headers of [basic(key), bearer(key)]) {
    expect((await api.call('POST', '/v1/track', event, headers)).status).toBe(ingest)
    expect((await api.call('GET', '/v1/customers', undefined, headers)).status).toBe(read)
    expect((await api.call('POST', '/v1/events/set-aside/replay', {}, headers)).status).toBe(operate)
  }
})

test.each(['', 'Bearer', 'Bearer  ', 'Basic !!!', 'Basic', 'Digest x', 'admin-key'])(
  'authorization %j is 401',
  async (authorization) => {
    const answer = await api.call('GET', '/v1/customers', undefined, { authorization })
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
    expect(answer.headers.get('www-authenticate')).toMatch(/Basic .*Bearer/)
  },
)

test('who may not is told the role, before anything is read', async () => {
  const answer = await api.call('POST', '/v1/track', 'not even JSON', bearer('read-key'))
  expect(answer).toMatchObject({
    status: 403,
    body: { code: 'forbidden', detail: expect.stringContaining('ingest') },
  })
})

test('console and metrics need a read key', async () => {
  for (const path of ['/console', '/console/customers', '/metrics']) {
    expect((await api.call('GET', path, undefined, { authorization: '' })).status).toBe(401)
    expect((await api.call('GET', path, undefined, basic('ingest-key'))).status).toBe(403)
    expect((await api.call('GET', path, undefined, basic('read-key'))).status).toBe(200)
  }
})

test('open development needs none there, and the key dev elsewhere', async () => {
  expect((await open.call('GET', '/console', undefined, { authorization: '' })).status).toBe(200)
  expect((await open.call('GET', '/metrics', undefined, { authorization: '' })).status).toBe(200)
  expect((await open.call('GET', '/v1/customers', undefined, { authorization: '' })).status).toBe(401)
  expect((await open.call('GET', '/v1/customers', undefined, bearer('dev'))).status).toBe(200)
})

test('open development answers loopback names alone', async () => {
  const statusFor = (host: string) =>
    new Promise((resolve, reject) => {
      const sent = request(`${open.url}/healthz`, { headers: { host } }, (response) =>
        resolve(response.resume().statusCode),
      )
      sent.on('error', reject).end()
    })
  expect(await statusFor('localhost:3000')).toBe(200)
  expect(await statusFor('[::1]:3000')).toBe(200)
  expect(await statusFor('rebound.example')).toBe(403)
  expect(await statusFor('127.0.0.1.rebound.example')).toBe(403)
})
