import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open()))
afterAll(async () => world?.close())

async function order(customer: string, id: string, total = 80): Promise<void> {
  await world.identify(customer, { email: `${customer}@example.com`, timezone: 'Asia/Kolkata' })
  await world.event(customer, 'Order Completed', { order_id: id, total })
}

test('from delivery to a review, a recommendation and the next order', async () => {
  await order('ida', 'o-1')
  await world.event('ida', 'Order Delivered', { order_id: 'o-1' })
  await world.forward('ida', '7 days')
  await world.event('ida', 'Product Reviewed', { order_id: 'o-1', rating: 5 })
  await world.untilTouchpoints('ida', ['how-is-it sent', 'recommend sent'])
  expect((await world.store.customers.get('ida'))?.traits).toMatchObject({ lifecycle: 'advocate' })
  await world.event('ida', 'Referral Made', {})
  await world.forward('ida', '60 days')
  expect(await world.touchpoints('ida')).toEqual(['how-is-it sent', 'recommend sent', 'thanks sent'])
  await world.event('ida', 'Order Completed', { order_id: 'o-2', total: 20 })
  await world.untilOutcomeOf('postPurchase:ida:o-1', { is: 'completed', because: 'ordered again' })
})

test('a late parcel: the customer is told before having to ask', async () => {
  await order('jan', 'o-9')
  await world.forward('jan', '10 days')
  expect(await world.touchpoints('jan')).toEqual(['where-is-it sent', 'late sent'])
  await world.restartWorker()
  await world.event('jan', 'Order Delivered', { order_id: 'o-9' })
  await world.forward('jan', '7 days')
  expect(await world.touchpoints('jan')).toEqual(['where-is-it sent', 'late sent', 'how-is-it sent'])
})

test('two orders live side by side; a cancelled one ends alone', async () => {
  await order('kim', 'a/1')
  await order('kim', 'b:2')
  await world.event('kim', 'Order Cancelled', { order_id: 'a/1' })
  await world.untilOutcomeOf('postPurchase:kim:a%2F1', { is: 'exited', because: 'Order Cancelled' })
  expect((await world.store.enrollments.get('postPurchase:kim:b%3A2'))?.status).toBe('running')
})
