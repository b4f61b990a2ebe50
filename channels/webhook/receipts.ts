import type { Receipt } from '../../sdk'
import { MalformedReceipt, type Arrival, type ReceiptSource } from '../channel'
import { isObject, jsonIn, objectOf, textOf } from '../json'
import { signedBy } from '../signed'

export interface WebhookReceiptSettings {
  /** Those of the endpoints that we send to: `whsec_` and base64. Each signs what it tells us, as we sign what we send. */
  readonly secrets: readonly string[]
}

const KINDS: readonly string[] = [
  'delivered', 'bounced', 'deferred', 'opened', 'clicked', 'replied', 'complained', 'unsubscribed',
] // prettier-ignore

/**
 * What the receivers of our webhooks tell us later, in the same signed form: `type` is `message.` and a kind of receipt,
 * `data.webhookId` the webhook-id that they got from us.
 */
export function standardWebhookReceipts({ secrets }: WebhookReceiptSettings): ReceiptSource {
  return {
    provider: 'standard-webhook',
    verify: signedBy(secrets),
    parse: (arrival) => receiptsOf(arrival),
  }
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
