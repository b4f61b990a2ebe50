import { suppressionKey } from '../../store'
import { describeOnBoth, fresh } from './on-both'
import { letAll, touchpointOf } from './requests'

describeOnBoth('devices', (on) => {
  const phone = (token: string) => ({ channel: 'push', address: token }) as const
  const browser = (endpoint: string, keys = 'p a') =>
    ({ channel: 'web-push', address: `${endpoint} ${keys}` }) as const
  const addresses = async (id: string) =>
    (await on.store.devices.ofCustomer(id)).map(({ address, dead }) => (dead ? `dead ${address}` : address))
  const customer = async (name: string) => {
    const id = fresh(name)
    await on.store.customers.identify(id, {}, 1)
    return id
  }

  test('are told with the one seen last first; what was seen later is not undone', async () => {
    const id = await customer('order')
    const { seen, gone } = on.store.devices
    const [old, young] = [phone(fresh('token')), phone(fresh('token'))]
    await seen(id, young, 20)
    await seen(id, old, 10)
    expect(await addresses(id)).toEqual([young.address, old.address])
    await seen(id, old, 30)
    await seen(id, old, 15)
    expect(await addresses(id)).toEqual([old.address, young.address])
    await gone(id, old, 29)
    await gone(id, young, 20)
    expect(await addresses(id)).toEqual([old.address])
  })

  test('belong to the customer they were seen with last', async () => {
    const [one, other] = [await customer('one'), await customer('other')]
    const shared = phone(fresh('token'))
    await on.store.devices.seen(one, shared, 1)
    await on.store.devices.seen(other, shared, 2)
    await on.store.devices.gone(one, shared, 3)
    expect([await addresses(one), await addresses(other)]).toEqual([[], [shared.address]])
  })

  test('that are browsers are known by their endpoint, whatever their keys', async () => {
    const id = await customer('browser')
    const endpoint = `https://push.example/${id}`
    await on.store.devices.seen(id, browser(endpoint, 'p1 a1'), 1)
    await on.store.devices.seen(id, browser(endpoint, 'p2 a2'), 2)
    expect(await addresses(id)).toEqual([`${endpoint} p2 a2`])
    await on.store.devices.gone(id, { channel: 'web-push', address: endpoint }, 3)
    expect(await addresses(id)).toEqual([])
  })

  test('are kept up to twenty a channel, and go with the customer into another', async () => {
    const [id, into] = [await customer('many'), await customer('into')]
    const tokens = Array.from({ length: 22 }, () => fresh('token'))
    await on.store.devices.seen(id, browser(`https://push.example/${id}`), 0)
    for (const [at, token] of tokens.entries()) await on.store.devices.seen(id, phone(token), at + 1)
    await on.store.customers.merge(id, into)
    expect(await addresses(into)).toEqual([...tokens.slice(2).reverse(), `https://push.example/${id} p a`])
    expect(await addresses(id)).toEqual(await addresses(into))
  })

  test('that are dead are shown, and no touchpoint goes there', async () => {
    const id = await customer('dead')
    const [alive, dead] = [phone(fresh('token')), phone(fresh('token'))]
    await on.store.devices.seen(id, alive, 1)
    await on.store.devices.seen(id, dead, 2)
    await on.store.suppressions.suppress(suppressionKey('push', dead.address), {
      reason: 'hard-bounce',
      source: 'fcm',
    })
    expect(await addresses(id)).toEqual([`dead ${dead.address}`, alive.address])
    let told: unknown
    await on.store.touchpoints.reserve(touchpointOf(id), 1_000, (facts, before) => {
      told = facts.customer?.devices
      return letAll(facts, before)
    })
    expect(told).toEqual([alive])
  })

  test('are gone with a deletion, at once', async () => {
    const id = await customer('deleted')
    await on.store.devices.seen(id, phone(fresh('token')), 1)
    await on.store.deletions.order(id, 'key', 60_000)
    expect(await addresses(id)).toEqual([])
    await expect(on.store.devices.seen(id, phone(fresh('token')), 2)).rejects.toThrow('being deleted')
  })
})
