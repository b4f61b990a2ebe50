import { onlyCarrier } from '../../channels/routes'
import { bodyOf, toEvent, type Message } from '../../api/segment'
import { deviceOn } from '../../channels/push/device'
import { push, type Manifest } from '../../sdk'
import { deviceNews } from '../../sdk/device'
import type { Store, StoredEvent } from '../../store'
import { misfit } from '../../catalog/misfit'
import type { Enrollments } from '../../workers/dispatcher/enrollments'
import { handling } from '../../workers/dispatcher/handling'
import { openStage, PlayedProvider } from '../activities/stage'
import { freshStore } from '../support/postgres'

let store: Store
beforeAll(async () => {
  store = await freshStore()
})
afterAll(() => store.close())

/** As a client of Customer.io's sends it, through our door and the dispatcher. */
async function posted(userId: string, event: string, context: unknown, properties: object = {}) {
  const message = bodyOf('track').parse({ userId, event, properties, context }) as Message
  const incoming = toEvent('track', message, { receivedAt: Date.now(), clockOf: () => 0 })
  const enrollments = { tell: async () => {} } as unknown as Enrollments
  const manifest = { build: 'b', journeys: {} } as unknown as Manifest
  const handle = handling({ store, manifest, enrollments, misfit, deletion: async () => ({ is: 'handled' }) })
  return { incoming, handled: await handle({ ...incoming, receivedAt: Date.now() } as StoredEvent) }
}

const subscription = {
  webpush_p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  webpush_auth: 'BTBZMqHH6r4Tts7J_aSIgg',
}

describe('devices come in as events', () => {
  const added = 'Device Created or Updated'

  it('of apps and browsers, in the form that clients send', async () => {
    const token = 'fcm-token-1'
    await posted('ada', added, { device: { token, type: 'ios', model: 'Phone' }, ip: '::1' })
    await posted('ada', added, { device: { token: 'https://push.example/s/1', type: 'web' } }, subscription)
    expect(await store.devices.ofCustomer('ada')).toMatchObject([
      { channel: 'web-push', address: `https://push.example/s/1 ${Object.values(subscription).join(' ')}` },
      { channel: 'push', address: token },
    ])
    await posted('ada', 'Device Deleted', { device: { token, type: 'ios' } })
    await posted('ada', 'Device Deleted', { device: { token: 'https://push.example/s/1', type: 'web' } })
    expect(await store.devices.ofCustomer('ada')).toEqual([])
  })

  it('and nothing of a device is kept with other events, which take any context', async () => {
    const { incoming } = await posted(
      'bea',
      'Order Placed',
      { device: { token: 't', type: 'ios' } },
      { total: 1 },
    )
    expect(incoming.properties).toEqual({ total: 1 })
    for (const context of [undefined, null, 'x', [], { device: null }, { device: 'x' }])
      expect((await posted('bea', 'Order Placed', context)).handled).toEqual({ is: 'handled' })
    expect(await store.devices.ofCustomer('bea')).toEqual([])
  })

  it.each([
    [undefined, {}, 'device: '],
    [{ device: { token: '', type: 'ios' } }, {}, 'device.token must be a text'],
    [{ device: { token: 'a b', type: 'ios' } }, {}, 'device.token must be a text'],
    [{ device: { token: 't' } }, {}, 'device.type: '],
    [{ device: { token: 'http://push.example/1', type: 'web' } }, subscription, 'an https URL'],
    [{ device: { token: 'https://push.example/1', type: 'web' } }, {}, 'webpush_p256dh and webpush_auth'],
    [{ device: { token: 'https://push.example/1', type: 'web' } }, { webpush_p256dh: 'a b', webpush_auth: 'x' }, 'webpush_p256dh'],
  ])('that is set aside where it says nothing usable: %j', async (context, properties, because) => {
    const { handled } = await posted('cy', added, context, properties)
    expect(handled).toEqual({ is: 'set-aside', because: expect.stringContaining(because) })
  }) // prettier-ignore

  it('of other names are none', () => expect(deviceNews('Order Placed', { device: {} })).toBeUndefined())
})

describe('a touchpoint reaches one device', () => {
  const dead = { is: 'refused', because: 'FCM said: UNREGISTERED', address: 'dead' } as const

  async function stageWith(...tokens: string[]) {
    const provider = new PlayedProvider('push', false)
    provider.address = deviceOn('push')
    const stage = await openStage(store, { carriers: () => onlyCarrier(provider) })
    stage.write('hello.push.liquid', 'title: Hello\n--- text\nHow are you?\n')
    for (const [at, token] of tokens.entries())
      await store.devices.seen(stage.customer, { channel: 'push', address: token }, at)
    const touchpoint = stage.touchpoint({ message: push('hello'), category: 'transactional' })
    return {
      stage,
      provider,
      touchpoint,
      sentTo: () => provider.sent.map(({ outgoing }) => outgoing.address),
    }
  }

  it('the one seen last, and where it is dead the next, for good', async () => {
    const { stage, provider, touchpoint, sentTo } = await stageWith('first', 'second', 'third')
    const { answer } = provider
    provider.answer = async (outgoing) => (outgoing.address === 'first' ? answer(outgoing) : dead)
    const busy = { is: 'busy', because: 'FCM said: UNREGISTERED; the next device is tried', retryAfterMs: 1 }
    expect(await stage.activities.deliver(touchpoint, 'inline')).toEqual(busy)
    await expect(stage.activities.deliver(touchpoint, 'patient')).rejects.toThrow('the next device is tried')
    expect(await stage.activities.deliver(touchpoint, 'patient')).toMatchObject({ is: 'sent' })
    expect(sentTo()).toEqual(['third', 'second', 'first'])
    // It comes back with an old backup of the app: nothing goes there all the same.
    await store.devices.seen(stage.customer, { channel: 'push', address: 'third' }, 99)
    const another = { ...touchpoint, step: 'again' }
    expect(await stage.activities.deliver(another, 'inline')).toMatchObject({ is: 'sent' })
    expect(sentTo()).toEqual(['third', 'second', 'first', 'first'])
    stage.close()
  })

  it('and fails where its only one is dead; the next finds no address', async () => {
    const { stage, provider, touchpoint } = await stageWith('only')
    provider.answer = async () => dead
    expect(await stage.activities.deliver(touchpoint, 'inline')).toMatchObject({
      is: 'failed',
      because: 'FCM said: UNREGISTERED',
    })
    expect(await stage.activities.deliver({ ...touchpoint, step: 'again' }, 'inline')).toMatchObject({
      is: 'withheld',
      because: 'no-address',
    })
    stage.close()
  })
})
