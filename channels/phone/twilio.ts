import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Receipt } from '../../sdk'
import type { Answer, Arrival, Outgoing, Patience, Provider, ReceiptSource } from '../channel'
import { httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { keywordOf, kindOfKeyword, type Keyword } from '../keywords'
import { masked } from '../masked'
import { phoneNumber, phoneOf } from './number'

export interface TwilioSettings {
  readonly accountSid: string
  readonly authToken: string
  /** A number in E.164, a short code, or a messaging service (`MG…`). */
  readonly from: string
  /** `https://api.twilio.com`, or that of a region. */
  readonly url: string
  /** Our public address; where it is not one of the internet, Twilio is asked for no receipts. */
  readonly publicUrl: string
  readonly timeouts?: Partial<HttpTimeouts>
}

/** SMS by Twilio's Messages API. It knows no repeats: what it may have taken is not sent again. */
export function twilio(settings: TwilioSettings): Provider {
  const { accountSid, authToken, url } = settings
  const client = httpClient(settings.timeouts)
  const login = Buffer.from(`${accountSid}:${authToken}`).toString('base64')

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const to = phoneNumber(outgoing.address)
    if (!to) return { is: 'refused', because: 'the number is not one in E.164' }
    const told = await client.post(
      {
        url: `${url}/2010-04-01/Accounts/${accountSid}/Messages.json`,
        headers: {
          authorization: `Basic ${login}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(messageOf(settings, outgoing, to)).toString(),
      },
      patience,
    )
    return verdict(told, readingFor(to))
  }

  return { name: 'twilio', channel: 'sms', idempotent: false, address: phoneOf, send, close: client.close }
}

function messageOf({ from, publicUrl }: TwilioSettings, { ref, content }: Outgoing, to: string) {
  return {
    To: to,
    ...(from.startsWith('MG') ? { MessagingServiceSid: from } : { From: from }),
    Body: content.text ?? '',
    ...(isReachable(publicUrl) && { StatusCallback: `${publicUrl}/receipts/twilio?ref=${ref}` }),
  }
}

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

export interface TwilioReceiptSettings {
  readonly authToken: string
}

/** Status callbacks and incoming messages. Their signature has no time in it: a repeat is known by its id. */
export function twilioReceipts({ authToken }: TwilioReceiptSettings): ReceiptSource {
  return {
    provider: 'twilio',
    verify: (arrival) => isSigned(authToken, arrival),
    parse: (arrival) => receiptsOf(arrival),
    answer: (text) => ({
      type: 'text/xml',
      body: `<?xml version="1.0" encoding="UTF-8"?><Response>${text ? `<Message>${escaped(text)}</Message>` : ''}</Response>`,
    }),
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** HMAC-SHA1 over the address and the sorted fields; Twilio may have left out or added the port. */
function isSigned(authToken: string, { url, body, headers }: Arrival): boolean {
  const given = Buffer.from(headers['x-twilio-signature'] ?? '', 'base64')
  const fields = signedFields(new URLSearchParams(body.toString()))
  return addressesOf(url).some((address) => {
    const expected = createHmac('sha1', authToken)
      .update(address + fields)
      .digest()
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

function signedFields(params: URLSearchParams): string {
  const names = [...new Set(params.keys())].sort()
  return names
    .flatMap((name) => [...new Set(params.getAll(name))].sort().map((value) => name + value))
    .join('')
}

function addressesOf(url: string): string[] {
  const [, origin = '', rest = ''] = /^(https?:\/\/[^/?#]*)(.*)$/s.exec(url) ?? []
  const plain = origin.replace(/:\d+$/, '')
  const port = origin.startsWith('https') ? 443 : 80
  return [...new Set([origin, plain, `${plain}:${port}`])].map((each) => each + rest)
}

function receiptsOf({ body, url, now }: Arrival): Receipt[] {
  const fields = new URLSearchParams(body.toString())
  const sid = fields.get('MessageSid') ?? fields.get('SmsSid')
  if (!sid) return []
  const status = fields.get('MessageStatus') ?? fields.get('SmsStatus') ?? ''
  if (fields.has('Body') && (status === '' || status === 'received')) return replyOf(fields, sid, now)
  const said = meaningOf(status, fields.get('ErrorCode') ?? '')
  const ref = new URL(url).searchParams.get('ref') ?? undefined
  return said ? [{ id: `${sid}:${status}`, at: now, ref, providerMessageId: sid, ...said }] : []
}

type Said = Pick<Receipt, 'kind' | 'hard' | 'because'>

/** 30005: the number is not in service. Others (switched off, filtered, landline) may be reached otherwise or later. */
const UNKNOWN_NUMBER = '30005'

function meaningOf(status: string, code: string): Said | undefined {
  switch (status) {
    case 'delivered':
      return { kind: 'delivered' }
    case 'read':
      return { kind: 'opened' }
    case 'undelivered':
    case 'failed':
      return {
        kind: 'bounced',
        hard: code === UNKNOWN_NUMBER,
        because: `Twilio said: ${status} ${code}`.trim(),
      }
    default:
      return undefined
  }
}

function replyOf(fields: URLSearchParams, sid: string, now: number): Receipt[] {
  const text = fields.get('Body') ?? ''
  const from = fields.get('From') ?? ''
  const channel = from.startsWith('whatsapp:') ? 'whatsapp' : 'sms'
  const address = from.replace(/^whatsapp:/, '')
  const keyword = optOutOf(fields) ?? keywordOf(text)
  return [
    {
      id: sid,
      at: now,
      kind: keyword ? kindOfKeyword[keyword] : 'replied',
      text: text.trim().slice(0, 4_000),
      from: { channel, address },
      ...(keyword && { keyword, confirmed: fields.has('OptOutType') }),
    },
  ]
}

/** Where Twilio's Advanced Opt-Out is on, it knows the words, and has answered already. */
function optOutOf(fields: URLSearchParams): Keyword | undefined {
  const type = fields.get('OptOutType')?.toLowerCase()
  return type === 'stop' || type === 'start' || type === 'help' ? type : undefined
}
