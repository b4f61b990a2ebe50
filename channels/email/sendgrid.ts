import { createPublicKey, verify as verifySignature, type KeyObject } from 'node:crypto'
import type { Receipt } from '../../sdk'
import {
  MalformedReceipt,
  type Answer,
  type Arrival,
  type Outgoing,
  type Patience,
  type Provider,
  type ReceiptSource,
} from '../channel'
import { headerOf, httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { isObject, jsonIn, objectOf, textOf, type JsonObject } from '../json'
import { isMachine } from '../machine'
import { masked } from '../masked'
import { emailOf, mailbox, noMailbox } from './address'
import { oneClick, REF, senderOf, type Sender } from './mime'

export interface SendgridSettings {
  readonly apiKey: string
  /** `https://api.sendgrid.com`, or `https://api.eu.sendgrid.com` for accounts in the EU. */
  readonly url: string
  /** `Name <address>` or a bare address. */
  readonly from: string
  readonly timeouts?: Partial<HttpTimeouts>
}

/** Email by SendGrid's v3 API. It knows no repeats: what it may have taken is not sent again. */
export function sendgrid(settings: SendgridSettings): Provider {
  const client = httpClient(settings.timeouts)
  const from = senderOf(settings.from)

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const to = mailbox(outgoing.address)
    if (!to) return noMailbox
    const told = await client.post(
      {
        url: `${settings.url}/v3/mail/send`,
        headers: { authorization: `Bearer ${settings.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(mailOf(outgoing, from, to)),
      },
      patience,
    )
    return verdict(told, readingFor(to))
  }

  return {
    name: 'sendgrid',
    channel: 'email',
    idempotent: false,
    address: emailOf,
    send,
    close: client.close,
  }
}

function mailOf(outgoing: Outgoing, { name, address }: Sender, to: string): object {
  const { ref, content } = outgoing
  const headers = Object.fromEntries(oneClick(outgoing))
  return {
    personalizations: [{ to: [{ email: to }], custom_args: { [REF]: ref } }],
    from: { email: address, ...(name && { name }) },
    subject: content.subject,
    content: [
      ...(content.text ? [{ type: 'text/plain', value: content.text }] : []),
      ...(content.html ? [{ type: 'text/html', value: content.html }] : []),
    ],
    ...(Object.keys(headers).length > 0 && { headers }),
  }
}

const readingFor = (to: string): Reading => ({
  provider: 'SendGrid',
  accepted: ({ status, headers }) => (status === 202 ? headerOf(headers, 'x-message-id') : undefined),
  refused: (answer) => ({ is: 'refused', because: `SendGrid said: ${masked(faultOf(answer), [to])}` }),
  // Seconds since 1970 when the limit is over.
  waitMs: ({ headers }, now) => {
    const reset = Number(headerOf(headers, 'x-ratelimit-reset'))
    return reset > 0 ? Math.max(0, reset * 1_000 - now) : undefined
  },
})

function faultOf({ status, json }: HttpAnswer): string {
  const { errors } = objectOf(json)
  const first = Array.isArray(errors) && isObject(errors[0]) ? errors[0] : undefined
  return first ? `${String(first.message)} (${String(first.field ?? 'no field')})` : String(status)
}

export interface SendgridReceiptSettings {
  /** The public key of the signed event webhook, as SendGrid shows it: base64 of DER. */
  readonly publicKey: string
}

// It retries for a day, and signs each try anew.
const WINDOW_MS = 10 * 60_000

/** The signed event webhook. Throws at once when the key is unusable. */
export function sendgridReceipts({ publicKey }: SendgridReceiptSettings): ReceiptSource {
  const key = keyOf(publicKey)
  return {
    provider: 'sendgrid',
    verify: (arrival) => isSigned(key, arrival),
    parse: ({ body }) => entriesOf(body).flatMap((entry) => receiptOf(entry) ?? []),
  }
}

function keyOf(publicKey: string): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  } catch {
    throw new Error('SENDGRID_WEBHOOK_KEY must be the public key of the signed event webhook, in base64')
  }
}

/** ECDSA over timestamp and raw body. */
function isSigned(key: KeyObject, { body, headers, now }: Arrival): boolean {
  const timestamp = headers['x-twilio-email-event-webhook-timestamp'] ?? ''
  const signature = headers['x-twilio-email-event-webhook-signature'] ?? ''
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1_000) > WINDOW_MS) return false
  const signed = Buffer.concat([Buffer.from(timestamp), body])
  return verifySignature('sha256', signed, key, Buffer.from(signature, 'base64'))
}

type Entry = JsonObject

function entriesOf(body: Buffer): Entry[] {
  const entries = jsonIn(body)
  if (!Array.isArray(entries)) throw new MalformedReceipt('The body is not a list of events.')
  return entries.filter(isObject)
}

function receiptOf(entry: Entry): Receipt | undefined {
  const said = meaningOf(entry)
  const id = textOf(entry.sg_event_id)
  const at = Number(entry.timestamp) * 1_000
  if (!said || !id || !Number.isSafeInteger(at)) return undefined
  // What comes after the first dot names the servers that it went through.
  const providerMessageId = textOf(entry.sg_message_id)?.split('.', 1)[0]
  return { id, at, ref: textOf(entry[REF]), providerMessageId, ...said }
}

type Said = Omit<Receipt, 'id' | 'at'>

const meanings: Readonly<Record<string, (entry: Entry) => Said>> = {
  delivered: () => ({ kind: 'delivered' }),
  deferred: (entry) => ({ kind: 'deferred', because: words(entry, entry.response) }),
  bounce: (entry) => ({
    kind: 'bounced',
    hard: entry.type === 'bounce',
    because: words(entry, entry.reason),
  }),
  dropped: (entry) => dropped(entry),
  open: (entry) => ({ kind: 'opened', machine: byMachine(entry) }),
  click: (entry) => ({ kind: 'clicked', machine: byMachine(entry), url: textOf(entry.url) }),
  spamreport: () => ({ kind: 'complained' }),
  unsubscribe: () => ({ kind: 'unsubscribed' }),
  group_unsubscribe: () => ({ kind: 'unsubscribed' }),
  group_resubscribe: () => ({ kind: 'resubscribed' }),
}

const meaningOf = (entry: Entry): Said | undefined => {
  const event = textOf(entry.event) ?? ''
  return Object.hasOwn(meanings, event) ? meanings[event]!(entry) : undefined
}

/** SendGrid keeps lists of its own and sends nothing to who is on them. */
function dropped(entry: Entry): Said {
  const because = words(entry, entry.reason)
  switch (entry.reason) {
    case 'Spam Reporting Address':
      return { kind: 'complained', because }
    case 'Unsubscribed Address':
      return { kind: 'unsubscribed', because }
    default:
      return { kind: 'bounced', hard: entry.reason === 'Bounced Address', because }
  }
}

const byMachine = (entry: Entry): boolean =>
  entry.sg_machine_open === true || isMachine(textOf(entry.useragent))

const words = ({ email }: Entry, said: unknown): string | undefined =>
  typeof said === 'string' ? masked(said, [textOf(email) ?? '']) : undefined
