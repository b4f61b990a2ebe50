import { domainToASCII } from 'node:url'
import { mailTokens, type MailTokens } from './tokens'

/** Where mail servers and people answer our mails. */
export interface ReturnSettings {
  /** Its mail comes to our listener. */
  readonly domain: string
  /** The first signs, all verify. */
  readonly secrets: readonly string[]
  /** Whether people's answers go there, too: a Reply-To of ours instead of the sender's mailbox. */
  readonly replies: boolean
}

export interface ReturnAddresses {
  readonly tokens: MailTokens
  /** The sender in the envelope: a variable one (VERP), so that whatever comes back names the touchpoint. */
  path(ref: string): string
  /** Undefined where answers go to the sender's mailbox. */
  replyTo(ref: string): string | undefined
  /** Whether mail to the address is taken. */
  isOurs(address: string): boolean
}

// Feedback loops are registered with one address, and mailboxes forwarded to one.
const SHARED = ['complaints', 'replies']
const SIGNED = /^(bounce|reply)-[0-9a-f]+$/i

export function returnAddresses({ domain, secrets, replies }: ReturnSettings): ReturnAddresses {
  const tokens = mailTokens(secrets)
  const isOurLocal = (local: string): boolean =>
    SHARED.includes(local) || (SIGNED.test(local) && tokens.refIn(local) !== undefined)
  return {
    tokens,
    path: (ref) => `bounce-${tokens.of(ref)}@${domain}`,
    replyTo: (ref) => (replies ? `reply-${tokens.of(ref)}@${domain}` : undefined),
    isOurs(address) {
      const at = address.lastIndexOf('@')
      return (
        domainToASCII(address.slice(at + 1)).toLowerCase() === domain.toLowerCase() &&
        isOurLocal(address.slice(0, at).toLowerCase())
      )
    },
  }
}
