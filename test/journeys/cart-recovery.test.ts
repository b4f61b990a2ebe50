import { signedLinks } from '../../channels/links'
import { World } from '../support/world'

let world: World
beforeAll(async () => void (world = await World.open()))
afterAll(async () => world?.close())

const cart = (id: string, total: number): Record<string, unknown> => ({ cart_id: id, total, currency: 'EUR' })

async function shopper(customer: string): Promise<void> {
  await world.identify(customer, { email: `${customer}@example.com`, timezone: 'Europe/Berlin' })
}

test('nobody is reminded while still shopping, and twice at most after that', async () => {
  await shopper('lou')
  await world.event('lou', 'Cart Updated', cart('c1', 30))
  await world.forward('lou', '50 minutes')
  await world.event('lou', 'Cart Updated', cart('c1', 45))
  await world.forward('lou', '50 minutes')
  expect(await world.touchpoints('lou')).toEqual([])
  await world.restartWorker()
  await world.forward('lou', '10 days')
  expect(await world.touchpoints('lou')).toEqual(['reminder sent', 'last-reminder sent'])
  const last = (await world.touchpointRows('lou')).at(-1)!
  expect(new Date(last.at).toLocaleString('en-GB', { timeZone: 'Europe/Berlin', hour: 'numeric' })).toBe('18')
  await world.untilOutcomeOf('cartRecovery:lou:c1', { is: 'completed', because: 'the cart was left' })
})

test('an order of that cart ends it; the other cart goes on', async () => {
  await shopper('mo')
  await world.event('mo', 'Cart Updated', cart('c1', 30))
  await world.event('mo', 'Cart Updated', cart('c2', 99))
  await world.event('mo', 'Order Completed', { order_id: 'o1', cart_id: 'c1', total: 30 })
  await world.untilOutcomeOf('cartRecovery:mo:c1', { is: 'converted', event: 'Order Completed' })
  expect((await world.store.enrollments.get('cartRecovery:mo:c2'))?.status).toBe('running')
})

test('a small cart is left alone, and a repeated event starts nothing twice', async () => {
  await shopper('nia')
  await world.event('nia', 'Cart Updated', cart('small', 5))
  await world.event('nia', 'Cart Updated', cart('big', 50), 'the-same')
  await world.event('nia', 'Cart Updated', cart('big', 50), 'the-same')
  const { items } = await world.store.enrollments.list({ customerId: 'nia' }, { limit: 10 })
  expect(items.map(({ id, entry }) => [id, entry])).toEqual([['cartRecovery:nia:big', 1]])
})

test('who unsubscribed is not reminded', async () => {
  await shopper('otto')
  await world.store.consents.record({
    customerId: 'otto', channel: 'email', purpose: 'marketing', state: 'withdrawn', source: 'test', occurredAt: Date.now(),
  }) // prettier-ignore
  await world.event('otto', 'Cart Updated', cart('c1', 50))
  await world.forward('otto', '2 hours')
  expect(await world.touchpoints('otto')).toEqual(['reminder withheld unsubscribed'])
  await world.untilOutcomeOf('cartRecovery:otto:c1', { is: 'exited', because: 'unsubscribed' })
  expect(world.inbox.list({ to: 'otto@example.com' })).toEqual([])
})

test('a mail program’s one click on the first reminder, with the address in its header, keeps the second from going', async () => {
  await shopper('pia')
  await world.event('pia', 'Cart Updated', cart('c1', 50))
  await world.forward('pia', '2 hours')
  const [mail] = world.inbox.list({ to: 'pia@example.com' })
  const { headers, text } = (await world.inbox.get(mail!.id))!
  const [, address] = /^<(.+)>$/.exec(headers['list-unsubscribe']!)!
  const [touchpoint] = await world.touchpointRows('pia')
  expect(address).toBe(
    signedLinks(['a-secret-that-signs-links-in-tests-only'], 'http://127.0.0.1').unsubscribe(touchpoint!.ref),
  )
  expect(text).toContain(address)
  const answer = await fetch(world.url + new URL(address!).pathname, {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: headers['list-unsubscribe-post'],
  })
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null])
  await world.forward('pia', '3 days')
  expect(await world.touchpoints('pia')).toEqual(['reminder sent', 'last-reminder withheld unsubscribed'])
  expect(world.inbox.list({ to: 'pia@example.com' })).toHaveLength(1)
})
