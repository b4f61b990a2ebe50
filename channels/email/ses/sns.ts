import { verify, X509Certificate } from 'node:crypto'
import { request } from 'undici'
import { isObject, jsonIn, type JsonObject } from '../../json'

/** Fetches a text over https; undefined for any answer but 200. Rejects where nobody answers. */
export type FetchText = (url: URL) => Promise<string | undefined>

/** What Amazon SNS posts: a notification, or the question whether we want them. */
export type SnsMessage = Readonly<Record<string, string | undefined>>

// Nobody but AWS can put a certificate there, and no other address is ever called.
const HOST = /^sns\.[a-z0-9-]{3,32}\.amazonaws\.com(\.cn)?$/
const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']
const HASHES: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' }
const SIGNED: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
}
const CERTIFICATES_KEPT = 20
const FETCH_MS = 5_000
const MOST_BYTES = 64 * 1024

/** The message in a body; undefined where it is none. */
export function snsMessageIn(body: Buffer): SnsMessage | undefined {
  const given = snsObject(body)
  if (!given || !TYPES.includes(String(given.Type))) return undefined
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => typeof value === 'string'),
  ) as SnsMessage
}

function snsObject(body: Buffer): JsonObject | undefined {
  try {
    const given = jsonIn(body)
    return isObject(given) ? given : undefined
  } catch {
    return undefined
  }
}

/** Verifies messages with the certificates they name, of allow-listed hosts alone. */
export class SnsSignatures {
  private readonly known = new Map<string, Promise<X509Certificate | undefined>>()

  constructor(private readonly fetchText: FetchText = fetchAllowed) {}

  /** Rejects when the certificate cannot be fetched: then nobody knows. */
  async verify(message: SnsMessage, now: number): Promise<boolean> {
    const hash = HASHES[message.SignatureVersion ?? '']
    const url = allowed(message.SigningCertURL)
    if (!hash || !url || !url.pathname.endsWith('.pem')) return false
    const certificate = await this.certificateAt(url)
    if (!certificate || now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo))
      return false
    const signature = Buffer.from(message.Signature ?? '', 'base64')
    return verify(hash, Buffer.from(signedText(message)), certificate.publicKey, signature)
  }

  private certificateAt(url: URL): Promise<X509Certificate | undefined> {
    const known = this.known.get(url.href)
    if (known) return known
    if (this.known.size >= CERTIFICATES_KEPT) this.known.clear()
    const fetched = this.fetchText(url).then(certificateIn)
    this.known.set(url.href, fetched)
    const forget = (): boolean => this.known.delete(url.href)
    fetched.then((certificate) => certificate ?? forget(), forget)
    return fetched
  }
}

function certificateIn(pem: string | undefined): X509Certificate | undefined {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** Says yes to a topic's question whether we want its messages. Rejects unless AWS takes it: then it asks again. */
export async function confirmSubscription(
  { SubscribeURL }: SnsMessage,
  fetchText: FetchText = fetchAllowed,
): Promise<void> {
  const url = allowed(SubscribeURL)
  if (url && (await fetchText(url)) === undefined) throw new Error('Amazon SNS did not take the confirmation')
}

/** The URL where it is one of SNS itself: https, its own host, the usual port, no login. */
export function allowed(text: string | undefined): URL | undefined {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '')
    return undefined
  return HOST.test(url.hostname) ? url : undefined
}

const signedText = (message: SnsMessage): string =>
  (SIGNED[message.Type!] ?? SIGNED.SubscriptionConfirmation!)
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('')

/** Follows no redirect: the next address would be nobody's we know. */
async function fetchAllowed(url: URL): Promise<string | undefined> {
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(FETCH_MS) })
  const text = (await body.text()).slice(0, MOST_BYTES)
  return statusCode === 200 ? text : undefined
}
