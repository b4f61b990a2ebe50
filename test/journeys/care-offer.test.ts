import { isKeptOut } from '../../sdk/definition'
import type { DecisionRow } from '../../store/store'
import { until } from '../support/until'
import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open()))
afterAll(async () => world?.close())

const decisionOf = async (customer: string): Promise<DecisionRow> => {
  const found = () => world.store.decisions.ofCustomer(customer, { limit: 1 })
  await until(async () => (await found()).items.length > 0)
  return (await found()).items[0]!
}

/** A customer who is not held out: 1 in 10 is. */
async function leaving(name: string, traits: object, properties: object): Promise<string> {
  for (let at = 0; ; at++) {
    const customer = `${name}-${at}`
    await world.identify(customer, { email: `${customer}@example.com`, ...traits })
    await world.event(customer, 'Cancellation Considered', { ...properties })
    const { body } = await world.call('GET', `/v1/enrollments/careOffer:${customer}`)
    if (!body.heldOut) return customer
  }
}

const sent: Record<string, string[]> = {
  discount: ['discount sent'],
  coaching: ['coaching sent'],
  call: ['call sent'],
  nothing: [],
}

test('one of four is chosen by who it is, sent, and the renewal is its reward', async () => {
  const customer = await leaving(
    'mo',
    { plan: 'pro', phone: '+49 30 1' },
    { reason: 'price', tenure_months: 18 },
  )
  const decision = await decisionOf(customer)
  expect(decision).toMatchObject({ how: 'policy', context: { plan: 'pro', reason: 'price', years: 1.5 } })
  expect(decision.arms.map(({ arm }) => arm)).toEqual(['discount', 'coaching', 'call', 'nothing'])
  await world.untilTouchpoints(customer, sent[decision.arm]!)
  await world.event(customer, 'Subscription Renewed')
  await world.untilOutcome(customer, 'careOffer', { is: 'converted', event: 'Subscription Renewed' })
  expect((await decisionOf(customer)).reward).toBe(1)
})

test('nobody is called without a number, or offered money for what is missing; and a cancellation is no reward', async () => {
  const customer = await leaving('nell', {}, { reason: 'missing feature' })
  const { arms, passedOver } = await decisionOf(customer)
  expect(arms.map(({ arm }) => arm)).toEqual(['coaching', 'nothing'])
  expect(passedOver).toEqual([
    { arm: 'discount', because: 'not-suitable' },
    { arm: 'call', because: 'not-eligible' },
  ])
  await world.event(customer, 'Subscription Cancelled')
  await world.untilOutcome(customer, 'careOffer', { is: 'exited', because: 'Subscription Cancelled' })
  expect((await decisionOf(customer)).reward).toBeNull()
})

test('a customer who said no to mail is offered what goes another way, and the rule is on record', async () => {
  await world.identify('nadia', { email: 'nadia@example.com', phone: '+49 30 2' })
  const no = { channel: 'email', purpose: 'marketing', state: 'withdrawn' }
  expect((await world.call('PUT', '/v1/customers/nadia/consents', { consents: [no] })).status).toBe(200)
  await world.event('nadia', 'Cancellation Considered', { reason: 'price' })
  const { arms, passedOver } = await decisionOf('nadia')
  expect(arms.map(({ arm }) => arm)).toEqual(['call', 'nothing'])
  expect(passedOver).toMatchObject([
    { arm: 'discount', because: 'withheld', rule: 'consent' },
    { arm: 'coaching', because: 'withheld', rule: 'consent' },
  ])
})

test('the journey’s report knows who is held out while they still run', async () => {
  const kept = Array.from({ length: 100 }, (_, at) => `kept-${at}`).filter((id) =>
    isKeptOut('careOffer', id, 0.1),
  )
  await world.event(kept[0]!, 'Cancellation Considered', { reason: 'price' })
  const report = async () => (await world.call('GET', '/v1/journeys/careOffer/report?within=1 second')).body
  await until(async () => (await report()).heldOut.of > 0, report)
  expect((await report()).treated.of).toBeGreaterThan(0)
})
