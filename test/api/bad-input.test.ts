import { gzipSync } from 'node:zlib'
import { eventCount, onlyEvent, statusOf, stopAll, testApi, type TestApi } from './support'

let api: TestApi

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

const track = (message: unknown, headers?: Record<string, string>) =>
  api.call('POST', '/v1/track', message, headers)

const sized = (bytes: number) => {
  const empty = JSON.stringify({ userId: 'u', event: 'e', properties: { text: '' } })
  return { userId: 'u', event: 'e', properties: { text: 'x'.repeat(bytes - empty.length) } }
}

const nested = (levels: number): unknown =>
  JSON.parse('{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1))

/** A refused request is a problem document, and leaves nothing behind. */
async function refused(
  request: () => Promise<{ status: number; headers: Headers; body: any }>,
  status: number,
  code: string,
) {
  const before = await eventCount(api.store)
  const answer = await request()
  expect({ status: answer.status, code: answer.body?.code }).toEqual({ status, code })
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(answer.body).toMatchObject({
    status,
    title: expect.any(String),
    detail: expect.any(String),
    next: expect.any(String),
  })
  expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'))
  expect(await eventCount(api.store)).toBe(before)
  return answer.body
}

describe('bodies', () => {
  test.each(['{"userId":', 'hello', '{"userId":"u",}', '\u{feff}{', 'undefined'])(
    'not JSON: %j',
    async (text) => {
      await refused(() => track(text, { 'content-type': 'application/json' }), 400, 'invalid-json')
    },
  )

  test.each(['null', '3', '"text"', '[]', 'true'])('not an object: %s', async (text) => {
    await refused(() => track(text, { 'content-type': 'application/json' }), 400, 'invalid-request')
  })

  test('none at all', () => refused(() => track(undefined), 400, 'invalid-request'))

  test.each(['text/plain', 'application/xml', 'multipart/form-data', 'application/json; charset=latin1'])(
    'of type %s',
    async (type) => {
      await refused(
        () => track('{"userId":"u","event":"e"}', { 'content-type': type }),
        415,
        'unsupported-media-type',
      )
    },
  )

  test('in an encoding nobody knows', async () => {
    await refused(
      () => track('{}', { 'content-type': 'application/json', 'content-encoding': 'rot13' }),
      415,
      'unsupported-media-type',
    )
  })

  test('with broken compression', async () => {
    await refused(
      () => track('no gzip', { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
      400,
      'invalid-json',
    )
  })
})

describe('sizes', () => {
  test('an event of 32 KB is accepted, one of 33 KB is not', async () => {
    expect(await track(sized(32 * 1024))).toMatchObject({ status: 200 })
    await refused(() => track(sized(33 * 1000)), 413, 'too-large')
  })

  test('what counts is the size after inflation', async () => {
    const zipped = gzipSync(JSON.stringify(sized(33 * 1024)))
    await refused(
      () => track(zipped, { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
      413,
      'too-large',
    )
  })

  test('an event of 33 KB in a batch is named', async () => {
    const batch = [sized(100), sized(33 * 1024)].map((message) => ({ type: 'track', ...message }))
    const { errors } = await refused(() => api.call('POST', '/v1/batch', { batch }), 413, 'too-large')
    expect(errors).toMatchObject([{ path: 'batch[1]' }])
  })

  test('a batch of 500 KB is accepted, one of 501 KB is not', async () => {
    const batchOf = (bytes: number) => {
      const batch = Array.from({ length: 20 }, () => ({ type: 'track', ...sized(25_000) }))
      const filled = JSON.stringify({ batch, filler: '' })
      return JSON.stringify({ batch, filler: 'x'.repeat(bytes - filled.length) })
    }
    const json = { 'content-type': 'application/json' }
    expect(await api.call('POST', '/v1/batch', batchOf(500 * 1024), json)).toMatchObject({ status: 200 })
    await refused(() => api.call('POST', '/v1/batch', batchOf(501 * 1024), json), 413, 'too-large')
  })

  test('a batch may hold 2,500 messages', async () => {
    const batch = (length: number) => ({
      batch: Array.from({ length }, () => ({ type: 'page', userId: 'many' })),
    })
    expect(await api.call('POST', '/v1/batch', batch(2500))).toMatchObject({ status: 200 })
    await refused(() => api.call('POST', '/v1/batch', batch(2501)), 400, 'invalid-request')
    await refused(() => api.call('POST', '/v1/batch', batch(0)), 400, 'invalid-request')
  })
})

describe('fields', () => {
  test.each([
    [{ event: 'e' }, 'userId'],
    [{ userId: null, anonymousId: null, event: 'e' }, 'userId'],
    [{ userId: '', event: 'e' }, 'userId'],
    [{ userId: true, event: 'e' }, 'userId'],
    [{ userId: ['u'], event: 'e' }, 'userId'],
    [{ userId: {}, event: 'e' }, 'userId'],
    [{ userId: 'u' }, 'event'],
    [{ userId: 'u', event: '' }, 'event'],
    [{ userId: 'u', event: 5 }, 'event'],
    [{ userId: 'u', event: 'x'.repeat(201) }, 'event'],
    [{ userId: 'u', event: 'e', properties: [] }, 'properties'],
    [{ userId: 'u', event: 'e', properties: 'text' }, 'properties'],
    [{ userId: 'u', event: 'e', messageId: 'x'.repeat(101) }, 'messageId'],
    [{ userId: 'u', event: 'e', messageId: '' }, 'messageId'],
    [{ userId: 'u', event: 'e', messageId: 'a\0b' }, 'messageId'],
    [{ userId: 'u', event: 'e', sentAt: 12 }, 'sentAt'],
  ])('%j is refused with its path', async (message, path) => {
    const { errors } = await refused(() => track(message), 400, 'invalid-request')
    expect(errors).toMatchObject([{ path, message: expect.any(String) }])
  })

  test.each([
    ['group', { userId: 'u' }, 'groupId'],
    ['alias', { userId: 'u' }, 'previousId'],
    ['alias', { previousId: 'p' }, 'userId'],
  ])('%s %j lacks %s', async (kind, message, path) => {
    const { errors } = await refused(() => api.call('POST', `/v1/${kind}`, message), 400, 'invalid-request')
    expect(errors).toMatchObject([{ path }])
  })
})

describe('ids', () => {
  test.each([
    'a/b',
    'a:b',
    'a b',
    'a%2Fb',
    '🦊',
    'ü',
    "o'neil",
    '..',
    '.',
    '<b>',
    'x'.repeat(512),
    '👩‍👩‍👧',
    '"',
    '\\',
  ])('%j is an id like any other', async (userId) => {
    expect(await track({ userId, event: 'Seen' })).toMatchObject({ status: 200 })
    await api.store.customers.identify(userId, { odd: true }, 1)
    const found = await api.call('GET', `/v1/customers/${encodeURIComponent(userId)}`)
    // A URL's own rules remove dots, whoever sends them.
    if (!/^\.+$/.test(userId))
      expect(found).toMatchObject({ status: 200, body: { id: userId, traits: { odd: true } } })
    expect(await onlyEvent(api.store, userId)).toMatchObject({ customerId: userId })
  })

  test.each([
    'x'.repeat(513),
    'x'.repeat(10_000),
    '🦊'.repeat(43),
    'a\0b',
    '\u0007',
    'line\nbreak',
    '\ud83e',
    '\udd8a lone',
  ])('%j is refused', async (userId) => {
    const { errors } = await refused(
      () => track(`{"userId":${JSON.stringify(userId)},"event":"e"}`, { 'content-type': 'application/json' }),
      400,
      'invalid-request',
    )
    expect(errors).toMatchObject([{ path: 'userId' }])
  })

  test('in a path they are refused alike', async () => {
    await refused(() => api.call('GET', '/v1/customers/a%00b'), 400, 'invalid-request')
    await refused(() => api.call('GET', '/v1/customers/%zz'), 400, 'invalid-request')
    await refused(() => api.call('GET', `/v1/customers/${'x'.repeat(513)}`), 400, 'invalid-request')
  })
})

describe('properties', () => {
  test('32 levels are accepted, 33 are not', async () => {
    expect(await track({ userId: 'deep', event: 'e', properties: nested(32) })).toMatchObject({ status: 200 })
    expect((await onlyEvent(api.store, 'deep')).properties).toEqual(nested(32))
    await refused(() => track({ userId: 'u', event: 'e', properties: nested(33) }), 400, 'invalid-request')
  })

  test.each(['properties', 'context'])('a hundred thousand levels in %s are refused', async (field) => {
    const deep = `{"type":"track","userId":"u","event":"e","${field}":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    await refused(
      () => api.call('POST', '/v1/batch', `{"batch":[${deep}]}`, { 'content-type': 'application/json' }),
      400,
      'invalid-request',
    )
  })

  test('names of JavaScript’s own are harmless', async () => {
    const text =
      '{"userId":"proto","event":"e","__proto__":{"userId":"evil"},"properties":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":{"polluted":1},"b":1},"hasOwnProperty":1}}'
    expect(await track(text, { 'content-type': 'application/json' })).toMatchObject({ status: 200 })
    const { properties } = await onlyEvent(api.store, 'proto')
    expect(properties).toEqual({
      constructor: { prototype: { polluted: 1 } },
      a: { b: 1 },
      hasOwnProperty: 1,
    })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('what no database holds is replaced, in texts and names', async () => {
    const text =
      '{"userId":"unclean","event":"e","properties":{"a\\u0000b":"c\\u0000d","list":["\\ud800x"],"\\udfff":1,"fine":"🦊"}}'
    expect(await track(text, { 'content-type': 'application/json' })).toMatchObject({ status: 200 })
    expect((await onlyEvent(api.store, 'unclean')).properties).toEqual({
      'a\ufffdb': 'c\ufffdd',
      list: ['\ufffdx'],
      '\ufffd': 1,
      fine: '🦊',
    })
  })
})

describe('paths, methods, queries', () => {
  test('unknown paths are 404', () => refused(() => api.call('GET', '/v1/nothing'), 404, 'not-found'))

  test('known paths with other methods are 405 with Allow', async () => {
    const answer = await api.call('DELETE', '/v1/customers')
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } })
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  test.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=1&limit=2',
    'limit=',
    'cursor=',
    'cursor=nonsense',
    'lmit=5',
  ])('/v1/customers?%s is refused', (query) =>
    refused(() => api.call('GET', `/v1/customers?${query}`), 400, 'invalid-request').then(() => undefined),
  )

  test.each([
    '/v1/customers/known/timeline', '/v1/customers/known/touchpoints', '/v1/enrollments', '/v1/events/set-aside',
  ])('%s refuses a cursor that is none', async (path) => {
    await api.store.customers.identify('known', {}, 1)
    const body = await refused(() => api.call('GET', `${path}?cursor=nonsense`), 400, 'invalid-request')
    expect(body.errors).toMatchObject([{ path: 'query.cursor' }])
  }) // prettier-ignore

  test('a cursor of the right form may still hold nonsense', async () => {
    for (const key of [['a\0'], ['\ud800'], [1, 'a\0b', 1], [2 ** 53 - 1, 'x', 2 ** 53 - 1], [-1]]) {
      const cursor = Buffer.from(JSON.stringify(key)).toString('base64url')
      for (const path of [
        '/v1/customers',
        '/v1/enrollments',
        '/v1/events/set-aside',
        '/v1/customers/known/touchpoints',
      ]) {
        expect((await api.call('GET', `${path}?cursor=${cursor}`)).status).toBeLessThan(500)
      }
    }
  })

  test('journeys and enrollments that do not exist are 404', async () => {
    await refused(() => api.call('GET', '/v1/journeys/nothing'), 404, 'not-found')
    await refused(() => api.call('GET', '/v1/journeys/__proto__'), 404, 'not-found')
    await refused(
      () => api.call('POST', '/v1/journeys/constructor/enrollments', { customerId: 'u' }),
      404,
      'not-found',
    )
    await refused(() => api.call('GET', '/v1/enrollments/trialOnboarding:nobody'), 404, 'not-found')
    await refused(
      () => api.call('POST', '/v1/enrollments/trialOnboarding:nobody/pause', {}),
      404,
      'not-found',
    )
    await refused(() => api.call('GET', '/v1/customers/nobody'), 404, 'not-found')
  })

  test('what is no enrollment id is refused', async () => {
    await refused(() => api.call('GET', '/v1/enrollments/nonsense'), 400, 'invalid-request')
    await refused(() => api.call('GET', '/v1/enrollments/a:b:c:d'), 400, 'invalid-request')
  })

  test('orders that make no sense are refused', async () => {
    api.temporal.statuses.set('trialOnboarding:u', statusOf('trialOnboarding:u'))
    api.temporal.updates.length = 0
    const order = (action: string, body: unknown) => () =>
      api.call('POST', `/v1/enrollments/trialOnboarding:u/${action}`, body)
    await refused(order('extend', {}), 400, 'invalid-request')
    await refused(order('extend', { duration: 'long' }), 400, 'invalid-request')
    await refused(order('extend', { duration: '1 month' }), 400, 'invalid-request')
    await refused(order('extend', { duration: '-1 days' }), 400, 'invalid-request')
    await refused(order('move', {}), 400, 'invalid-request')
    await refused(order('pause', { reasn: 'typo' }), 400, 'invalid-request')
    await refused(order('dance', {}), 404, 'not-found')
    expect(api.temporal.updates).toEqual([])
  })
})

test('a sane request id is taken and echoed, any other is replaced', async () => {
  const idOf = async (given: string) =>
    (await api.call('GET', '/healthz', undefined, { 'x-request-id': given })).headers.get('x-request-id')
  expect(await idOf('trace-1.a_B')).toBe('trace-1.a_B')
  expect(await idOf('a b')).toMatch(/^[0-9a-f-]{36}$/)
  expect(await idOf('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/)
})
