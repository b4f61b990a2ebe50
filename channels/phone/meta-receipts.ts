import { createHmac } from 'node:crypto'
import type { Receipt } from '../../sdk'
import type { Arrival, ReceiptSource } from '../channel'
import type { HttpTimeouts } from '../http'
import { isObject, jsonIn, objectOf, textOf, type JsonObject } from '../json'
import { keywordOf, kindOfKeyword } from '../keywords'
import { same } from '../signed'
import { metaMessages, textOfOurs } from './meta-whatsapp'

export interface MetaReceiptSettings {
  readonly appSecret: string
  /** What Meta says when it asks whether the address is ours. */
  readonly verifyToken?: string
  /** With which STOP and its like are answered; without it they are heard alone. */
  readonly token?: string
  readonly url: string
  readonly timeouts?: Partial<HttpTimeouts>
}

/** Statuses and incoming messages of WhatsApp. Their signature has no time in it: a repeat is known by its id. */
export function metaReceipts(settings: MetaReceiptSettings): ReceiptSource {
  const { appSecret, verifyToken, token } = settings
  return {
    provider: 'meta',
    verify: (arrival) => isSigned(appSecret, arrival),
    challenge: (query) => challengeIn(query, verifyToken),
    parse: (arrival) => valuesIn(arrival).flatMap((value) => receiptsOf(value, arrival.now)),
    ...(token && { say: (arrival, receipt, text) => say({ ...settings, token }, arrival, receipt, text) }),
  }
}

/** HMAC-SHA256 over the raw body, or over it with its characters beyond ASCII escaped, as Meta documents it. */
function isSigned(secret: string, { body, headers }: Arrival): boolean {
  const given = Buffer.from(headers['x-hub-signature-256'] ?? '')
  return [body, escapedUnicode(body)].some((bytes) => {
    const expected = createHmac('sha256', secret).update(bytes).digest('hex')
    return same(given, Buffer.from(`sha256=${expected}`))
  })
}

const escapedUnicode = (body: Buffer): string =>
  body
    .toString()
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

function challengeIn(query: Readonly<Record<string, unknown>>, verifyToken?: string): string | undefined {
  const given = textOf(query['hub.verify_token'])
  if (query['hub.mode'] !== 'subscribe' || !verifyToken || !given) return undefined
  if (!same(Buffer.from(given), Buffer.from(verifyToken))) return undefined
  return /^[\w-]{1,200}$/.exec(textOf(query['hub.challenge']) ?? '')?.[0]
}

const objectsIn = (list: unknown): JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : [])

/** What is told of messages; other fields that the app may be subscribed to are left alone. */
function valuesIn({ body }: Arrival): JsonObject[] {
  const { object, entry } = objectOf(jsonIn(body))
  if (object !== 'whatsapp_business_account') return []
  return objectsIn(entry)
    .flatMap(({ changes }) => objectsIn(changes))
    .flatMap(({ field, value }) => (field === 'messages' ? [objectOf(value)] : []))
}

const receiptsOf = ({ statuses, messages }: JsonObject, now: number): Receipt[] => [
  ...objectsIn(statuses).flatMap((status) => statusOf(status, now)),
  ...objectsIn(messages).flatMap((message) => replyOf(message, now)),
]

const timeOf = (seconds: unknown, now: number): number =>
  typeof seconds === 'string' && /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1_000 : now

/** The customer stopped marketing of this sender in WhatsApp itself. */
const STOPPED = 131050

function statusOf(told: JsonObject, now: number): Receipt[] {
  const { id, status, timestamp, biz_opaque_callback_data: data } = told
  if (typeof id !== 'string') return []
  const common = { at: timeOf(timestamp, now), ref: textOf(data), providerMessageId: id }
  if (status === 'delivered') return [{ ...common, id: `${id}:delivered`, kind: 'delivered' }]
  if (status === 'read') return [{ ...common, id: `${id}:read`, kind: 'opened' }]
  if (status !== 'failed') return []
  const { code, title } = objectsIn(told.errors)[0] ?? {}
  const because = `Meta said: failed ${[code, textOf(title)].filter(Boolean).join(' ')}`.trim()
  // Not on WhatsApp, an old app, no template outside the window: no reason against the number.
  const bounced: Receipt = { ...common, id: `${id}:failed`, kind: 'bounced', hard: false, because }
  return code === STOPPED ? [bounced, { ...common, id: `${id}:stopped`, kind: 'unsubscribed' }] : [bounced]
}

/** What has no words that a journey could read: a picture without a caption, a place, a voice. */
const WORDLESS = ['audio', 'contacts', 'location', 'sticker', 'image', 'video', 'document']

function wordsOf(message: JsonObject): string | undefined {
  const { type, text, button, interactive } = message
  const { button_reply: pressed, list_reply: chosen } = objectOf(interactive)
  if (type === 'text') return textOf(objectOf(text).body)
  if (type === 'button') return textOf(objectOf(button).text)
  if (type === 'interactive') return textOf(objectOf(pressed ?? chosen).title)
  if (typeof type !== 'string' || !WORDLESS.includes(type)) return undefined
  return textOf(objectOf(message[type]).caption) ?? ''
}

/** An answer to the message that it quotes, if any; else to the newest to its number. */
function replyOf(message: JsonObject, now: number): Receipt[] {
  const { id, from, timestamp, context } = message
  const text = wordsOf(message)?.trim()
  if (typeof id !== 'string' || text === undefined) return []
  const keyword = keywordOf(text)
  const number = typeof from === 'string' && /^\d{7,15}$/.test(from) ? `+${from}` : undefined
  return [
    {
      id,
      at: timeOf(timestamp, now),
      kind: keyword ? kindOfKeyword[keyword] : 'replied',
      text,
      providerMessageId: textOf(objectOf(context).id),
      ...(number && { from: { channel: 'whatsapp', address: number } }),
      ...(keyword && { keyword }),
    },
  ]
}

/** Said from the number that the customer wrote to. */
async function say(
  settings: MetaReceiptSettings & { readonly token: string },
  arrival: Arrival,
  { id, from }: Receipt,
  text: string,
): Promise<void> {
  const value = valuesIn(arrival).find(({ messages }) => objectsIn(messages).some((each) => each.id === id))
  const numberId = textOf(objectOf(value?.metadata).phone_number_id)
  if (!from || !numberId || !/^\d+$/.test(numberId)) return
  const { post, close } = metaMessages(settings)
  const answer = await post(numberId, from.address, textOfOurs(text), 'inline')
  await close()
  if (answer.is !== 'accepted') throw new Error(answer.because)
}
