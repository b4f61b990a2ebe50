import addressparser from 'nodemailer/lib/addressparser'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Outgoing } from '../channel'
import { domainOf, mailbox } from './address'

/** Under which a provider keeps our ref with a mail, and its receipts give it back. */
export const REF = 'sojourn_ref'

export interface Sender {
  readonly name: string
  readonly address: string
}

/** The same for every attempt at a touchpoint, so that a mail that did arrive twice can be told. */
export const messageIdOf = (ref: string, from: Sender): string =>
  `<${ref.replace(/[^\w-]/g, '_')}@${domainOf(from.address)}>`

/** How a mail is known, and answered, where that is not by the ref and at the sender. */
export interface Known {
  readonly messageId?: string
  readonly replyTo?: string
}

/** The whole mail as bytes. Addresses go in as objects and values are encoded, so no value can add a header. */
export function compose(
  outgoing: Outgoing,
  from: Sender,
  to: string,
  { messageId = messageIdOf(outgoing.ref, from), replyTo }: Known = {},
): Promise<Buffer> {
  const { subject, text, html } = outgoing.content
  const mail = new MailComposer({
    from: { name: from.name, address: from.address },
    to: { name: '', address: to },
    ...(replyTo !== undefined && { replyTo: { name: from.name, address: replyTo } }),
    subject,
    text,
    html,
    messageId,
    headers: [...oneClick(outgoing).map(asIs), { key: 'Auto-Submitted', value: 'auto-generated' }],
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return mail.compile().build()
}

// Prepared, so that a long address is not folded.
const asIs = ([key, value]: readonly [string, string]) => ({ key, value: { prepared: true, value } })

/**
 * The headers of one-click unsubscribing (RFC 8058), by name. No Precedence: it was never standardized (RFC 2076 discourages
 * it); RFC 3834 gives Auto-Submitted instead.
 */
export function oneClick({ category, unsubscribeUrl }: Outgoing): (readonly [string, string])[] {
  if (category !== 'marketing' || !unsubscribeUrl) return []
  const url = new URL(unsubscribeUrl).href.replace(/[<>]/g, encodeURIComponent)
  return [
    ['List-Unsubscribe', `<${url}>`],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
  ]
}

/** Throws with a sentence when it is not one mailbox: `Name <address>` or a bare address. */
export function senderOf(from: string): Sender {
  const [parsed, ...others] = addressparser(from)
  const address = parsed?.address ? mailbox(parsed.address) : undefined
  if (!address || others.length > 0)
    throw new Error('MAIL_FROM must be one email address, as in: Shop <hello@shop.example>')
  return { name: parsed?.name ?? '', address }
}
