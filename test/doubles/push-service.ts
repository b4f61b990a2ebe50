import { createPublicKey, generateKeyPairSync, randomBytes, verify, createECDH } from 'node:crypto'
import { createRequire } from 'node:module'
import { Double, type Asked, type Examined } from './provider'

// The reference implementation of RFC 8188, without types.
const ece = createRequire(__filename)('http_ece') as {
  decrypt(body: Buffer, params: { version: 'aes128gcm'; privateKey: object; authSecret: string }): Buffer
}

export interface Pushed {
  readonly location: string
  readonly headers: Asked['headers']
  readonly notification: any
}

/** A browser: its keys, with which it alone reads what it is sent. */
export function browser() {
  const keys = createECDH('prime256v1')
  keys.generateKeys()
  const auth = randomBytes(16).toString('base64url')
  return {
    p256dh: keys.getPublicKey('base64url'),
    auth,
    read: (body: Buffer): any =>
      JSON.parse(ece.decrypt(body, { version: 'aes128gcm', privateKey: keys, authSecret: auth }).toString()),
  }
}
export type Browser = ReturnType<typeof browser>

/** A pair of VAPID keys, as an application server has it. */
export function applicationServer(): { publicKey: string; privateKey: string } {
  const { x, y, d } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')])
  return { publicKey: point.toString('base64url'), privateKey: d! }
}

/**
 * A push service as RFC 8030 and 8292 have it, for subscriptions of one browser bound to one application server's key: /live,
 * and /gone and /none, which have ended.
 */
export async function pushServiceDouble(
  subscriber: Browser,
  server: { publicKey: string },
): Promise<Double<Pushed>> {
  const double: Double<Pushed> = await Double.open((asked) =>
    examine(asked, double.url, subscriber, server.publicKey),
  )
  return double
}

const fault = (status: number, body = ''): Examined<Pushed> => ({ says: { status, body } })

function examine(asked: Asked, origin: string, subscriber: Browser, serverKey: string): Examined<Pushed> {
  const { method, path, headers, bytes } = asked
  if (method !== 'POST') return fault(405)
  if (path === '/none') return fault(404)
  if (path === '/gone') return fault(410, `The subscription ${origin}${path} has expired`)
  if (!isSigned(headers.authorization ?? '', origin, serverKey))
    return fault(401, 'the key is not that of the subscription')
  if (!/^\d+$/.test(String(headers.ttl))) return fault(400, 'missing TTL')
  if (headers['content-encoding'] !== 'aes128gcm') return fault(415, 'unknown encoding')
  if (headers.topic && !/^[\w-]{1,32}$/.test(String(headers.topic))) return fault(400, 'invalid topic')
  if (headers.urgency && !['very-low', 'low', 'normal', 'high'].includes(String(headers.urgency)))
    return fault(400, 'invalid urgency')
  if (bytes.length > 4_096) return fault(413, 'too large')
  const location = `${origin}/message/${randomBytes(8).toString('hex')}`
  return {
    takes: { location, headers, notification: subscriber.read(bytes) },
    says: { status: 201, headers: { location } },
  }
}

function isSigned(authorization: string, origin: string, serverKey: string): boolean {
  const [, token = '', key] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? []
  if (key !== serverKey) return false
  const [head = '', claims = '', signature = ''] = token.split('.')
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  const hours = (exp - Date.now() / 1_000) / 3_600
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'))
  const known = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
  const bytes = Buffer.from(signature, 'base64url')
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: known, dsaEncoding: 'ieee-p1363' },
    bytes,
  )
  return signed && aud === origin && hours > 0 && hours <= 24 && /^(mailto:|https:)/.test(sub)
}
