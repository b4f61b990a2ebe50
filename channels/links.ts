import { createHmac } from 'node:crypto'
import { same } from './signed'

/** What a link lets its holder do. A signature for one never passes for another. */
export type LinkPurpose = 'unsubscribe' | 'preferences' | 'confirm'

/** Links in messages that work without a login: the address itself is signed. `ref` is the touchpoint's; nothing else is in them. */
export interface Links {
  /** RFC 8058 address by which the receiver of this touchpoint unsubscribes. */
  unsubscribe(ref: string): string
  /** Where they choose what they hear about. */
  preferences(ref: string): string
  /** Where they confirm that the address is theirs and that they want to hear from us. */
  confirm(ref: string): string
}

export interface SignedLinks extends Links {
  /** The ref a token was made for, or undefined for one that no secret of ours signed for this purpose. */
  verify(purpose: LinkPurpose, token: string): string | undefined
}

/** The first secret signs, all verify: put a new one in front and keep the old ones while their mails are about. */
export function signedLinks(secrets: readonly string[], publicUrl: string): SignedLinks {
  const link = (purpose: LinkPurpose, ref: string): string =>
    `${publicUrl}/${purpose}/${encodeURIComponent(`${ref}.${sign(newest(secrets), purpose, ref)}`)}`
  return {
    unsubscribe: (ref) => link('unsubscribe', ref),
    preferences: (ref) => link('preferences', ref),
    confirm: (ref) => link('confirm', ref),
    verify(purpose, token) {
      const dot = token.lastIndexOf('.')
      const ref = token.slice(0, Math.max(dot, 0))
      const given = Buffer.from(token.slice(dot + 1))
      const known = secrets.some((secret) => same(Buffer.from(sign(secret, purpose, ref)), given))
      return ref !== '' && known ? ref : undefined
    },
  }
}

function newest(secrets: readonly string[]): string {
  if (!secrets[0]) throw new Error('SECRET_KEYS is empty; links cannot be signed')
  return secrets[0]
}

const sign = (secret: string, purpose: LinkPurpose, ref: string): string =>
  createHmac('sha256', secret).update(`${purpose}:${ref}`).digest('base64url')
