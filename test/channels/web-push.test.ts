import { createECDH } from 'node:crypto'
import type { Outgoing } from '../../channels'
import type { Lookup } from '../../channels/public-address'
import { vapidAuthorization, vapidKeys } from '../../channels/push/vapid'
import { webPush } from '../../channels/push/web-push'
import { encrypted, MOST_BYTES, subscriptionKeys } from '../../channels/push/web-push-encryption'
import { applicationServer, browser, pushServiceDouble } from '../doubles/push-service'
import { hasConversations, timeouts } from './conversation'

const subscriber = browser()
const [ours, others] = [applicationServer(), applicationServer()]
const subscription = (path: string) => `https://push.example/${path} ${subscriber.p256dh} ${subscriber.auth}`
const outgoing: Outgoing = {
  touchpointId: 't',
  ref: 'ref-1',
  address: subscription('live'),
  content: { title: 'Late', text: 'Your order is läte', link: 'https://shop.example/1' },
  category: 'transactional',
}
const providerBy = ({ privateKey }: { privateKey: string }, more = {}) =>
  webPush({
    keys: vapidKeys(privateKey)!,
    subject: 'mailto:ops@shop.example',
    allowPrivate: true,
    timeouts,
    ...more,
  })
const at = (url: string, { ...rest }: Outgoing): Outgoing => ({
  ...rest,
  address: rest.address.replace('https://push.example', url),
})
const dead = (because: string) => ({ is: 'refused', because, address: 'dead' }) as const

describe('conversations', () => {
  hasConversations({
    double: () => pushServiceDouble(subscriber, ours),
    provider: (_, wrongKey) => providerBy(wrongKey ? others : ours),
    outgoing,
    at,
    idOf: ({ location }) => location,
    throttled: { says: { status: 429, headers: { 'retry-after': '30' } }, retryAfterMs: 30_000 },
    refusals: [
      {
        name: 'a subscription that has ended',
        outgoing: { ...outgoing, address: subscription('gone') },
        answer: dead('the push service said: 410 The subscription (address) has expired'),
      },
      {
        name: 'a subscription that is none',
        outgoing: { ...outgoing, address: subscription('none') },
        answer: dead('the push service said: 404'),
      },
      {
        name: 'keys that are none',
        outgoing: { ...outgoing, address: 'https://push.example/live BAAA AAAA' },
        answer: { is: 'refused', because: 'the subscription has no usable keys' },
      },
      {
        name: 'too long a text',
        outgoing: { ...outgoing, content: { title: 'x', text: 'x'.repeat(4_000) } },
        answer: { is: 'refused', because: 'it has 4037 bytes, and push services take 3993' },
      },
    ],
  })
})

it('shows what was written, under the ref, to the browser alone', async () => {
  const double = await pushServiceDouble(subscriber, ours)
  const provider = providerBy(ours)
  await provider.send(at(double.url, outgoing), 'inline')
  await provider.send(
    at(double.url, { ...outgoing, category: 'marketing', content: { title: 'a', text: 'b' } }),
    'inline',
  )
  await provider.close?.()
  await double.close()
  expect(double.taken.map(({ notification }) => notification)).toEqual([
    { title: 'Late', body: 'Your order is läte', tag: 'ref-1', link: 'https://shop.example/1' },
    { title: 'a', body: 'b', tag: 'ref-1' },
  ])
  expect(double.taken.map(({ headers }) => [headers.topic, headers.urgency, headers.ttl])).toEqual([
    ['ref-1', 'high', '259200'],
    ['ref-1', 'normal', '259200'],
  ])
})

it.each<[string, Lookup | undefined]>([
  ['https://127.0.0.1/push', undefined],
  ['https://[::1]/push', undefined],
  ['https://169.254.169.254/latest/meta-data', undefined],
  ['https://push.example/', (_host, _options, done) => done(null, [{ address: '10.0.0.7', family: 4 }])],
])('never calls %s, which is no public address', async (endpoint, lookup) => {
  const provider = providerBy(ours, { allowPrivate: false, lookup })
  const address = `${endpoint} ${subscriber.p256dh} ${subscriber.auth}`
  expect(await provider.send({ ...outgoing, address }, 'inline')).toEqual({
    is: 'refused',
    because: 'the address is not a public one',
  })
  await provider.close?.()
})

describe('encryption', () => {
  // RFC 8291, 5 and Appendix A.
  const example = {
    text: 'When I grow up, I want to be a watermelon',
    theirs: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    secret: 'BTBZMqHH6r4Tts7J_aSIgg',
    ours: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
    salt: 'DGv6ra1nlYgDCS1FRnbzlw',
    message:
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  }

  it('makes of the published example the published message', () => {
    const keys = createECDH('prime256v1')
    keys.setPrivateKey(example.ours, 'base64url')
    const theirs = subscriptionKeys(example.theirs, example.secret)!
    const made = encrypted(Buffer.from(example.text), theirs, Buffer.from(example.salt, 'base64url'), keys)
    expect(made.toString('base64url')).toBe(example.message)
  })

  it('is another each time, and as long as services take', () => {
    const keys = subscriptionKeys(subscriber.p256dh, subscriber.auth)!
    const text = Buffer.from(JSON.stringify('x'.repeat(MOST_BYTES - 2)))
    const [one, other] = [encrypted(text, keys), encrypted(text, keys)]
    expect(one.equals(other)).toBe(false)
    expect(one).toHaveLength(4_096)
    expect(subscriber.read(one)).toEqual(subscriber.read(other))
  })

  it.each([
    ['too short a secret', subscriber.p256dh, 'AAAA'],
    ['a compressed point', Buffer.alloc(33, 2).toString('base64url'), subscriber.auth],
    [
      'a point off the curve',
      Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url'),
      subscriber.auth,
    ],
    ['nothing', '', ''],
  ])('takes no keys with %s', (_, p256dh, auth) => expect(subscriptionKeys(p256dh, auth)).toBeUndefined())
})

describe('who we are', () => {
  it('is a P-256 key', () => {
    expect(vapidKeys(ours.privateKey)?.publicKey).toBe(ours.publicKey)
    for (const wrong of [
      '',
      'AAAA',
      Buffer.alloc(32).toString('base64url'),
      Buffer.alloc(32, 255).toString('base64url'),
    ])
      expect(vapidKeys(wrong)).toBeUndefined()
  })

  it('is signed once for each service, and anew before it runs out', () => {
    let now = Date.parse('2027-03-01T00:00:00Z')
    const authorization = vapidAuthorization(
      vapidKeys(ours.privateKey)!,
      'mailto:ops@shop.example',
      () => now,
    )
    const first = authorization('https://push.example')
    const claims = JSON.parse(Buffer.from(first.split('.')[1]!, 'base64url').toString())
    expect(claims).toEqual({
      aud: 'https://push.example',
      exp: now / 1_000 + 43_200,
      sub: 'mailto:ops@shop.example',
    })
    expect(authorization('https://push.example')).toBe(first)
    expect(authorization('https://other.example')).not.toBe(first)
    now += 6 * 3_600_000
    expect(authorization('https://push.example')).not.toBe(first)
  })
})
