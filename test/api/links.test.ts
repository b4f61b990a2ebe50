import { signedLinks } from '../../channels/links'
import type { TouchpointRequest, TouchpointRow } from '../../store/store'
import { secrets, stopAll, testApi, type TestApi } from './support'

let api: TestApi
const links = signedLinks(secrets, '')

beforeAll(async () => {
  api = await testApi()
})
afterAll(stopAll)

async function touchpoint(customerId: string): Promise<TouchpointRow> {
  const request: TouchpointRequest = {
    id: `j:${customerId}/1/s/1`, enrollmentId: `j:${customerId}`, entry: 1, journey: 'j', customerId, step: 's',
    channel: 'email', message: 'm', category: 'marketing', provider: 'smtp', at: Date.now(),
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

const anonymous = { authorization: '' }
const form = { ...anonymous, 'content-type': 'application/x-www-form-urlencoded' }

test('looking at the page changes nothing; its button withdraws consent', async () => {
  const path = links.unsubscribe((await touchpoint('page')).ref)
  const page = await api.call('GET', path, undefined, anonymous)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.text).toContain('<form method="post">')
  expect(await historyOf('page')).toEqual([])
  expect((await api.call('POST', path, 'from=page', form)).text).toContain('no more marketing emails')
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
  const token = (url: string) => decodeURIComponent(url.split('/').pop()!)
  expect(old.unsubscribe('ref')).toMatch(/^https:\/\/x\.example\/unsubscribe\/ref\.[\w-]{43}$/)
  expect(rotated.verify('unsubscribe', token(old.unsubscribe('ref')))).toBe('ref')
  expect(old.verify('unsubscribe', token(rotated.unsubscribe('ref')))).toBeUndefined()
  expect(rotated.verify('unsubscribe', token(rotated.unsubscribe('ref.with.dots')))).toBe('ref.with.dots')
  expect(() => signedLinks([], '').unsubscribe('ref')).toThrow('SECRET_KEYS')
})
