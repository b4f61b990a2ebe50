import { signedLinks } from '../../channels/links'
import type { TouchpointRequest, TouchpointRow } from '../../store/store'
import { secrets, stopAll, testApi, type TestApi } from './support'

let api: TestApi
const links = signedLinks(secrets, '')

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

async function touchpoint(customerId: string, more: Partial<TouchpointRequest> = {}): Promise<TouchpointRow> {
  const request: TouchpointRequest = {
    id: `j:${customerId}/1/s/1`, enrollmentId: `j:${customerId}`, entry: 1, journey: 'j', customerId, step: 's',
    channel: 'email', message: 'm', category: 'marketing', provider: 'smtp', at: Date.now(), ...more,
  } // prettier-ignore
  await api.store.customers.identify(customerId, {}, 1)
  await api.store.touchpoints.reserve(request, 60_000, () => ({
    judgment: { is: 'allowed', verdicts: [] },
    priority: 1,
  }))
  return (await api.store.touchpoints.get(request.id))!
}

const historyOf = async (customerId: string) =>
  (await api.store.consents.history(customerId, { limit: 50 })).items

const oneClick = 'List-Unsubscribe=One-Click'
const anonymous = { authorization: '' }
const form = { ...anonymous, 'content-type': 'application/x-www-form-urlencoded' }

test('looking at the page changes nothing; its button withdraws consent', async () => {
  const path = links.unsubscribe((await touchpoint('page')).ref)
  const page = await api.call('GET', path, undefined, anonymous)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.text).toContain('<form method="post">')
  expect(await historyOf('page')).toEqual([])
  expect((await api.call('POST', path, 'from=page', form)).text).toContain(
    'no more news and offers from us by email',
  )
  expect(await historyOf('page')).toMatchObject([
    {
      customerId: 'page',
      channel: 'email',
      purpose: 'marketing',
      state: 'withdrawn',
      source: 'unsubscribe-link',
    },
  ])
})

test.each([
  ['as a form', 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded'],
  [
    'as multipart',
    '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    'multipart/form-data; boundary=x',
  ],
  ['without anything', '', 'text/plain'],
])('one click %s withdraws consent', async (_, body, type) => {
  const customer = `click ${type}`
  const path = links.unsubscribe((await touchpoint(customer)).ref)
  expect((await api.call('POST', path, body, { ...anonymous, 'content-type': type })).status).toBe(200)
  expect(await historyOf(customer)).toMatchObject([{ state: 'withdrawn', source: 'one-click' }])
})

test('consent is withdrawn at the customer’s own time', async () => {
  const path = links.unsubscribe((await touchpoint('ahead')).ref)
  await api.store.customers.moveClock('ahead', 86_400_000)
  await api.call('POST', path, 'List-Unsubscribe=One-Click', form)
  const [consent] = await historyOf('ahead')
  expect(Math.abs(consent!.occurredAt - Date.now() - 86_400_000)).toBeLessThan(30_000)
})

test('links that we did not sign do nothing', async () => {
  const { ref } = await touchpoint('forged')
  const others = signedLinks(['another-secret-that-is-not-ours-at-all'], '')
  const token = links.unsubscribe(ref).split('/').pop()!
  const wrong = [
    ref,
    `${ref}.`,
    `.${token.split('.')[1]}`,
    `x${token}`,
    `${token}x`,
    token.slice(0, -1),
    'a.b',
    '%00.x',
    others.unsubscribe(ref).split('/').pop()!,
    `${ref}.${'é'.repeat(43)}`,
  ]
  for (const each of wrong) {
    for (const method of ['GET', 'POST']) {
      const answer = await api.call(method, `/unsubscribe/${each}`, undefined, anonymous)
      expect({ each, status: answer.status }).toEqual({ each, status: 404 })
    }
  }
  expect(await historyOf('forged')).toEqual([])
})

test('the first secret signs, the others still verify', () => {
  const old = signedLinks(['old-secret'], 'https://x.example')
  const rotated = signedLinks(['new-secret', 'old-secret'], 'https://x.example')
  expect(old.unsubscribe('ref')).toMatch(/^https:\/\/x\.example\/unsubscribe\/ref\.[\w-]{43}$/)
  expect(rotated.verify('unsubscribe', token(old.unsubscribe('ref')))).toBe('ref')
  expect(old.verify('unsubscribe', token(rotated.unsubscribe('ref')))).toBeUndefined()
  expect(rotated.verify('unsubscribe', token(rotated.unsubscribe('ref.with.dots')))).toBe('ref.with.dots')
  expect(() => signedLinks([], '').unsubscribe('ref')).toThrow('SECRET_KEYS')
})

const token = (url: string) => decodeURIComponent(url.split('/').pop()!)

test('a link for one purpose does nothing at another', async () => {
  const { ref } = await touchpoint('purposes')
  const tokens = {
    unsubscribe: links.unsubscribe(ref),
    preferences: links.preferences(ref),
    confirm: links.confirm(ref),
  }
  for (const [purpose, link] of Object.entries(tokens)) {
    for (const other of Object.keys(tokens).filter((each) => each !== purpose)) {
      for (const method of ['GET', 'POST'])
        expect((await api.call(method, `/${other}/${token(link)}`, undefined, anonymous)).status).toBe(404)
    }
  }
  expect(await historyOf('purposes')).toEqual([])
})

test('a token altered in any one bit does nothing', async () => {
  const bytes = Buffer.from(token(links.unsubscribe((await touchpoint('bits')).ref)))
  for (let at = 0; at < bytes.length; at++) {
    const altered = Buffer.from(bytes)
    altered[at]! ^= 1 << (at % 7)
    const answer = await api.call(
      'POST',
      `/unsubscribe/${encodeURIComponent(altered.toString())}`,
      undefined,
      anonymous,
    )
    expect({ at, status: answer.status }).toEqual({ at, status: 404 })
  }
  expect(await historyOf('bits')).toEqual([])
})

test('a link holds nothing personal, and works after the keys were rotated', async () => {
  const { ref } = await touchpoint('ada@example.com')
  for (const link of [links.unsubscribe(ref), links.preferences(ref), links.confirm(ref)])
    expect(link).toMatch(/^\/\w+\/[\w-]{22}\.[\w-]{43}$/)
  const rotated = await testApi({
    store: api.store,
    secrets: ['a-newer-secret-that-signs-from-now-on', ...secrets],
  })
  expect((await rotated.call('POST', links.unsubscribe(ref), oneClick, form)).status).toBe(200)
  expect(await historyOf('ada@example.com')).toHaveLength(1)
})

test('links of a touchpoint or a customer that is gone show a friendly page, and do nothing', async () => {
  const gone = links.unsubscribe('AAAAAAAAAAAAAAAAAAAAAA')
  const request = (await touchpoint('to-be-deleted')).ref
  const nobody = await testApi({
    store: { ...api.store, customers: { ...api.store.customers, get: async () => undefined } },
  })
  for (const [at, link] of [
    [api, gone],
    [nobody, links.unsubscribe(request)],
    [nobody, links.preferences(request)],
    [nobody, links.confirm(request)],
  ] as const) {
    for (const method of ['GET', 'POST']) {
      const page = await at.call(method, link, undefined, {
        ...anonymous,
        'accept-language': 'de-AT, en;q=0.5',
      })
      expect(page.status).toBe(404)
      expect(page.headers.get('content-type')).toContain('text/html')
      expect(page.text).toContain('<h1>Dieser Link funktioniert nicht</h1>')
    }
  }
  expect(await historyOf('to-be-deleted')).toEqual([])
})

test('one click on a message about a topic withdraws all marketing by the channel, whatever was agreed on topics', async () => {
  const { ref } = await touchpoint('topical', { topic: 'tips' })
  const yes = {
    customerId: 'topical',
    state: 'granted',
    source: 'api',
    occurredAt: Date.now() + 60_000,
  } as const
  await api.store.consents.record([
    { ...yes, channel: 'email', purpose: 'tips' },
    { ...yes, channel: 'sms', purpose: 'marketing' },
  ])
  await api.call('POST', links.unsubscribe(ref), oneClick, form)
  await api.call('POST', links.unsubscribe(ref), oneClick, form)
  const [latest, ...before] = await historyOf('topical')
  expect(latest).toMatchObject({
    channel: 'email',
    purpose: 'marketing',
    state: 'withdrawn',
    proof: { touchpoint: ref },
  })
  expect(latest!.occurredAt).toBeGreaterThan(before[0]!.occurredAt)
  expect(before).toHaveLength(2)
})

test('the page of a message about a topic offers the topic alone', async () => {
  const link = links.unsubscribe((await touchpoint('choosy', { topic: 'tips' })).ref)
  const page = await api.call('GET', link, undefined, anonymous)
  expect(page.text).toContain('Unsubscribe from “Tips” only')
  expect(page.text).toContain(links.preferences((await touchpoint('choosy', { topic: 'tips' })).ref))
  expect((await api.call('POST', link, 'from=page&what=topic', form)).text).toContain(
    'nothing more on “Tips”',
  )
  expect(await historyOf('choosy')).toMatchObject([
    { purpose: 'tips', state: 'withdrawn', source: 'unsubscribe-link' },
  ])
  await api.call('POST', link, 'from=page&what=all', form)
  expect(await historyOf('choosy')).toMatchObject([{ purpose: 'marketing', state: 'withdrawn' }, {}])
})

test.each([
  [{ locale: 'de_AT' }, 'en', 'Abmelden'],
  [{ language: 'de' }, 'en', 'Abmelden'],
  [{ locale: 'fr-FR' }, 'de', 'Abmelden'],
  [{ locale: 'en-GB' }, 'de', 'Unsubscribe'],
  [{}, 'fr, de;q=0.8, en;q=0.2', 'Abmelden'],
  [{}, 'fr', 'Unsubscribe'],
  [{ locale: 7 }, '', 'Unsubscribe'],
])('a page is in the customer’s language: %j, asked in "%s"', async (traits, asked, title) => {
  const customer = `speaks ${JSON.stringify(traits)} ${asked}`
  const link = links.unsubscribe((await touchpoint(customer)).ref)
  await api.store.customers.identify(customer, traits, 2)
  const page = await api.call('GET', link, undefined, { ...anonymous, 'accept-language': asked })
  expect(page.text).toContain(`<h1>${title}</h1>`)
})
