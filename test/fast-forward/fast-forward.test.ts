import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open()))
afterAll(async () => world?.close())

const move = (customer: string, body: object): Promise<{ status: number; body: any }> =>
  world.call('POST', `/v1/customers/${customer}/fast-forward`, body)

const now = async (id: string): Promise<number> =>
  Date.parse((await world.call('GET', `/v1/enrollments/${id}`)).body.now)

const DAY = 86_400_000

test('moves to the next wake-up of any enrollment, and tells what happened', async () => {
  await world.identify('mia', { email: 'mia@example.com' })
  await world.event('mia', 'Trial Started', { plan: 'team' })
  await world.event('mia', 'Cart Updated', { cart_id: 'c', total: 40 })
  await world.untilTouchpoints('mia', ['welcome sent'])
  const { body } = await move('mia', { to: 'next' })
  expect(body.movedMs).toBeGreaterThan(3_500_000)
  expect(body.movedMs).toBeLessThanOrEqual(3_600_000)
  expect(body.happened.map((each: any) => [each.is, each.touchpoint?.step])).toEqual([
    ['touchpoint', 'reminder'],
  ])
})

test('all of a customer’s enrollments move together, and later ones begin at that time', async () => {
  await world.identify('leo', { email: 'leo@example.com' })
  await world.event('leo', 'Trial Started', { plan: 'team' })
  await world.event('leo', 'Subscription Cancelled')
  const before = await now('trialOnboarding:leo')
  await move('leo', { by: '2 days' })
  await world.event('leo', 'Order Completed', { order_id: 'o', total: 10 })
  const [trial, order] = await Promise.all([now('trialOnboarding:leo'), now('postPurchase:leo:o')])
  expect(trial - before).toBeGreaterThanOrEqual(2 * DAY)
  expect(Math.abs(trial - order)).toBeLessThan(60_000)
  const customer = (await world.call('GET', '/v1/customers/leo')).body
  expect(JSON.stringify(customer)).toContain(String(2 * DAY))
})

test('a journey that hands over on the way hands over at its own time', async () => {
  await world.identify('pia', {
    email: 'pia@example.com',
    renewsAt: new Date(Date.now() + 60 * DAY).toISOString(),
  })
  await world.event('pia', 'Subscription Started', { plan: 'solo' })
  await world.event('pia', 'Subscription Cancelled')
  const { body } = await move('pia', { by: '90 days' })
  const sent = body.happened
    .filter((each: any) => each.is === 'touchpoint')
    .map((each: any) => each.touchpoint.step)
  expect(sent).toEqual(expect.arrayContaining(['what-is-new']))
  expect(await world.touchpoints('pia')).toEqual(['sorry sent', 'what-is-new sent'])
})

test('an enrollment that an interrupted move left behind is brought to the customer’s time', async () => {
  await world.identify('ida', { email: 'ida@example.com' })
  await world.event('ida', 'Trial Started', { plan: 'team' })
  await world.untilTouchpoints('ida', ['welcome sent'])
  // As an API leaves it that is killed between the customer's clock and the enrollments'.
  await world.store.customers.moveClock('ida', 2 * DAY)
  await move('ida', { by: '20 hours' })
  expect(await world.touchpoints('ida')).toEqual(['welcome sent'])
  await move('ida', { by: '5 hours' })
  const { waits } = (await world.call('GET', '/v1/enrollments/trialOnboarding:ida')).body
  expect(waits.map(({ step }: { step: string }) => step)).toEqual(['a-good-morning'])
})

test('a move is over before what it wakes is done, so that the server skips nothing on its behalf later', async () => {
  await world.identify('una', { email: 'una@example.com' })
  await world.event('una', 'Cart Updated', { cart_id: 'c', total: 40 })
  await move('una', { to: 'next' })
  await world.untilTouchpoints('una', ['reminder sent'])
  const { events } = await world.client.workflow.getHandle('cartRecovery:una:c').fetchHistory()
  const moves = events!.flatMap((each) => each.workflowExecutionTimeSkippingTransitionedEventAttributes ?? [])
  expect(moves.map(({ disabledAfterFastForward }) => disabledAfterFastForward)).toEqual([true])
})

test('a paused enrollment wakes nobody, and time passes all the same', async () => {
  await world.identify('tom', { email: 'tom@example.com' })
  await world.event('tom', 'Trial Started', { plan: 'team' })
  await world.untilTouchpoints('tom', ['welcome sent'])
  await world.call('POST', '/v1/enrollments/trialOnboarding:tom/pause', {})
  const before = await now('trialOnboarding:tom')
  await move('tom', { by: '20 days' })
  expect((await now('trialOnboarding:tom')) - before).toBeGreaterThanOrEqual(20 * DAY)
  expect(await world.touchpoints('tom')).toEqual(['welcome sent'])
})

test.each([{}, { by: '3' }, { by: '-3 days' }, { to: 'tomorrow' }, { by: '1 day', to: 'next' }])(
  'refuses %j',
  async (body) => {
    expect((await move('mia', body)).status).toBe(400)
  },
)

test('an unknown customer is not found', async () => {
  expect((await move('nobody', { by: '1 day' })).status).toBe(404)
})
