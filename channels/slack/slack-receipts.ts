import { createHmac } from 'node:crypto'
import type { Receipt } from '../../sdk'
import type { Arrival, ReceiptSource } from '../channel'
import { jsonIn, objectOf, textOf, type JsonObject } from '../json'
import { keywordOf, kindOfKeyword } from '../keywords'
import { isRecent, same } from '../signed'
import { messageIdOf } from './slack'

export interface SlackReceiptSettings {
  readonly signingSecret: string
}

/** Slack's Events API: what customers answer, in a thread or to the app itself. */
export const slackReceipts = ({ signingSecret }: SlackReceiptSettings): ReceiptSource => ({
  provider: 'slack',
  verify: (arrival) => isSigned(signingSecret, arrival),
  parse: ({ body }) => receiptsOf(objectOf(jsonIn(body))),
  // Slack asks once, with a word to be given back, whether the address is ours.
  answer: ({ body }) => ({ type: 'text/plain', body: challengeIn(objectOf(jsonIn(body))) }),
})

/** HMAC-SHA256 over version, time and raw body. */
function isSigned(secret: string, { body, headers, now }: Arrival): boolean {
  const timestamp = headers['x-slack-request-timestamp']
  if (!isRecent(timestamp, now)) return false
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')
  return same(Buffer.from(headers['x-slack-signature'] ?? ''), Buffer.from(`v0=${expected}`))
}

const challengeIn = ({ type, challenge }: JsonObject): string =>
  type === 'url_verification' ? (textOf(challenge) ?? '') : ''

function receiptsOf({ type, event_id: id, event }: JsonObject): Receipt[] {
  const message = objectOf(event)
  const isSaid = type === 'event_callback' && message.type === 'message' && typeof id === 'string'
  // Edits, joins and such have a subtype; what apps say, we too, a bot_id.
  if (!isSaid || message.subtype !== undefined || message.bot_id !== undefined) return []
  return replyOf(id, message)
}

/** An answer in the thread of a message, or one to the app alone; other talk in a channel is none of ours. */
function replyOf(
  id: string,
  { user, channel, channel_type: kind, ts, thread_ts: thread, text }: JsonObject,
): Receipt[] {
  if (typeof user !== 'string' || typeof channel !== 'string' || typeof ts !== 'string') return []
  const direct = kind === 'im'
  const threaded = typeof thread === 'string' && thread !== ts
  if (!direct && !threaded) return []
  const said = plain(textOf(text) ?? '')
  const keyword = direct ? keywordOf(said) : undefined
  return [
    {
      id,
      at: Math.floor(Number(ts) * 1_000),
      kind: keyword ? kindOfKeyword[keyword] : 'replied',
      text: said,
      ...(threaded && { providerMessageId: messageIdOf(channel, thread) }),
      ...(direct && { from: { channel: 'slack', address: user } }),
      ...(keyword && { keyword }),
    },
  ]
}

/** Slack escapes these three and no more. */
const plain = (text: string): string =>
  text.trim().replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
