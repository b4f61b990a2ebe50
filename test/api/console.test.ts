import type { InboxMail } from '../../api/deps'
import { firstLimits, type Cap } from '../../sdk/contact'
import { statusOf, stopAll, testApi, type TestApi } from './support'

const evil = '<script>alert("x")</script>\'&'

const mail: InboxMail = {
  id: 'mail-1',
  to: ['ann@example.com'],
  from: 'Acorn <hello@acorn.example>',
  subject: `Hello ${evil}`,
  receivedAt: '2026-01-01T00:00:00.000Z',
  text: `Plain ${evil}`,
  html: '<h1 style="color:red">Hello</h1><script>alert(1)</script>',
  headers: { 'list-unsubscribe': '<http://127.0.0.1:1/unsubscribe/x.y>' },
}

let api: TestApi

beforeAll(async () => {
  const inbox = {
    list: ({ to }: { to?: string }) => (to && to !== 'ann@example.com' ? [] : [mail]),
    get: async (id: string) => (id === mail.id ? mail : undefined),
  }
  api = await testApi({ inbox, temporalUi: 'http://127.0.0.1:8233' })
  await api.store.customers.identify(evil, { name: evil, [evil]: evil }, 1)
  await api.store.events.append([
    {
      messageId: 'm',
      kind: 'track',
      customerId: evil,
      name: evil,
      properties: { [evil]: evil },
      occurredAt: Date.now(),
    },
  ])
  const id = `trialOnboarding:${encodeURIComponent(evil)}`
  await api.store.enrollments.enter({
    id,
    journey: 'trialOnboarding',
    customerId: evil,
    build: 'b',
    enrolledBy: 'm',
    reentry: 'once',
    now: Date.now(),
  })
  await api.store.enrollments.started(id, 1)
  api.temporal.statuses.set(id, statusOf(id))
  const touchpoint = {
    id: `${id}/1/welcome/1`,
    enrollmentId: id,
    entry: 1,
    journey: 'trialOnboarding',
    customerId: evil,
    step: 'welcome',
    channel: 'email',
    message: 'trial/welcome',
    category: 'marketing',
    provider: 'smtp',
    at: Date.now(),
  } as const
  await api.store.touchpoints.reserve(touchpoint, 60_000, () => ({
    judgment: { is: 'withheld', because: evil as 'unsubscribed', verdicts: [] },
    priority: 1,
  }))
})
afterAll(stopAll)

const page = async (path: string) => {
  const answer = await api.call('GET', path)
  expect(answer.headers.get('content-type')).toContain('text/html')
  return answer
}

test('the overview shows journeys, the newest touchpoints and the way to Temporal', async () => {
  const { status, text } = await page('/console')
  expect(status).toBe(200)
  expect(text).toContain('What trialOnboarding is for.')
  expect(text).toContain('withheld')
  expect(text).toContain('href="http://127.0.0.1:8233"')
})

test('customers are listed and found by id', async () => {
  const link = `/console/customers/${encodeURIComponent(evil)}`
  const escapedLink = link.replaceAll("'", '&#39;')
  expect((await page('/console/customers')).text).toContain(escapedLink)
  expect((await page(`/console/customers?id=${encodeURIComponent(evil)}`)).text).toContain(escapedLink)
  expect((await page('/console/customers?id=nobody')).text).toContain('There is no customer “nobody”')
})

test('a customer’s page tells profile, enrollments and timeline', async () => {
  const { status, text } = await page(`/console/customers/${encodeURIComponent(evil)}`)
  expect(status).toBe(200)
  expect(text).toContain('first-week')
  expect(text).toContain('Entered')
  expect((await page('/console/customers/nobody')).status).toBe(404)
})

test('what anybody wrote is text, on every page', async () => {
  for (const path of [
    '/console',
    '/console/customers',
    `/console/customers/${encodeURIComponent(evil)}`,
    '/console/mail',
    '/console/mail/mail-1',
  ]) {
    const { text, headers } = await page(path)
    expect(text).not.toContain('<script')
    expect(text).toContain('&lt;script&gt;')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  }
})

test('the limits’ page tells what holds, who changed it and why, and what is stopped since when', async () => {
  expect((await page('/console/limits')).text).toContain('Nothing is stopped.')
  const author = { key: 'ops', by: evil }
  const cap: Cap = { name: evil, most: 3, channels: ['email'], window: { rolling: '7 days' } }
  const limits = { ...firstLimits, caps: [cap], holdout: 0.05 }
  await api.store.limits.change({ limits, author, because: evil, approval: false })
  await api.store.limits.change({ limits: { ...limits, caps: [] }, author, because: 'calm', approval: true })
  await api.store.stops.begin({ scope: 'channel', name: 'email' }, author, evil)
  const { text } = await page('/console/limits')
  expect(text).toContain('channel email')
  expect(text).toContain('0 min ago')
  expect(text).toContain('any 7 days')
  expect(text).toContain('5 % of customers')
  expect(text).toContain('waits for another key')
  expect(text).toContain('(key ops)')
  expect(text).not.toContain('<script')
})

test('a mail’s HTML stands in a frame of its own that can do nothing', async () => {
  const { text } = await page('/console/mail/mail-1')
  const [, source, sandbox] = /<iframe[^>]*src="([^"]+)"[^>]*sandbox="([^"]*)"/s.exec(text) ?? []
  expect(sandbox).not.toMatch(/allow-(scripts|same-origin|forms)/)
  const frame = await page(source!)
  expect(frame.text).toContain('<h1 style="color:red">Hello</h1>')
  expect(frame.headers.get('content-security-policy')).toMatch(/default-src 'none';.*sandbox/)
  expect(frame.headers.get('content-security-policy')).not.toContain('allow-scripts')
})

test('mails are found by recipient; others are 404', async () => {
  expect((await page('/console/mail?to=ann@example.com')).text).toContain('/console/mail/mail-1')
  expect((await page('/console/mail?to=bob@example.com')).text).toContain('No mail to “bob@example.com”')
  expect((await page('/console/mail/none')).status).toBe(404)
})

test('without an inbox there is no mail', async () => {
  const without = await testApi({ store: api.store })
  expect((await without.call('GET', '/console/mail')).status).toBe(404)
  expect((await without.call('GET', '/console')).text).not.toContain('/console/mail')
})
