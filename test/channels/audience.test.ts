import { createHash } from 'node:crypto'
import type { Answer, Outgoing, Patience, Provider } from '../../channels'
import { audienceWebhook } from '../../channels/audience/audience-webhook'
import { addToAudience, removeFromAudience } from '../../sdk'
import { askingOf, askRules, firstLimits, type ContactFacts } from '../../sdk/contact'
import { suppressionKey } from '../../store'
import type { TouchpointToDeliver } from '../../sdk/touchpoint'
import { audienceReceiver, audienceSecret, type Synced } from '../doubles/audience-receiver'
import type { Double, Mood } from '../doubles/provider'

let double: Double<Synced>
let provider: Provider
let count = 0
beforeAll(async () => {
  double = await audienceReceiver()
  provider = providerAt(double.url)
})
afterAll(async () => {
  await provider.close?.()
  await double.close()
})
beforeEach(() => {
  double.mood = 'well'
  double.taken.length = 0
})

function providerAt(url: string, secret = audienceSecret, more = {}): Provider {
  const endpoints = { ads: { url, secret, form: 'google' }, social: { url, secret, form: 'meta' } } as const
  return audienceWebhook({ endpoints, allowPrivate: true, timeoutMs: 3_000, ...more })
}

const outgoingTo = (endpoint: string, audience: object = {}, ref = `ref-${(count += 1)}`): Outgoing => ({
  touchpointId: 't',
  ref,
  endpoint,
  address: 'ada@example.com',
  content: { audience: { id: '4711', email: ' Ada@Example.com ', phone: '+49 30 123456', ...audience } },
  category: 'marketing',
})
const send = (outgoing: Outgoing, by = provider, patience: Patience = 'patient') =>
  by.send(outgoing, patience)

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
// By sha256sum of `ada@example.com`, `+4930123456` and `4930123456`.
const [mail, e164, digits] = ['ada@example.com', '+4930123456', '4930123456'].map(sha256)

it('hashes as the world does', () => {
  // FIPS 180-2, B.1.
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

it.each<[string, object]>([
  ['ads', { form: 'google', userIdentifiers: [{ hashedEmail: mail }, { hashedPhoneNumber: e164 }] }],
  ['social', { form: 'meta', payload: { schema: ['EMAIL', 'PHONE'], data: [[mail, digits]] } }],
])('puts a customer in and takes them out, in the words of the platform: %s', async (endpoint, customer) => {
  const [added, removed] = [outgoingTo(endpoint), outgoingTo(`${endpoint}/remove`)]
  expect(await send(added)).toEqual({ is: 'accepted', providerMessageId: added.ref })
  expect((await send(removed)).is).toBe('accepted')
  const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
  expect(double.taken).toEqual([
    { id: added.ref, body: { type: 'audience.add', timestamp, data: { audience: '4711', ...customer } } },
    {
      id: removed.ref,
      body: { type: 'audience.remove', timestamp, data: { audience: '4711', ...customer } },
    },
  ])
})

it('leaves out what is no mailbox and no number, and refuses what is left of nobody', async () => {
  await send(outgoingTo('social', { email: 'ada' }))
  await send(outgoingTo('social', { phone: '030 123' }))
  expect(double.taken.map(({ body }) => body.data.payload)).toEqual([
    { schema: ['PHONE'], data: [[digits]] },
    { schema: ['EMAIL'], data: [[mail]] },
  ])
  expect(await send(outgoingTo('ads', { email: 'ada', phone: undefined }))).toEqual({
    is: 'refused',
    because: 'neither its email nor its phone is one',
  })
})

describe('a conversation', () => {
  it.each<[Mood, Answer['is'], object]>([
    [{ status: 429, headers: { 'retry-after': '60' } }, 'busy', { because: 'the endpoint ads answered 429', retryAfterMs: 60_000 }],
    [{ status: 503 }, 'busy', {}],
    [{ status: 422 }, 'refused', { because: 'the endpoint ads answered 422' }],
    ['silent', 'busy', { because: 'the endpoint ads could not be reached (TimeoutError)' }],
    ['cut', 'busy', {}],
  ])('that goes badly: %j is %s', async (mood, is, more) => {
    double.mood = mood
    expect(await send(outgoingTo('ads'))).toMatchObject({ is, ...more })
  }) // prettier-ignore

  it('that is repeated counts once', async () => {
    const outgoing = outgoingTo('ads')
    double.mood = 'cut'
    await send(outgoing)
    double.mood = 'well'
    expect((await send(outgoing)).is).toBe('accepted')
    expect(double.taken).toHaveLength(1)
    expect(provider.idempotent).toBe(true)
  })

  it('with a wrong secret is refused, and takes nothing', async () => {
    const stranger = providerAt(
      double.url,
      `whsec_${Buffer.from('another secret, as long').toString('base64')}`,
    )
    expect(await send(outgoingTo('ads'), stranger)).toEqual({
      is: 'refused',
      because: 'the endpoint ads answered 401',
    })
    await stranger.close?.()
    expect(double.taken).toEqual([])
  })

  it.each(['other', 'constructor', '', 'other/remove'])(
    'with the endpoint %j is with nobody',
    async (endpoint) => {
      expect(await send(outgoingTo(endpoint))).toMatchObject({
        is: 'refused',
        because: expect.stringContaining('there is no audience endpoint'),
      })
    },
  )

  it('with an address of ours is refused', async () => {
    const careful = providerAt(double.url, audienceSecret, { allowPrivate: false })
    expect(await send(outgoingTo('ads'), careful)).toEqual({
      is: 'refused',
      because: 'the endpoint ads is not at a public address',
    })
    await careful.close?.()
  })
})

describe('the contact rules', () => {
  const traits = { email: 'ada@example.com', phone: '+4930123456' }
  const facts: ContactFacts = {
    customerId: 'ada', customer: { id: 'ada', traits }, consents: [], suppressedBecause: [], counted: [], rivals: [],
    wanted: [], otherEnrollments: 0, stops: [], limits: firstLimits,
  } // prettier-ignore
  const yes = { channel: 'audience', purpose: 'marketing', state: 'granted', occurredAt: 1 } as const
  const [add, remove] = [
    addToAudience('ads', 'win-back/lapsed'),
    removeFromAudience('ads', 'win-back/lapsed'),
  ]

  function asked(message: typeof add, more: Partial<ContactFacts> = {}) {
    const touchpoint = { journey: 'j', step: 's', category: message.category, message, at: Date.now() }
    const answered = askRules(
      askingOf('t', touchpoint as unknown as TouchpointToDeliver, provider),
      { ...facts, ...more },
      undefined,
    )
    const { judgment, address = '' } = answered
    return [judgment.is === 'withheld' ? judgment.because : judgment.is, suppressionKey('audience', address)]
  }

  it('put in who said yes and is not suppressed, by mailbox or number', () => {
    const mailbox = suppressionKey('email', traits.email)
    expect(asked(add)).toEqual(['no-consent', mailbox])
    expect(asked(add, { consents: [yes] })).toEqual(['allowed', mailbox])
    expect(asked(add, { consents: [{ ...yes, state: 'withdrawn' }] })).toEqual(['unsubscribed', mailbox])
    expect(asked(add, { consents: [yes], suppressedBecause: ['complaint'] })).toEqual(['suppressed', mailbox])
    const byPhone = { id: 'ada', traits: { phone: traits.phone } }
    expect(asked(add, { consents: [yes], customer: byPhone })).toEqual([
      'allowed',
      suppressionKey('sms', traits.phone),
    ])
    expect(asked(add, { consents: [yes], customer: { id: 'ada', traits: {} } })[0]).toBe('no-address')
  })

  it('take out whoever they are, also who said no, or is suppressed', () => {
    expect(asked(remove, { consents: [{ ...yes, state: 'withdrawn' }] })).toEqual(['allowed', undefined])
    // An id may look like a mailbox.
    const customer = { id: 'ada@example.com', traits }
    expect(asked(remove, { customer })).toEqual(['allowed', undefined])
  })
})
