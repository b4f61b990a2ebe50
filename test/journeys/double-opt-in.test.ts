import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open()))
afterAll(async () => world?.close())

const reader = (customer: string): Promise<void> =>
  world.identify(customer, { email: `${customer}@example.com` })
const asks = (customer: string, topic = 'tips'): Promise<void> =>
  world.event(customer, 'Newsletter Requested', { topic })
const wordsOf = (customer: string) => world.store.consents.current(customer)

/** Path of the link in the newest mail to the customer. */
async function linkOf(customer: string): Promise<string> {
  const [mail] = world.inbox.list({ to: `${customer}@example.com` })
  const { text, headers } = (await world.inbox.get(mail!.id))!
  expect(headers['list-unsubscribe']).toBeUndefined()
  return new URL(/http\S+\/confirm\/\S+/.exec(text)![0]).pathname
}

const page = async (method: string, path: string): Promise<[number, string]> => {
  const response = await fetch(world.url + path, { method, redirect: 'manual' })
  return [response.status, await response.text()]
}

test('a yes from the mailbox is consent with its proof, and ends the journey', async () => {
  await reader('ida')
  await asks('ida')
  await world.untilTouchpoints('ida', ['ask sent'])
  const link = await linkOf('ida')
  expect(await page('GET', link)).toEqual([
    200,
    expect.stringContaining('Do you want to get “Tips” from us by email?'),
  ])
  expect(await wordsOf('ida')).toEqual([])
  await world.restartWorker()
  expect(await page('POST', link)).toEqual([200, expect.stringContaining('It is confirmed')])
  expect(await wordsOf('ida')).toMatchObject([
    {
      channel: 'email',
      purpose: 'tips',
      state: 'granted',
      basis: 'double-opt-in',
      source: 'confirm-link',
      proof: { touchpoint: expect.any(String), message: 'consent/confirm', askedAt: expect.any(String) },
    },
  ])
  await world.untilOutcomeOf('doubleOptIn:ida:tips', { is: 'completed', because: 'confirmed' })
  for (const method of ['POST', 'GET'])
    expect(await page(method, link)).toEqual([200, expect.stringContaining('Thank you')])
  expect((await world.store.consents.history('ida', { limit: 10 })).items).toHaveLength(1)
})

test('all marketing may be asked for, beside a topic', async () => {
  await reader('jan')
  await asks('jan')
  await world.untilTouchpoints('jan', ['ask sent'])
  await asks('jan', 'marketing')
  await world.untilTouchpoints('jan', ['ask sent', 'ask sent'])
  const link = await linkOf('jan')
  await Promise.all([page('POST', link), page('POST', link), page('POST', link)])
  await world.untilOutcomeOf('doubleOptIn:jan:marketing', { is: 'completed', because: 'confirmed' })
  expect(await wordsOf('jan')).toMatchObject([{ purpose: 'marketing', state: 'granted' }])
  expect((await world.store.enrollments.get('doubleOptIn:jan:tips'))?.status).toBe('running')
})

test('without an answer it ends after seven days, and the link with it', async () => {
  await reader('kai')
  await asks('kai')
  await asks('kai')
  await world.untilTouchpoints('kai', ['ask sent'])
  const link = await linkOf('kai')
  await world.forward('kai', '8 days')
  await world.untilOutcomeOf('doubleOptIn:kai:tips', { is: 'exited', because: 'did not confirm' })
  for (const method of ['GET', 'POST'])
    expect(await page(method, link)).toEqual([404, expect.stringContaining('This link does not work')])
  expect(await wordsOf('kai')).toEqual([])
})

test('who wants no marketing is still asked, as they asked for it; an address that must not be used is not', async () => {
  await reader('lia')
  await world.store.consents.record({
    customerId: 'lia', channel: 'email', purpose: 'marketing', state: 'withdrawn', source: 'test', occurredAt: Date.now(),
  }) // prettier-ignore
  await asks('lia')
  await world.untilTouchpoints('lia', ['ask sent'])
  await reader('max')
  const address = { channel: 'email', address: 'max@example.com', reason: 'legal' }
  expect((await world.call('POST', '/v1/suppressions', address)).status).toBe(201)
  await asks('max')
  await world.untilOutcomeOf('doubleOptIn:max:tips', {
    is: 'exited',
    because: 'could not be asked: suppressed',
  })
})

test('a topic nobody knows is set aside', async () => {
  await reader('noa')
  await world.event('noa', 'Newsletter Requested', { topic: 'tipps' }, 'strange-topic')
  expect(await world.store.events.byMessageId('strange-topic')).toMatchObject({ state: 'set-aside' })
})
