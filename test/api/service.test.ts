import { createServer, get, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { startApi } from '../../api'
import { createLogger } from '../../logger'
import type { Store } from '../../store/store'
import { FakeTemporal, keys, manifest, secrets, stopAll, testApi, type TestApi } from './support'

let api: TestApi

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

/** The real store, with a database that is away. */
const away = (store: Store): Store => ({ ...store, ping: () => Promise.reject(new Error('away')) })

describe('health', () => {
  test('the process lives', async () => {
    expect(await api.call('GET', '/healthz', undefined, { authorization: '' })).toMatchObject({
      status: 200,
      body: { status: 'alive' },
    })
  })

  test('ready means that events can be accepted, and tells of Temporal', async () => {
    const ready = () => api.call('GET', '/readyz', undefined, { authorization: '' })
    expect(await ready()).toMatchObject({
      status: 200,
      body: {
        events: 'ready',
        enrollment: 'ready',
        parts: { database: { ok: true }, temporal: { ok: true } },
      },
    })
    api.temporal.away = true
    expect(await ready()).toMatchObject({
      status: 200,
      body: { enrollment: 'waiting for Temporal', parts: { temporal: { ok: false } } },
    })
    expect(await api.call('POST', '/v1/track', { userId: 'u', event: 'e' })).toMatchObject({ status: 200 })
    api.temporal.away = false
  })

  test('without the database nothing is ready', async () => {
    const without = await testApi({ store: away(api.store) })
    expect(await without.call('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { parts: { database: { ok: false } } },
    })
  })
})

test('metrics count requests by route and events by kind', async () => {
  const counted = await testApi({ store: api.store })
  await counted.call('POST', '/v1/track', { userId: 'metric', event: 'e' })
  await counted.call('POST', '/v1/batch', { batch: [{ type: 'page', userId: 'metric' }, { type: 'page', userId: 'metric' }] }) // prettier-ignore
  await counted.call('GET', '/v1/customers/nobody-1')
  await counted.call('GET', '/v1/customers/nobody-2')
  const { text } = await counted.call('GET', '/metrics')
  const lines = text.split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'sojourn_events_accepted_total{kind="track"} 1',
      'sojourn_events_accepted_total{kind="page"} 2',
      'sojourn_event_partitions_ahead 0',
      'sojourn_touchpoint_partitions_ahead 0',
      'sojourn_decision_partitions_ahead 0',
      'sojourn_http_requests_total{route="GET /v1/customers/{id}",status="404"} 2',
    ]),
  )
  const pending = Number(/^sojourn_events_pending (\d+)$/m.exec(text)?.[1])
  expect(pending).toBeGreaterThanOrEqual(3)
  expect(
    lines.filter((line) => line !== '' && !/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? -?[\d.e+-]+)$/.test(line)),
  ).toEqual([])
})

test('metrics tell how many tasks wait in each queue, and how long', async () => {
  const waiting = [
    { queue: 'outages', open: 2, claimed: 1, oldestOpenMs: 90_500 },
    { queue: 'sa"les', open: 0, claimed: 3, oldestOpenMs: 0 },
  ]
  const tasks = { ...api.store.tasks, queues: async () => waiting }
  const { text } = await (await testApi({ store: { ...api.store, tasks } })).call('GET', '/metrics')
  const lines = text.split('\n').filter((line: string) => line.includes('sojourn_tasks_'))
  expect(lines).toEqual([
    '# HELP sojourn_tasks_waiting Tasks that nobody has claimed, or somebody has and not closed, by queue',
    '# TYPE sojourn_tasks_waiting gauge',
    'sojourn_tasks_waiting{queue="outages",status="open"} 2',
    'sojourn_tasks_waiting{queue="outages",status="claimed"} 1',
    'sojourn_tasks_waiting{queue="sa\\"les",status="open"} 0',
    'sojourn_tasks_waiting{queue="sa\\"les",status="claimed"} 3',
    '# HELP sojourn_tasks_oldest_open_seconds Age of the oldest task that nobody has claimed, by queue',
    '# TYPE sojourn_tasks_oldest_open_seconds gauge',
    'sojourn_tasks_oldest_open_seconds{queue="outages"} 90.5',
    'sojourn_tasks_oldest_open_seconds{queue="sa\\"les"} 0',
  ])
})

describe('documentation', () => {
  test('describes every route with its answers', async () => {
    const { body } = await api.call('GET', '/openapi.json', undefined, { authorization: '' })
    expect(body.openapi).toBe('3.1.0')
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/v1/track',
        '/v1/batch',
        '/v1/journeys/{name}/enrollments',
        '/v1/enrollments/{id}/move',
        '/unsubscribe/{token}',
      ]),
    )
    expect(Object.keys(body.paths).filter((path) => path.startsWith('/console'))).toEqual([])
    const enroll = body.paths['/v1/journeys/{name}/enrollments'].post
    expect(Object.keys(enroll.responses)).toEqual([
      '200',
      '201',
      '202',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '500',
      '503',
    ])
    expect(enroll.security).toEqual([{ bearer: [] }, { basic: [] }])
    const operationIds = Object.values<any>(body.paths).flatMap((path) =>
      Object.values<any>(path).map(({ operationId }) => operationId),
    )
    expect(new Set(operationIds).size).toBe(operationIds.length)
  })

  test('refers only to what it contains', async () => {
    const { body, text } = await api.call('GET', '/openapi.json')
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!)
    expect(references.length).toBeGreaterThan(20)
    for (const reference of new Set(references)) {
      const found = reference
        .replace('#/', '')
        .split('/')
        .reduce<any>((place, part) => place?.[part], body)
      expect({ reference, found: typeof found }).toEqual({ reference, found: 'object' })
    }
  })

  test('can be read from this server alone', async () => {
    const page = await api.call('GET', '/docs', undefined, { authorization: '' })
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    for (const [, path] of page.text.matchAll(/(?:href|src)="([^"]+)"/g)) {
      expect((await api.call('GET', `/${path}`)).status).toBe(200)
    }
    expect(page.text).not.toMatch(/https?:\/\//)
  })
})

describe('the log', () => {
  async function logOf(
    work: (logged: TestApi) => Promise<unknown>,
    store: Store = api.store,
  ): Promise<string> {
    const lines: string[] = []
    const destination = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) })
    await work(await testApi({ store, logger: createLogger('trace', destination) }))
    return lines.join('')
  }

  test('tells route, status and request id of each request, and nobody’s name', async () => {
    const log = await logOf(async (logged) => {
      await logged.call(
        'POST',
        '/v1/identify',
        { userId: 'ann@example.com', traits: { email: 'ann@example.com' } },
        { 'x-request-id': 'traced' },
      )
      await logged.call('GET', '/v1/customers/ann%40example.com?cursor=secret-cursor')
      await logged.call('GET', '/unsubscribe/secret-token')
    })
    expect(log).toContain('"route":"POST /v1/identify"')
    expect(log).toContain('"id":"traced"')
    for (const secret of ['ann', 'example.com', 'admin-key', 'secret-token', 'secret-cursor'])
      expect(log).not.toContain(secret)
  })

  test('holds what broke on our side, and the caller only the request id', async () => {
    const broken: Store = {
      ...api.store,
      customers: {
        ...api.store.customers,
        list: () => Promise.reject(new Error('a bug: postgres://u:secret@db')),
      },
    }
    let answer: any
    const log = await logOf(async (logged) => (answer = await logged.call('GET', '/v1/customers')), broken)
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(answer.text).not.toContain('a bug')
    expect(log).toContain('a bug')
    expect(log).toContain(answer.body.requestId)
    expect(log).not.toContain('secret')
  })
})

describe('listening', () => {
  const deps = () => ({
    store: api.store,
    temporal: new FakeTemporal(),
    manifest: async () => manifest,
    keys,
    secrets,
    publicUrl: '',
    logger: createLogger('silent'),
  })

  test('a port in use is told in one sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    await expect(startApi(deps(), '127.0.0.1', port)).rejects.toThrow(
      `Port ${port} is in use on 127.0.0.1: stop what uses it, or set PORT to another one.`,
    )
    taken.close()
  })

  test('an address that is not ours is told in one sentence', async () => {
    await expect(startApi(deps(), '203.0.113.1', 0)).rejects.toThrow(
      /cannot listen on 203\.0\.113\.1.*set HOST/,
    )
  })

  test('stopping answers what has begun and takes nothing new', async () => {
    let finish: () => void = () => {}
    const begun = new Promise<void>((resolve) => {
      const slow = new Promise<void>((done) => (finish = done))
      void startApi(
        { ...deps(), manifest: async () => (resolve(), await slow, manifest) },
        '127.0.0.1',
        0,
      ).then((api) => (running = api))
    })
    let running: Awaited<ReturnType<typeof startApi>> | undefined
    while (!running) await new Promise((resolve) => setTimeout(resolve, 5))
    const headers = { authorization: 'Bearer read-key' }
    const answered = new Promise<number | undefined>((resolve, reject) => {
      get(`${running!.url}/v1/journeys`, { headers }, (response) => resolve(response.resume().statusCode)).on(
        'error',
        reject,
      )
    })
    await begun
    const stopped = running.stop()
    const refused = new Promise((resolve) =>
      request(`${running!.url}/healthz`)
        .on('error', () => resolve('refused'))
        .on('response', resolve)
        .end(),
    )
    expect(await refused).toBe('refused')
    finish()
    expect(await answered).toBe(200)
    await stopped
  })
})
