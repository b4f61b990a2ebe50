import type { Answer, Content, Outgoing, Patience } from '../channel'
import { httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { masked } from '../masked'
import { phoneNumber } from '../number'

export interface TwilioSettings {
  readonly accountSid: string
  readonly authToken: string
  /** A number in E.164, a short code (SMS alone), or a messaging service (`MG…`). */
  readonly from: string
  /** `https://api.twilio.com`, or that of a region. */
  readonly url: string
  /** Our public address; where it is not one of the internet, Twilio is asked for no receipts. */
  readonly publicUrl: string
  readonly timeouts?: Partial<HttpTimeouts>
}

/** Fields of Twilio's Messages resource, without those that every message has. */
export type MessageFields = Readonly<Record<string, string>>

/**
 * Twilio's Messages API, for the channels that it carries. `prefix` stands before their numbers. It knows no repeats: what it
 * may have taken is not sent again.
 */
export function twilioMessages(
  settings: TwilioSettings,
  prefix: '' | 'whatsapp:',
  fieldsOf: (outgoing: Outgoing) => MessageFields,
) {
  const { accountSid, authToken, url } = settings
  const client = httpClient(settings.timeouts)
  const headers = {
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  }

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const to = phoneNumber(outgoing.address)
    if (!to) return { is: 'refused', because: 'the number is not one in E.164' }
    if (!carries(outgoing.content))
      return { is: 'refused', because: 'the message names no template of Twilio’s' }
    const fields = { To: prefix + to, ...senderOf(settings, prefix), ...fieldsOf(outgoing) }
    const body = new URLSearchParams({ ...fields, ...callbackOf(settings, outgoing) }).toString()
    const address = `${url}/2010-04-01/Accounts/${accountSid}/Messages.json`
    return verdict(await client.post({ url: address, headers, body }, patience), readingFor(to))
  }

  return { carries, send, close: client.close }
}

const carries = ({ template }: Content): boolean => !template || template.id !== undefined

const senderOf = ({ from }: TwilioSettings, prefix: string): MessageFields =>
  from.startsWith('MG') ? { MessagingServiceSid: from } : { From: prefix + from }

const callbackOf = ({ publicUrl }: TwilioSettings, { ref }: Outgoing): MessageFields =>
  isReachable(publicUrl) ? { StatusCallback: `${publicUrl}/receipts/twilio?ref=${ref}` } : {}

// Twilio refuses a whole message for the sake of an address that it cannot call back.
const isReachable = (publicUrl: string): boolean => {
  const { hostname } = new URL(publicUrl)
  return hostname.includes('.') && !/^(127|10|192\.168|169\.254)\.|\.localhost$/.test(hostname)
}

const readingFor = (to: string): Reading => ({
  provider: 'Twilio',
  accepted: ({ json }) => sidOf(json),
  refused: (answer) => refusal(answer, to),
})

function sidOf(json: unknown): string | undefined {
  const { sid } = (json ?? {}) as { sid?: unknown }
  return typeof sid === 'string' && /^(SM|MM)[0-9a-f]{32}$/i.test(sid) ? sid : undefined
}

/** 21211: no number at all, so nobody can be reached at it. */
const NO_NUMBER = 21211

function refusal({ status, json }: HttpAnswer, to: string): Answer {
  const { code, message } = (json ?? {}) as { code?: unknown; message?: unknown }
  const said = typeof message === 'string' ? masked(message, [to, to.slice(1)]) : String(status)
  const because = `Twilio said: ${typeof code === 'number' ? `${code} ` : ''}${said}`
  return code === NO_NUMBER ? { is: 'refused', because, address: 'dead' } : { is: 'refused', because }
}
