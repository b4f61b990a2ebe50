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
