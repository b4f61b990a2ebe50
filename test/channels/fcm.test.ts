import { fcm } from '../../channels/push/fcm'
import { serviceAccount } from '../../channels/push/google-token'
import type { Provider } from '../../channels'
import { fcmDouble, type FcmMessage } from '../doubles/fcm'
import { googleTokensDouble, keyFile, type GoogleTokens } from '../doubles/google-tokens'
import type { Double } from '../doubles/provider'
import { hasConversations, timeouts } from './conversation'

const device = `live-device:${'a'.repeat(40)}`
const outgoing = {
  touchpointId: 't',
  ref: 'ref-1',
  address: device,
  content: { title: 'Late', text: 'Your order is late', link: 'https://shop.example/orders/1' },
  category: 'transactional',
} as const

let tokens: GoogleTokens
let others: GoogleTokens
beforeAll(async () => {
  tokens = await googleTokensDouble()
  others = await googleTokensDouble()
})
afterAll(async () => {
  await tokens.close()
  await others.close()
})

const providerAt = (url: string, by = tokens, more: object = {}): Provider =>
  fcm({ account: serviceAccount(keyFile(by.url, more))!, url, timeouts })

const dead = (code: string, words: string) =>
  ({ is: 'refused', because: `FCM said: ${code} ${words}`, address: 'dead' }) as const

describe('conversations', () => {
  hasConversations<FcmMessage>({
    double: () => fcmDouble(tokens.valid),
    provider: (url, wrongKey) => providerAt(url, wrongKey ? others : tokens),
    outgoing,
    idOf: ({ name }) => name,
    throttled: {
      says: {
        status: 429,
        headers: { 'retry-after': '120' },
        body: { error: { status: 'RESOURCE_EXHAUSTED' } },
      },
      retryAfterMs: 120_000,
    },
    refusals: [
      {
        name: 'a device where the app is gone',
        outgoing: { ...outgoing, address: `gone-${device}` },
        answer: dead('UNREGISTERED', 'Requested entity was not found.'),
      },
      {
        name: 'a token that is none',
        outgoing: { ...outgoing, address: 'no-token' },
        answer: dead('INVALID_ARGUMENT', 'The registration token is not a valid FCM registration token'),
      },
      {
        name: 'a token of another project, which may be our mistake',
        outgoing: { ...outgoing, address: `theirs-${device}` },
        answer: { is: 'refused', because: 'FCM said: SENDER_ID_MISMATCH SenderId mismatch' },
      },
      {
        name: 'too long a text',
        outgoing: { ...outgoing, content: { title: 'x', text: 'x'.repeat(4_096) } },
        answer: { is: 'refused', because: 'FCM said: INVALID_ARGUMENT Android message is too big' },
      },
    ],
  })
})

describe('at FCM', () => {
  let double: Double<FcmMessage>
  beforeEach(async () => {
    tokens.mood = 'well'
    tokens.taken.length = 0
    double = await fcmDouble(tokens.valid)
  })
  afterEach(() => double.close())

  const sending = async (provider: Provider, times = 1, more = {}) => {
    const answers = []
    for (let time = 0; time < times; time++)
      answers.push(await provider.send({ ...outgoing, ...more }, 'patient'))
    return answers
  }

  it('is known by its ref, and calls at once only when it must', async () => {
    const provider = providerAt(double.url)
    await sending(provider)
    await sending(provider, 1, { category: 'marketing', content: { title: 'News', text: 'Now' } })
    await provider.close?.()
    expect(double.taken.map(({ message }) => message)).toEqual([
      {
        token: device,
        notification: { title: 'Late', body: 'Your order is late' },
        data: { ref: 'ref-1', link: 'https://shop.example/orders/1' },
        android: { priority: 'HIGH', notification: { tag: 'ref-1' } },
        apns: { headers: { 'apns-collapse-id': 'ref-1', 'apns-priority': '10' } },
      },
      expect.objectContaining({
        data: { ref: 'ref-1' },
        android: { priority: 'NORMAL', notification: { tag: 'ref-1' } },
        apns: { headers: { 'apns-collapse-id': 'ref-1', 'apns-priority': '5' } },
      }),
    ])
  })

  it('goes with one access token for as long as that is good, also when many go at once', async () => {
    const provider = providerAt(double.url)
    await Promise.all(Array.from({ length: 5 }, () => sending(provider)))
    expect([double.taken.length, tokens.taken.length]).toEqual([5, 1])
    // Google took it back before its time.
    tokens.valid.clear()
    expect((await sending(provider, 2)).map(({ is }) => is)).toEqual(['busy', 'accepted'])
    expect(tokens.taken).toHaveLength(2)
    await provider.close?.()
  })

  it.each<[string, () => Promise<Provider>, string]>([
    ['a key that Google does not know', async () => providerAt(double.url, tokens, { private_key_id: 'old' }), '400, invalid_grant; look at FCM_SERVICE_ACCOUNT'], // prettier-ignore
    [
      'silence',
      async () => {
        tokens.mood = 'silent'
        return providerAt(double.url)
      },
      'the connection broke before the provider answered (AbortError)',
    ],
  ])('is busy without an access token: %s', async (_, make, because) => {
    const provider = await make()
    const [answer] = await sending(provider)
    expect(answer).toMatchObject({ is: 'busy', because: expect.stringContaining(because) })
    expect(double.taken).toEqual([])
    tokens.mood = 'well'
    await provider.close?.()
  })
})

it('reads the key file of a service account, and nothing else', () => {
  const url = 'https://oauth2.googleapis.com'
  expect(serviceAccount(keyFile(url))).toMatchObject({ projectId: 'shop-1', tokenUri: `${url}/token` })
  for (const wrong of [
    '',
    '{}',
    'null',
    keyFile(url, { private_key: 'none' }),
    keyFile(url, { project_id: 'a/../b' }),
  ])
    expect(serviceAccount(wrong)).toBeUndefined()
})
