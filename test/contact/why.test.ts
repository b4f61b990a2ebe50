import { spawn } from 'node:child_process'
import path from 'node:path'
import { type Asking, judgment } from '../../activities/contact/rules'
import { apiClient, CallFailed } from '../../api/cli/client'
import { why } from '../../api/cli/why'
import { firstLimits, type Limits } from '../../sdk/contact'
import type { Provider } from '../../channels'
import { touchpointId } from '../../sdk'
import { openStore, type Store } from '../../store'
import { stopAll, testApi, type TestApi } from '../api/support'
import { freshDatabase } from '../support/postgres'
import { changeLimits } from './limits'

const start = Date.parse('2027-03-01T08:00:00Z')
const hours = 3_600_000
const limits: Limits = {
  ...firstLimits,
  caps: [{ name: 'email', channels: ['email'], most: 2, window: { rolling: '7 days' } }],
  arbitration: { windowMs: 0 },
}
const provider: Provider = {
  name: 'smtp',
  channel: 'email',
  idempotent: false,
  address: ({ traits }) => traits.email as string | undefined,
  send: async () => ({ is: 'accepted', providerMessageId: 'x' }),
}

let api: TestApi
let store: Store
beforeAll(async () => {
  const url = await freshDatabase()
  store = await openStore({ url })
  await changeLimits(url, limits)
  api = await testApi({ store })
  await api.store.customers.identify('ada', { email: 'ada@example.com', timezone: 'Europe/Berlin' }, 0)
})
afterAll(async () => {
  await stopAll()
  await store?.close()
})

/** What the activity does with a touchpoint of Ada's, so many hours into the story. */
async function touchpoint(step: string, afterHours: number, more: Partial<Asking> = {}): Promise<void> {
  const id = touchpointId('care:ada', 1, step, 1)
  const at = start + afterHours * hours
  const asking: Asking = {
    id, journey: 'care', step, category: 'marketing', provider, at, zones: { deployment: 'UTC' }, worth: {}, ...more,
  } // prettier-ignore
  const request = {
    id, enrollmentId: 'care:ada', entry: 1, journey: 'care', customerId: 'ada', step, channel: 'email',
    message: `care/${step}`, category: asking.category, provider: 'smtp', at,
  } // prettier-ignore
  const answer = await api.store.touchpoints.reserve(request, 60_000, (facts, before) =>
    judgment(asking, facts, before),
  )
  if (answer.is === 'reserved') await api.store.touchpoints.settle(id, { status: 'sent' })
}

test('tells a week of a customer in sentences, with the figures of every rule', async () => {
  await touchpoint('welcome', 0)
  await touchpoint('tips', 49)
  await touchpoint('offer', 72)
  await touchpoint('invoice', 73, { category: 'transactional' })
  await api.store.consents.record({
    customerId: 'ada', channel: 'email', purpose: 'marketing', state: 'withdrawn', source: 'one-click', occurredAt: start + 80 * hours,
  }) // prettier-ignore
  await touchpoint('news', 96)

  const told = await why(apiClient(api.url, 'read-key'), 'ada', { limit: 20 })
  const paragraphs = told.split('\n\n')
  expect(paragraphs).toHaveLength(5)
  const [news, invoice, offer, , welcome] = paragraphs
  expect(news!.split('\n').slice(0, 2)).toEqual([
    'Fri 5 Mar 2027 09:00 Berlin: news of care, care/news by email (marketing)',
    '  It was withheld: unsubscribed.',
  ])
  expect(news).toContain('- consent: consent to marketing by email was withdrawn on 2027-03-04')
  expect(invoice).toContain('It was sent, since every rule allowed it.')
  expect(invoice).toContain('+ consent: transactional messages do not need it')
  expect(offer).toContain(
    'It is held (frequency-cap) until Sun 7 Mar 2027 09:00 Berlin, and given up after Sun 7 Mar 2027 09:00 Berlin.',
  )
  expect(offer).toContain(
    '- frequency caps: cap email, 2 in 7 days: 2 used (Mon 1 Mar 09:00, Wed 3 Mar 10:00 in Europe/Berlin)',
  )
  expect(welcome).toContain('cap email, 2 in 7 days: 0 used')
  expect(told).not.toContain('@')
})

test('of one step or journey alone, the newest so many', async () => {
  const client = apiClient(api.url, 'read-key')
  expect(await why(client, 'ada', { step: 'tips', limit: 9 })).toMatch(/^\S.*tips of care/)
  expect((await why(client, 'ada', { limit: 2 })).split('\n\n')).toHaveLength(2)
  expect(await why(client, 'ada', { journey: 'other', limit: 9 })).toMatch(/^Nothing/)
})

test('says what the API refuses, and what to do', async () => {
  await expect(why(apiClient(api.url, 'read-key'), 'nobody', { limit: 1 })).rejects.toThrow(
    'There is no customer "nobody"',
  )
  await expect(why(apiClient(api.url, 'wrong'), 'ada', { limit: 1 })).rejects.toThrow('Send a key')
  await expect(why(apiClient('http://127.0.0.1:1', 'x'), 'ada', { limit: 1 })).rejects.toThrow(CallFailed)
})

test('the command prints it, and ends with 1 or 2 when it cannot', async () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      const command = path.join(__dirname, '../../api/cli/sojourn.mjs')
      const child = spawn(process.execPath, [command, ...args], {
        env: { PATH: process.env.PATH, API_KEY: 'read-key' },
      })
      let [out, err] = ['', '']
      child.stdout.on('data', (chunk) => (out += String(chunk)))
      child.stderr.on('data', (chunk) => (err += String(chunk)))
      child.once('close', (code) => resolve({ code, out, err }))
    })
  const told = await run('why', 'ada', '--url', api.url, '--step', 'welcome')
  expect(told).toMatchObject({ code: 0, err: '' })
  expect(told.out).toContain('welcome of care')
  expect(await run('why', 'nobody', '--url', api.url)).toMatchObject({ code: 1, out: '' })
  expect(await run('whence')).toMatchObject({ code: 2, out: '' })
  expect(await run('why', 'ada', '--limit', 'all')).toMatchObject({ code: 2 })
})
