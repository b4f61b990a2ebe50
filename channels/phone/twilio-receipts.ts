import { createHmac } from 'node:crypto'
import type { Receipt } from '../../sdk'
import type { Arrival, ReceiptSource } from '../channel'
import { keywordOf, kindOfKeyword, type Keyword } from '../keywords'
import { same } from '../signed'

export interface TwilioReceiptSettings {
  readonly authToken: string
}

/** Status callbacks and incoming messages. Their signature has no time in it: a repeat is known by its id. */
export function twilioReceipts({ authToken }: TwilioReceiptSettings): ReceiptSource {
  return {
    provider: 'twilio',
    verify: (arrival) => isSigned(authToken, arrival),
    parse: (arrival) => receiptsOf(arrival),
    answer: (_arrival, text) => ({
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
    return same(given, expected)
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

/**
 * 30005: the number is not in service. Others (switched off, filtered, landline; 63016, no template outside WhatsApp's window;
 * 63024, not on WhatsApp) may be reached otherwise or later.
 */
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
