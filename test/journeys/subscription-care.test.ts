import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open()))
afterAll(async () => world?.close())

async function subscriber(customer: string, traits: Record<string, unknown> = {}): Promise<void> {
  await world.identify(customer, {
    email: `${customer}@example.com`,
    timezone: 'America/New_York',
    ...traits,
  })
  await world.event(customer, 'Subscription Started', { plan: 'team' })
}

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

test('trouble is answered by a person first, and listened for again', async () => {
  await subscriber('anna')
  await world.event('anna', 'Support Searched', { query: 'export', results: 0 })
  await world.untilTouchpoints('anna', ['tell-the-team sent', 'offer-help sent'])
  await world.restartWorker()
  await world.event('anna', 'Help Requested', { topic: 'export' })
  await world.untilTouchpoints('anna', [
    'tell-the-team sent',
    'offer-help sent',
    'tell-the-team sent',
    'offer-help sent',
  ])
})

test('a failed payment is told even to somebody who wants no marketing', async () => {
  await subscriber('ben')
  await world.store.consents.record({
    customerId: 'ben',
    channel: 'email',
    purpose: 'marketing',
    state: 'withdrawn',
    source: 'test',
    occurredAt: Date.now(),
  })
  await world.event('ben', 'Payment Failed', { amount: 9 })
  await world.untilTouchpoints('ben', ['payment-failed sent'])
  await world.forward('ben', '11 days')
  expect(await world.touchpoints('ben')).toEqual(['payment-failed sent', 'call-about-payment sent'])
})

test('who leaves is handed over to win-back, once, and comes back', async () => {
  await subscriber('cleo')
  await world.event('cleo', 'Subscription Cancelled', {})
  await world.untilTouchpoints('cleo', ['sorry sent'])
  expect(await world.outcomes('cleo')).toMatchObject({
    subscriptionCare: { is: 'completed', because: 'continues as winBack' },
    winBack: 'running',
  })
  await world.forward('cleo', '80 days')
  expect(await world.touchpoints('cleo')).toEqual(['sorry sent', 'what-is-new sent'])
  await world.event('cleo', 'Subscription Started', { plan: 'solo' })
  await world.untilOutcome('cleo', 'winBack', { is: 'converted', event: 'Subscription Started' })
  const { items } = await world.store.enrollments.list(
    { customerId: 'cleo', journey: 'subscriptionCare' },
    { limit: 10 },
  )
  expect(items.map(({ entry, status }) => [entry, status])).toEqual([
    [2, 'running'],
    [1, 'ended'],
  ])
})

test('the renewal is asked for two weeks before the date in the profile, which may move', async () => {
  await subscriber('dora', { renewsAt: inDays(100), lifecycle: 'at-risk' })
  await world.forward('dora', '46 days')
  const before = (await world.call('GET', '/v1/enrollments/subscriptionCare:dora')).body
  await world.identify('dora', { renewsAt: inDays(110) })
  const { body } = await world.call('GET', '/v1/enrollments/subscriptionCare:dora')
  expect(Date.parse(body.waits[0].until) - Date.parse(before.waits[0].until)).toBe(10 * 86_400_000)
  await world.forward('dora', '60 days')
  expect(await world.touchpoints('dora')).toEqual(['still-useful sent'])
  await world.event('dora', 'Subscription Renewed', {})
  await world.untilOutcome('dora', 'subscriptionCare', { is: 'converted', event: 'Subscription Renewed' })
})
