import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto'
import { jwt } from './jwt'

/** Who we are to push services (RFC 8292). */
export interface VapidKeys {
  /** As browsers want it for `applicationServerKey`: the uncompressed point in base64url. */
  readonly publicKey: string
  readonly privateKey: KeyObject
}

/** The pair of a private key, 32 bytes in base64url; undefined for anything else. */
export function vapidKeys(privateKey: string): VapidKeys | undefined {
  const d = Buffer.from(privateKey, 'base64url')
  if (d.length !== 32) return undefined
  try {
    const ecdh = createECDH('prime256v1')
    ecdh.setPrivateKey(d)
    const point = ecdh.getPublicKey()
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'))
    const jwk = { kty: 'EC', crv: 'P-256', d: d.toString('base64url'), x, y }
    return {
      publicKey: point.toString('base64url'),
      privateKey: createPrivateKey({ key: jwk, format: 'jwk' }),
    }
  } catch {
    return undefined
  }
}

/** A push service takes a token for 24 hours at most, and may be strict about clocks. */
const LIFE_MS = 12 * 60 * 60_000

/** Makes the Authorization for a push service's origin. One token serves for half its life: signing takes longer than all else. */
export function vapidAuthorization({ publicKey, privateKey }: VapidKeys, subject: string, now = Date.now) {
  const made = new Map<string, { readonly header: string; readonly until: number }>()
  return (origin: string): string => {
    const known = made.get(origin)
    if (known && now() < known.until) return known.header
    const claims = { aud: origin, exp: Math.floor((now() + LIFE_MS) / 1_000), sub: subject }
    const header = `vapid t=${jwt({ typ: 'JWT', alg: 'ES256' }, claims, privateKey)}, k=${publicKey}`
    if (made.size >= MOST_ORIGINS) made.clear()
    made.set(origin, { header, until: now() + LIFE_MS / 2 })
    return header
  }
}

/** There are a handful of push services; whoever names others fills no memory. */
const MOST_ORIGINS = 100
