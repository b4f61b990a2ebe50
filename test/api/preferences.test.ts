import { signedLinks } from '../../channels/links'
import type { NewConsent } from '../../store/store'
import { manifest, outline, secrets, stopAll, testApi, type TestApi } from './support'

let api: TestApi
const links = signedLinks(secrets, '')
const sends = (channel: string) => [{ id: 'ask', verb: 'send', messages: [{ channel, template: 't' }] }]

beforeAll(async () => {
  const journeys = {
    ...manifest.journeys,
    texts: outline('texts', { steps: sends('sms') }),
    crm: outline('crm', { steps: sends('webhook') }),
  }
  api = await testApi({ manifest: async () => ({ build: 'b', journeys }) })
})
afterAll(stopAll)

const anonymous = { authorization: '' }
const form = { ...anonymous, 'content-type': 'application/x-www-form-urlencoded' }

async function linkOf(customerId: string): Promise<string> {
  const request = {
    id: `j:${customerId}/1/s/1`, enrollmentId: `j:${customerId}`, entry: 1, journey: 'j', customerId, step: 's',
    channel: 'email', message: 'm', category: 'marketing', provider: 'smtp', at: Date.now(),
  } as const // prettier-ignore
  await api.store.customers.identify(customerId, {}, 1)
  const verdicts = { judgment: { is: 'allowed', verdicts: [] }, priority: 1 } as const
  await api.store.touchpoints.reserve(request, 60_000, () => verdicts)
  return links.preferences((await api.store.touchpoints.get(request.id))!.ref)
}

/** The boxes a page shows, and those that are ticked. */
function boxesOf(text: string): { shown: string[]; on: string[] } {
  const values = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, value]) => value!)
  return {
    shown: values(/name="shown" value="([^"]+)"/g),
    on: values(/name="on"\s+value="([^"]+)"\s+checked/g),
  }
}

const look = async (link: string) => boxesOf((await api.call('GET', link, undefined, anonymous)).text)

/** As a browser sends the form. */
function post(link: string, fields: Record<string, readonly string[]>) {
  const body = new URLSearchParams(
    Object.entries(fields).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  )
  return api.call('POST', link, body.toString(), form)
}

const historyOf = async (customerId: string) =>
  (await api.store.consents.history(customerId, { limit: 50 })).items.map(
    ({ channel, purpose, state }) => `${channel} ${purpose} ${state}`,
  )
const says = (customerId: string, ...words: Omit<NewConsent, 'customerId' | 'source'>[]) =>
  api.store.consents.record(words.map((word) => ({ ...word, customerId, source: 'api' })))

const email = ['email:tips', 'email:offers', 'email:news', 'email:marketing']
const sms = ['sms:tips', 'sms:offers', 'sms:news', 'sms:marketing']

test('shows what is on: by silence as the limits say, else by the words', async () => {
  const link = await linkOf('looks')
  const { shown, on } = await look(link)
  expect(shown).toEqual([...email.map((box) => `${box}:on`), ...sms.map((box) => `${box}:off`)])
  expect(on).toEqual(email)
  await says(
    'looks',
    { channel: 'email', purpose: 'tips', state: 'withdrawn', occurredAt: 1 },
    { channel: 'sms', purpose: 'news', state: 'granted', occurredAt: 1 },
  )
  expect((await look(link)).on).toEqual(['email:offers', 'email:news', 'email:marketing', 'sms:news'])
  expect(await historyOf('looks')).toHaveLength(2)
})

test('saves what was changed, and says nothing about what was left', async () => {
  const link = await linkOf('saves')
  const { shown, on } = await look(link)
  const page = await post(link, { shown, on: [...on.filter((box) => box !== 'email:offers'), 'sms:news'] })
  expect(page.text).toContain('Your choice is saved.')
  expect(boxesOf(page.text).on).toEqual(['email:tips', 'email:news', 'email:marketing', 'sms:news'])
  expect(await historyOf('saves')).toEqual(['sms news granted', 'email offers withdrawn'])
  const { items } = await api.store.consents.history('saves', { limit: 10 })
  expect(items).toMatchObject([
    { source: 'preferences', basis: 'consent', proof: { touchpoint: expect.any(String) } },
    { source: 'preferences', basis: null },
  ])
})

test('unticking what has no topic leaves the topics as they are shown, and so does ticking it again', async () => {
  const link = await linkOf('keeps')
  await says('keeps', {
    channel: 'email',
    purpose: 'tips',
    state: 'granted',
    basis: 'double-opt-in',
    occurredAt: 1,
  })
  const first = await look(link)
  await post(link, { shown: first.shown, on: ['email:tips', 'email:news'] })
  const second = await look(link)
  expect(second.on).toEqual(['email:tips', 'email:news'])
  const kept = (await api.store.consents.current('keeps')).find(({ purpose }) => purpose === 'tips')
  expect(kept).toMatchObject({ state: 'granted', basis: 'double-opt-in', source: 'preferences' })
  await post(link, { shown: second.shown, on: ['email:tips', 'email:news', 'email:marketing'] })
  expect((await look(link)).on).toEqual(['email:tips', 'email:news', 'email:marketing'])
})

test('a choice outranks what a sender with a fast clock said', async () => {
  const link = await linkOf('fast')
  await says('fast', {
    channel: 'email',
    purpose: 'tips',
    state: 'granted',
    occurredAt: Date.now() + 200_000,
  })
  const { shown, on } = await look(link)
  await post(link, { shown, on: on.filter((box) => box !== 'email:tips') })
  expect((await look(link)).on).toEqual(['email:offers', 'email:news', 'email:marketing'])
})

test('a page that was open while something else was said changes only what was changed on it', async () => {
  const link = await linkOf('two-tabs')
  const { shown, on } = await look(link)
  await says('two-tabs', { channel: 'email', purpose: 'news', state: 'withdrawn', occurredAt: Date.now() })
  await post(link, { shown, on: on.filter((box) => box !== 'email:tips') })
  expect((await look(link)).on).toEqual(['email:offers', 'email:marketing'])
})

test('stops everything: every channel, every topic, until something is chosen again', async () => {
  const link = await linkOf('stops')
  await says('stops', { channel: 'sms', purpose: 'news', state: 'granted', occurredAt: Date.now() + 100_000 })
  const page = await post(link, { stop: ['everything'] })
  expect(page.text).toContain('no more news and offers')
  expect(boxesOf(page.text).on).toEqual([])
  const before = await historyOf('stops')
  expect(before).toHaveLength(8)
  await post(link, { stop: ['everything'] })
  expect(await historyOf('stops')).toEqual(before)
  await post(link, { shown: boxesOf(page.text).shown, on: ['email:tips'] })
  expect((await look(link)).on).toEqual(['email:tips'])
})

test.each([
  ['nothing', {}],
  [
    'boxes that are none',
    { shown: ['fax:tips:on', 'email:nonsense:on', 'email:tips', 'email', ''], on: ['x'] },
  ],
  ['only ticks', { on: ['email:tips', 'sms:tips'] }],
])('a post of %s changes nothing', async (name, fields) => {
  const customer = `posts ${name}`
  expect((await post(await linkOf(customer), fields as Record<string, string[]>)).status).toBe(200)
  expect(await historyOf(customer)).toEqual([])
})

test('is in the customer’s language', async () => {
  const link = await linkOf('german')
  await api.store.customers.identify('german', { locale: 'de-DE' }, 2)
  const { text } = await api.call('GET', link, undefined, anonymous)
  expect(text).toContain('<html lang="de">')
  for (const words of ['Was Sie von uns bekommen', 'Angebote und Erinnerungen', 'per SMS', 'Speichern'])
    expect(text).toContain(words)
  expect(text).not.toMatch(/<script|\bfetch\(/)
})
