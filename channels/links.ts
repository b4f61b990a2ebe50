import { createHmac, timingSafeEqual } from 'node:crypto'

/** Links in messages that work without a login: the address itself is signed. */
export interface SignedLinks {
  /** RFC 8058 address by which the receiver of this touchpoint unsubscribes. `ref` is the touchpoint's. */
  unsubscribe(ref: string): string
  /** The ref a token was made for, or undefined for one that no secret of ours signed. */
  verify(token: string): string | undefined
}

/** The first secret signs, all verify: put a new one in front and keep the old ones while their mails are about. */
export function signedLinks(secrets: readonly string[], publicUrl: string): SignedLinks {
  return {
    unsubscribe: (ref) =>
      `${publicUrl}/unsubscribe/${encodeURIComponent(`${ref}.${sign(newest(secrets), ref)}`)}`,
    verify(token) {
      const dot = token.lastIndexOf('.')
      const ref = token.slice(0, Math.max(dot, 0))
      const known = secrets.some((secret) => same(sign(secret, ref), token.slice(dot + 1)))
      return ref !== '' && known ? ref : undefined
    },
  }
}

function newest(secrets: readonly string[]): string {
  if (!secrets[0]) throw new Error('SECRET_KEYS is empty; links cannot be signed')
  return secrets[0]
}

// The purpose is signed too, so that this signature can never pass for another kind of link.
const sign = (secret: string, ref: string): string =>
  createHmac('sha256', secret).update(`unsubscribe:${ref}`).digest('base64url')

const same = (expected: string, given: string): boolean =>
  given.length === expected.length &&
  timingSafeEqual(Buffer.from(expected), Buffer.from(given.toWellFormed()).subarray(0, expected.length))
