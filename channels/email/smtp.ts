import { parseConnectionUrl } from 'nodemailer/lib/shared'
import type { Answer, Outgoing, Patience, Provider } from '../channel'
import { emailOf, mailbox, noMailbox } from './address'
import { dkimSigner, type DkimSettings } from './dkim'
import { returnAddresses, type ReturnAddresses, type ReturnSettings } from './inbound/addresses'
import { LineFault, type LineSettings, type Mail } from './line'
import { compose, messageIdOf, senderOf, type Known, type Sender } from './mime'
import { Pool } from './pool'
import { verdict } from './verdict'

export interface SmtpSettings {
  /** `smtp://` (STARTTLS where offered; `?requireTLS=true` insists) or `smtps://`, with user and password where needed. */
  readonly url: string
  /** `Name <address>` or a bare address. */
  readonly from: string
  /** Our public address; its host is how we greet the mail server. */
  readonly publicUrl?: string
  /** Signs every mail; without it, the mail server may. */
  readonly dkim?: DkimSettings
  /** Where bounces come back to; without it, to the sender's mailbox. */
  readonly returns?: ReturnSettings
  readonly timeouts?: Partial<Timeouts>
  /** Connections at once; default 10. */
  readonly connections?: number
}

/** Milliseconds. `inline` and `patient` bound everything before the body, `reply` the body and the server's word on it. */
export interface Timeouts {
  readonly inline: number
  readonly patient: number
  readonly reply: number
}

const TIMEOUTS: Timeouts = { inline: 3_000, patient: 30_000, reply: 60_000 }

/** Email through any SMTP server. Throws at once when url or from are unusable. */
export function smtp(settings: SmtpSettings): Provider {
  const from = senderOf(settings.from)
  const sign = dkimSigner(settings.dkim ?? {}, from.address) ?? ((raw) => Promise.resolve(raw))
  const line = lineSettings(settings)
  const timeouts = { ...TIMEOUTS, ...settings.timeouts }
  const pool = new Pool(line, settings.connections ?? 10)
  const returns = settings.returns && returnAddresses(settings.returns)

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const to = mailbox(outgoing.address)
    if (!to) return noMailbox
    try {
      const known = knownBy(outgoing.ref, from, returns)
      const raw = await sign(await compose(outgoing, from, to, known))
      const mail = { from: returns?.path(outgoing.ref) ?? from.address, to, raw }
      const serverId = await handOver(pool, mail, performance.now() + timeouts[patience], timeouts.reply)
      return { is: 'accepted', providerMessageId: serverId ?? known.messageId }
    } catch (error) {
      if (!(error instanceof LineFault))
        return { is: 'busy', because: `the mail could not be composed (${(error as Error).name})` }
      return verdict(error, [to, to.slice(0, to.lastIndexOf('@')), line.auth?.user ?? ''])
    }
  }

  return {
    name: 'smtp',
    channel: 'email',
    idempotent: false,
    address: emailOf,
    send,
    close: async () => pool.close(),
  }
}

/** The Message-ID names the touchpoint for those who do not answer to the return path: complaints, answers. */
const knownBy = (
  ref: string,
  from: Sender,
  returns: ReturnAddresses | undefined,
): Known & { readonly messageId: string } => ({
  messageId: messageIdOf(returns?.tokens.of(ref) ?? ref, from),
  replyTo: returns?.replyTo(ref),
})

/** Resolves with the id the server gave the mail, when it says that it replaced ours. */
async function handOver(
  pool: Pool,
  mail: Mail,
  deadline: number,
  replyMs: number,
  wanted?: 'new',
): Promise<string | undefined> {
  const line = await pool.take(deadline, wanted)
  try {
    const info = await line.send(mail, deadline - performance.now(), replyMs)
    pool.give(line)
    return info.serverMessageId
  } catch (error) {
    const fault = error as LineFault
    const answered = fault.reason.code === 'EENVELOPE' && fault.reason.responseCode !== 421
    pool.discard(line, answered ? 'quit' : 'close')
    // A line kept from an earlier mail may have died meanwhile; nothing was handed over, so a new one is tried at once.
    const stale = line.sent > 0 && !fault.bodyBegun && !answered
    if (stale) return handOver(pool, mail, deadline, replyMs, 'new')
    throw fault
  }
}

function lineSettings({ url, publicUrl }: SmtpSettings): LineSettings {
  if (!/^smtps?:\/\/./.test(url) || !URL.canParse(url)) {
    throw new Error('SMTP_URL must read smtp://host:port or smtps://user:password@host:port')
  }
  // Only these: an address could also switch on nodemailer's logging of whole messages.
  const parsed = parseConnectionUrl(url) as LineSettings['connection'] & Pick<LineSettings, 'auth'>
  const { host, port, secure, auth, requireTLS, ignoreTLS, tls, name, servername } = parsed
  const greeting = name ?? (publicUrl ? greetingName(publicUrl) : undefined)
  return { connection: { host, port, secure, requireTLS, ignoreTLS, tls, name: greeting, servername }, auth }
}

const greetingName = (publicUrl: string): string | undefined => {
  const { hostname } = new URL(publicUrl)
  return hostname.includes('.') && !/^[\d.]+$/.test(hostname) ? hostname : undefined
}
