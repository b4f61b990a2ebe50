import type { Answer, Outgoing, Patience, Provider } from '../channel'
import { headerOf, httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { masked } from '../masked'
import type { Lookup } from '../public-address'
import { deviceOn } from './device'
import { vapidAuthorization, type VapidKeys } from './vapid'
import { encrypted, MOST_BYTES, subscriptionKeys } from './web-push-encryption'

export interface WebPushSettings {
  readonly keys: VapidKeys
  /** Whom a push service may turn to: `mailto:…` or an https address. */
  readonly subject: string
  /** Allows endpoints at loopback and private addresses: for development. */
  readonly allowPrivate: boolean
  readonly timeouts?: Partial<HttpTimeouts>
  /** For tests. */
  readonly lookup?: Lookup
}

/** How long a push service keeps what it cannot deliver yet, s. */
const TTL = 3 * 86_400

/**
 * Notifications to browsers by the push service of each (RFC 8030), encrypted (RFC 8291), signed by our key (RFC 8292). Whoever
 * subscribes names the address that is called, so only public ones are. It knows no repeats: what a service may have taken is
 * not sent again.
 */
export function webPush({ keys, subject, allowPrivate, timeouts, lookup }: WebPushSettings): Provider {
  const client = httpClient(timeouts, { allowPrivate, lookup })
  const authorization = vapidAuthorization(keys, subject)

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const [endpoint = '', key = '', secret = ''] = outgoing.address.split(' ')
    const theirs = subscriptionKeys(key, secret)
    if (!theirs || !URL.canParse(endpoint)) return noSubscription
    const text = Buffer.from(JSON.stringify(notificationOf(outgoing)))
    if (text.length > MOST_BYTES)
      return { is: 'refused', because: `it has ${text.length} bytes, and push services take ${MOST_BYTES}` }
    const headers = { ...headersOf(outgoing), authorization: authorization(new URL(endpoint).origin) }
    const told = await client.post({ url: endpoint, headers, body: encrypted(text, theirs) }, patience)
    return verdict(told, readingFor([endpoint, key, secret], outgoing.ref))
  }

  return {
    name: 'web-push',
    channel: 'web-push',
    idempotent: false,
    address: deviceOn('web-push'),
    send,
    close: client.close,
  }
}

// Not dead: the same browser may subscribe again, with keys that are right.
const noSubscription: Answer = { is: 'refused', because: 'the subscription has no usable keys' }

/** What our service worker shows. The tag is the ref: a second one of the same would take its place. */
const notificationOf = ({ ref, content: { title, text, link } }: Outgoing): object => ({
  title,
  body: text,
  tag: ref,
  ...(link && { link }),
})

const headersOf = ({ ref, category }: Outgoing) => ({
  'content-type': 'application/octet-stream',
  'content-encoding': 'aes128gcm',
  ttl: String(TTL),
  // Of those that wait for a browser under one topic the last alone is delivered.
  topic: ref,
  urgency: category === 'transactional' ? 'high' : 'normal',
})

const readingFor = (personal: readonly string[], ref: string): Reading => ({
  provider: 'the push service',
  accepted: (answer) =>
    TAKEN.includes(answer.status) ? (headerOf(answer.headers, 'location') ?? ref) : undefined,
  settled: (answer) => settledBy(answer, personal),
  refused: (answer) => ({ is: 'refused', because: words(answer, personal) }),
})

/** RFC 8030, 5: made, or to be made. */
const TAKEN = [201, 202]

/** RFC 8030, 5.3 and 7.3: the subscription has ended. */
const ENDED = [404, 410]

const settledBy = (answer: HttpAnswer, personal: readonly string[]): Answer | undefined =>
  ENDED.includes(answer.status)
    ? { is: 'refused', because: words(answer, personal), address: 'dead' }
    : undefined

const words = ({ status, text }: HttpAnswer, personal: readonly string[]): string =>
  `the push service said: ${`${status} ${masked(text, personal)}`.trim()}`
