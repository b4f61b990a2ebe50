import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Receipt } from '../../sdk'
import { MalformedReceipt, type Arrival, type ReceiptSource } from '../channel'
import { isObject, jsonIn, objectOf, textOf } from '../json'

export interface WebhookReceiptSettings {
  /** Those of the endpoints that we send to: `whsec_` and base64. Each signs what it tells us, as we sign what we send. */
  readonly secrets: readonly string[]
}

// As standardwebhooks.com has it.
const WINDOW_MS = 5 * 60_000
const KINDS: readonly string[] = [
  'delivered', 'bounced', 'deferred', 'opened', 'clicked', 'replied', 'complained', 'unsubscribed',
] // prettier-ignore

/**
 * What the receivers of our webhooks tell us later, in the same signed form: `type` is `message.` and a kind of receipt,
 * `data.webhookId` the webhook-id that they got from us.
 */
export function standardWebhookReceipts({ secrets }: WebhookReceiptSettings): ReceiptSource {
  const keys = secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
  return {
    provider: 'standard-webhook',
    verify: (arrival) => isRecent(arrival) && keys.some((key) => isSigned(key, arrival)),
    parse: (arrival) => receiptsOf(arrival),
  }
}

function isRecent({ headers, now }: Arrival): boolean {
  const seconds = headers['webhook-timestamp'] ?? ''
  return /^\d{1,12}$/.test(seconds) && Math.abs(now - Number(seconds) * 1_000) <= WINDOW_MS
}

/** HMAC over id, timestamp and raw body; several signatures may be given, of the old secret and the new. */
function isSigned(key: Buffer, { body, headers }: Arrival): boolean {
  const id = headers['webhook-id']
  if (!id) return false
  const mac = createHmac('sha256', key).update(`${id}.${headers['webhook-timestamp']}.`).update(body)
  const wanted = Buffer.from(`v1,${mac.digest('base64')}`)
  return (headers['webhook-signature'] ?? '').split(' ').some((given) => {
    const got = Buffer.from(given)
    return got.length === wanted.length && timingSafeEqual(got, wanted)
  })
}

function receiptsOf({ body, headers, now }: Arrival): Receipt[] {
  const said = jsonIn(body)
  if (!isObject(said)) throw new MalformedReceipt('The body is not a JSON object.')
  const kind = /^message\.([a-z]+)$/.exec(textOf(said.type) ?? '')?.[1] ?? ''
  const { webhookId, text, url, because } = objectOf(said.data)
  const at = Date.parse(textOf(said.timestamp) ?? '')
  if (!KINDS.includes(kind) || textOf(webhookId) === undefined) return []
  return [
    {
      id: headers['webhook-id']!,
      kind: kind as Receipt['kind'],
      at: Number.isNaN(at) ? now : at,
      // Not a ref: that would let them speak of what others carried.
      providerMessageId: textOf(webhookId),
      text: textOf(text),
      url: textOf(url),
      because: textOf(because),
    },
  ]
}
