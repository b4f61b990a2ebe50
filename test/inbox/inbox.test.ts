import { readInboxToken, inboxToken } from '../../api/inbox/token'
import { inbox as inboxProvider } from '../../channels/inbox/inbox'
import type { Outcome } from '../../sdk'
import { noted } from '../../workers/dispatcher/receipts'
import { secrets, stopAll, testApi, type TestApi } from '../api/support'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

const DAY_MS = 86_400_000
let count = 0

interface Sent {
  readonly customerId?: string
  readonly title?: string
  readonly link?: string
  readonly keepMs?: number
  readonly at?: number
}

/** A customer with an item in the inbox, sent as workers send it. */
async function sent({
  customerId = `ada-${++count}`,
  title = 'Hello',
  link,
  keepMs,
  at = Date.now(),
}: Sent = {}) {
  const enrollmentId = `care:${customerId}`
  const id = `${enrollmentId}/1/hello/${++count}`
  await api.store.customers.identify(customerId, { firstName: 'Ada' }, 0)
  await api.store.touchpoints.reserve(
    { id, enrollmentId, entry: 1, journey: 'care', customerId, step: 'hello', channel: 'inbox', message: 'm', category: 'marketing', provider: 'inbox', at },
    60_000,
    () => ({ judgment: { is: 'allowed', verdicts: [] }, priority: 1 }),
  ) // prettier-ignore
  const { ref } = (await api.store.touchpoints.get(id))!
  const send = () =>
    inboxProvider(api.store.inbox).send(
      { touchpointId: id, ref, address: customerId, content: { title, text: 'Good day.', link, keepMs }, category: 'marketing' },
      'inline',
    ) // prettier-ignore
  expect(await send()).toEqual({ is: 'accepted', providerMessageId: ref })
  await api.store.touchpoints.settle(id, { status: 'sent', providerMessageId: ref })
  return {
    customerId,
    enrollmentId,
    ref,
    send,
    token: inboxToken({ customerId, endsAt: Date.now() + 60_000 }, secrets),
  }
}

const shown = async (customerId: string): Promise<any[]> =>
  (await api.call('GET', `/v1/customers/${customerId}/inbox`)).body.items
const mark = (customerId: string, ref: string, mark: string, token?: string) =>
  api.call('POST', `/v1/customers/${customerId}/inbox/${ref}/${mark}`, undefined, token ? { authorization: `Bearer ${token}` } : undefined) // prettier-ignore
const ends = (customerId: string, outcome: Outcome) =>
  api.store.enrollments.end({
    id: `care:${customerId}`,
    entry: 1,
    journey: 'care',
    customerId,
    outcome,
    endedAt: Date.now(),
  })

/** Enters the enrollment, so that it can end. */
const begun = (customerId: string) =>
  api.store.enrollments.enter({
    id: `care:${customerId}`, journey: 'care', customerId, build: 'b', enrolledBy: 'e', reentry: 'once', now: Date.now(),
  }) // prettier-ignore

test('what a journey sends is shown once, newest first', async () => {
  const first = await sent({ title: 'First', at: Date.now() - 1_000 })
  await first.send()
  await sent({ customerId: first.customerId, title: 'Second', link: '/offers' })
  const { body } = await api.call('GET', `/v1/customers/${first.customerId}/inbox`)
  expect(body).toMatchObject({
    unread: 2,
    next: null,
    items: [
      { title: 'Second', link: '/offers' },
      { id: first.ref, title: 'First', text: 'Good day.', readAt: null },
    ],
  })
})

test('marks count once, and journeys hear of them as receipts', async () => {
  const { customerId, ref, token } = await sent({ link: 'https://shop.example/offer' })
  for (const each of ['seen', 'clicked', 'clicked', 'read', 'dismissed'])
    expect((await mark(customerId, ref, each, token)).status).toBe(200)
  const { items } = await api.store.events.ofCustomer(customerId, { limit: 10 })
  expect(items.toReversed().map(({ name, properties: { kind, url } }) => [name, kind, url])).toEqual([
    ['Message Delivered', 'delivered', undefined],
    ['Message Clicked', 'clicked', 'https://shop.example/offer'],
    ['Message Opened', 'opened', undefined],
  ])
  for (const event of items) await noted(api.store, event, customerId)
  const [row] = await api.store.touchpoints.ofEnrollment(`care:${customerId}`, 1)
  expect(row!.receipts.map(({ kind }) => kind).sort()).toEqual(['clicked', 'delivered', 'opened'])
  expect(await shown(customerId)).toEqual([])
})

test('the same mark keeps the time of its first', async () => {
  const { customerId, ref } = await sent()
  const first = (await mark(customerId, ref, 'read')).body
  expect(first).toMatchObject({ seenAt: first.readAt, clickedAt: null })
  expect((await mark(customerId, ref, 'read')).body).toEqual(first)
})

describe('an item goes', () => {
  test.each<[Outcome, number]>([
    [{ is: 'exited', because: 'the account was closed' }, 0],
    [{ is: 'converted', by: 'e' } as unknown as Outcome, 0],
    [{ is: 'completed' } as Outcome, 1],
  ])('or stays with its journey: %j', async (outcome, left) => {
    const { customerId } = await sent()
    await begun(customerId)
    await ends(customerId, outcome)
    expect(await shown(customerId)).toHaveLength(left)
    await sent({ customerId, title: 'Late' })
    expect(await shown(customerId)).toHaveLength(left * 2)
  })

  test('when its time is over, by the customer’s clock', async () => {
    const { customerId } = await sent({ keepMs: DAY_MS })
    expect(await shown(customerId)).toHaveLength(1)
    await api.store.customers.moveClock(customerId, 2 * DAY_MS)
    expect(await shown(customerId)).toEqual([])
  })

  test('with the customer it was merged into, and from there alone', async () => {
    const { customerId, ref } = await sent()
    await api.store.customers.merge(customerId, `${customerId}-known`)
    expect(await shown(`${customerId}-known`)).toMatchObject([{ id: ref }])
    expect(await shown(customerId)).toMatchObject([{ id: ref }])
  })
})

describe('who may', () => {
  test('a token opens one inbox, for its time', async () => {
    const { customerId, ref } = await sent()
    const other = await sent()
    const { status, body } = await api.call('POST', `/v1/customers/${customerId}/inbox-tokens`, { minutes: 1 })
    expect([status, Date.parse(body.expiresAt) - Date.now() <= 60_000]).toEqual([200, true])
    expect((await mark(customerId, ref, 'read', body.token)).status).toBe(200)
    expect((await mark(other.customerId, other.ref, 'read', body.token)).status).toBe(403)
    expect((await mark(customerId, other.ref, 'read', body.token)).status).toBe(404)
    expect((await api.call('GET', `/v1/customers/${customerId}`, undefined, { authorization: `Bearer ${body.token}` })).status).toBe(401)
  }) // prettier-ignore

  test.each([
    ['ended', () => inboxToken({ customerId: 'ada', endsAt: Date.now() - 1 }, secrets)],
    ['another secret', () => inboxToken({ customerId: 'ada', endsAt: Date.now() + 60_000 }, ['x'.repeat(32)])],
    ['a later end', () => inboxToken({ customerId: 'ada', endsAt: Date.now() + 60_000 }, secrets).replace(/\.(\d+)\./, (_, end) => `.${Number(end) + 1}.`)],
    ['nothing of it', () => 'inbox.YWRh.9999999999999.x'],
  ])('not a token of %s', async (_, token) => {
    expect((await api.call('GET', '/v1/customers/ada/inbox', undefined, { authorization: `Bearer ${token()}` })).status).toBe(401)
    expect(readInboxToken(token(), secrets, Date.now())).toBeUndefined()
  }) // prettier-ignore

  test('keys: reading needs read, marking operate, tokens operate', async () => {
    const { customerId, ref } = await sent()
    const as = (key: string) => ({ authorization: `Bearer ${key}` })
    const answers = await Promise.all([
      api.call('GET', `/v1/customers/${customerId}/inbox`, undefined, as('read-key')),
      api.call('POST', `/v1/customers/${customerId}/inbox/${ref}/read`, undefined, as('read-key')),
      api.call('POST', `/v1/customers/${customerId}/inbox-tokens`, {}, as('read-key')),
      api.call('GET', `/v1/customers/${customerId}/inbox`, undefined, as('ingest-key')),
      api.call('GET', `/v1/customers/${customerId}/inbox`, undefined, { authorization: '' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 403, 403, 401])
  })

  test('pages of any origin may ask, and only here', async () => {
    const { customerId, token } = await sent()
    const preflight = await fetch(`${api.url}/v1/customers/${customerId}/inbox`, { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'Authorization, Content-Type, Last-Event-ID']) // prettier-ignore
    const got = await fetch(`${api.url}/v1/customers/${customerId}/inbox?token=${token}`)
    expect([got.status, got.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    const elsewhere = await fetch(`${api.url}/v1/customers`, { method: 'OPTIONS' })
    expect([elsewhere.status, elsewhere.headers.get('access-control-allow-origin')]).toEqual([405, null])
  })
})

/** Reads server-sent events until there are so many. `forTheLast` is done once all the others have come. */
async function events(
  customerId: string,
  token: string,
  wanted: number,
  lastEventId?: string,
  forTheLast?: () => unknown,
) {
  const gone = new AbortController()
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const url = `${api.url}/v1/customers/${customerId}/inbox/stream?token=${token}`
  const response = await fetch(url, { headers, signal: gone.signal })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ])
  let text = ''
  const found = () => [...text.matchAll(/id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/g)]
  const decoder = new TextDecoder()
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (found().length >= wanted) break
    if (found().length < wanted - 1) continue
    await forTheLast?.()
    forTheLast = undefined
  }
  gone.abort()
  return found().map(([, id, event, data]) => ({ id: id!, event, data: JSON.parse(data!) }))
}

test('a stream begins with what is shown, and goes on after the last that its reader had', async () => {
  const { customerId, ref, token } = await sent()
  const second = await sent({ customerId, title: 'Second' })
  await begun(customerId)
  const begin = await events(customerId, token, 3, undefined, () => mark(customerId, ref, 'dismissed'))
  expect(begin.map(({ event, data }) => [event, data.id])).toEqual([['item', ref], ['item', second.ref], ['gone', ref]]) // prettier-ignore
  await mark(customerId, second.ref, 'read')
  await ends(customerId, { is: 'exited', because: 'closed' })
  const [after] = await events(customerId, token, 1, begin.at(-1)!.id)
  expect(after).toMatchObject({ event: 'gone', data: { id: second.ref } })
  const again = await events(customerId, token, 2, begin[0]!.id)
  expect(again.map(({ data }) => data.id).sort()).toEqual([ref, second.ref].sort())
})

test('a stream ends with its token', async () => {
  const { customerId } = await sent()
  const token = inboxToken({ customerId, endsAt: Date.now() + 300 }, secrets)
  const response = await fetch(`${api.url}/v1/customers/${customerId}/inbox/stream?token=${token}`)
  expect(await response.text()).toContain('event: item')
})
