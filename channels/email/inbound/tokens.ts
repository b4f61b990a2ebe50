import { createHmac } from 'node:crypto'
import { same } from '../../signed'

/** Names of touchpoints that mail servers carry about: 52 hex digits, since some of them change the case of letters. */
export interface MailTokens {
  /** `ref` is the touchpoint's: 16 bytes in base64url. */
  of(ref: string): string
  /** The ref of the first token in a text that we made; undefined where there is none. */
  refIn(text: string): string | undefined
}

const REF_DIGITS = 32
const SIGNATURE_DIGITS = 20
const TOKEN = new RegExp(`(?<![0-9a-z])[0-9a-f]{${REF_DIGITS + SIGNATURE_DIGITS}}(?![0-9a-z])`, 'gi')
// A text may be full of what looks like one.
const MOST_TRIED = 20

/** The first secret signs, all verify. */
export function mailTokens(secrets: readonly string[]): MailTokens {
  const [newest] = secrets
  if (newest === undefined) throw new Error('SECRET_KEYS is empty; the return path of mails cannot be signed')
  const made = (token: string): boolean =>
    secrets.some((secret) =>
      same(Buffer.from(signature(secret, token.slice(0, REF_DIGITS))), Buffer.from(token.slice(REF_DIGITS))),
    )
  return {
    of(ref) {
      const plain = Buffer.from(ref, 'base64url').toString('hex')
      return plain + signature(newest, plain)
    },
    refIn(text) {
      const found = (text.match(TOKEN) ?? []).slice(0, MOST_TRIED).map((token) => token.toLowerCase())
      const token = found.find(made)
      return token && Buffer.from(token.slice(0, REF_DIGITS), 'hex').toString('base64url')
    },
  }
}

const signature = (secret: string, plainRef: string): string =>
  createHmac('sha256', secret).update(`mail:${plainRef}`).digest('hex').slice(0, SIGNATURE_DIGITS)
