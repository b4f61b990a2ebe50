import MailComposer from 'nodemailer/lib/mail-composer'
import type { Outgoing } from '../channel'
import { domainOf } from './address'

export interface Sender {
  readonly name: string
  readonly address: string
}

/** The same for every attempt at a touchpoint, so that a mail that did arrive twice can be told. */
export const messageIdOf = (ref: string, from: Sender): string =>
  `<${ref.replace(/[^\w-]/g, '_')}@${domainOf(from.address)}>`

/** The whole mail as bytes. Addresses go in as objects and values are encoded, so no value can add a header. */
export function compose(outgoing: Outgoing, from: Sender, to: string): Promise<Buffer> {
  const { subject, text, html } = outgoing.content
  const mail = new MailComposer({
    from: { name: from.name, address: from.address },
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: messageIdOf(outgoing.ref, from),
    headers: [...unsubscribeHeaders(outgoing), { key: 'Auto-Submitted', value: 'auto-generated' }],
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return mail.compile().build()
}

// RFC 8058. No Precedence: it was never standardized (RFC 2076 discourages it); RFC 3834 gives Auto-Submitted instead.
function unsubscribeHeaders(outgoing: Outgoing) {
  if (outgoing.category !== 'marketing' || !outgoing.unsubscribeUrl) return []
  const url = new URL(outgoing.unsubscribeUrl).href.replace(/[<>]/g, encodeURIComponent)
  return [
    { key: 'List-Unsubscribe', value: { prepared: true, value: `<${url}>` } },
    { key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
  ]
}
