import type { Provider } from '../channel'
import { signedWebhooks, type WebhookSettings } from '../signed-webhooks'

/** Signed webhooks with a body of the adopter's own: the address is the name of the endpoint. */
export function standardWebhook(settings: WebhookSettings): Provider {
  const { post, close } = signedWebhooks(settings)
  return {
    name: 'standard-webhook',
    channel: 'webhook',
    idempotent: true,
    address: (_recipient, endpoint) => endpoint,
    send: ({ address, ref, content }, patience) => post(address, ref, content.body, patience),
    close,
  }
}
