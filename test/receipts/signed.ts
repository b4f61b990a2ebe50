import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { getExpectedTwilioSignature } from 'twilio'
import { twilioAccount } from '../doubles/twilio'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** The public key of `fromSendgrid`. */
export const sendgridReceiptKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')

export interface Posted {
  readonly body: string | Buffer
  readonly headers: Record<string, string>
}

/** A request that SendGrid signed. */
export function fromSendgrid(body: string | object, at = Date.now()): Posted {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\r\n`
  const timestamp = String(Math.floor(at / 1_000))
  return {
    body: text,
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-timestamp': timestamp,
      'x-twilio-email-event-webhook-signature': sign(
        'sha256',
        Buffer.from(timestamp + text),
        privateKey,
      ).toString('base64'),
    },
  }
}

/** A request that Twilio signed for this address. */
export const fromTwilio = (address: string, fields: Record<string, string>): Posted => ({
  body: new URLSearchParams(fields).toString(),
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': getExpectedTwilioSignature(twilioAccount.authToken, address, fields),
  },
})

/** A request that the holder of a secret signed as standardwebhooks.com has it. */
export function fromWebhook(secret: string, body: string | object, id: string, at = Date.now()): Posted {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), text),
  }
  return { body: text, headers }
}

export const slackSigningSecret = 'a-secret-of-tests'

/** A request of Slack's Events API, signed as its documentation says. */
export function fromSlack(body: object, at = Date.now()): Posted {
  const text = JSON.stringify(body)
  const timestamp = String(Math.floor(at / 1_000))
  const signature = createHmac('sha256', slackSigningSecret).update(`v0:${timestamp}:${text}`).digest('hex')
  return {
    body: text,
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
  }
}

export const metaAppSecret = 'an-app-secret-of-tests'

/** A request of Meta's webhooks, signed as its documentation says. */
export function fromMeta(value: object, secret = metaAppSecret): Posted {
  const changes = [{ field: 'messages', value: { messaging_product: 'whatsapp', ...value } }]
  const text = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', changes }],
  })
  const signature = createHmac('sha256', secret).update(text).digest('hex')
  return {
    body: text,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  }
}

export async function post(url: string, path: string, { body, headers }: Posted) {
  const response = await fetch(url + path, { method: 'POST', headers, body: body as string })
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type') ?? '', text }
}
