import { Double, type Asked, type Examined } from './provider'

export interface SlackMessage {
  /** Where it is in Slack; of an incoming webhook none. */
  readonly id: string
  readonly message: any
}

export const slackToken = 'xoxb-of-tests'
export const slackWebhookPath = '/services/T1/B1/secret'

/** chat.postMessage and an incoming webhook as Slack documents them: tokens, errors in the body of a 200, words of webhooks. */
export const slackDouble = (): Promise<Double<SlackMessage>> => Double.open(examine)

const fault = (error: string): Examined<SlackMessage> => ({
  says: { status: 200, body: { ok: false, error } },
})

function examine(asked: Asked): Examined<SlackMessage> {
  const { method, path, headers, body } = asked
  if (path.startsWith('/services/')) return webhook(asked)
  if (method !== 'POST' || path !== '/api/chat.postMessage') return fault('unknown_method')
  if (!headers.authorization) return fault('not_authed')
  if (headers.authorization !== `Bearer ${slackToken}`) return fault('invalid_auth')
  if (!/^application\/json(; charset=utf-8)?$/.test(headers['content-type'] ?? ''))
    return fault('invalid_post_type')
  const message = JSON.parse(body)
  return wrong(message) ?? takes(message)
}

function wrong({ channel, text, metadata }: any): Examined<SlackMessage> | undefined {
  if (!/^[UWCDG][A-Z0-9]{2,}$/.test(channel ?? '') || channel.startsWith('UNOBODY'))
    return fault('channel_not_found')
  if (channel.startsWith('CARCHIVED')) return fault('is_archived')
  if (!text) return fault('no_text')
  if (text.length > 40_000) return fault('msg_too_long')
  if (metadata && !(metadata.event_type && metadata.event_payload)) return fault('invalid_metadata_format')
  return undefined
}

let count = 0

function takes(message: any): Examined<SlackMessage> {
  // A user is answered for with the conversation that the app has with them.
  const channel = message.channel.replace(/^[UW]/, 'D')
  const ts = `${1_700_000_000 + (count += 1)}.000100`
  return {
    takes: { id: `${channel}:${ts}`, message },
    says: { status: 200, body: { ok: true, channel, ts } },
  }
}

function webhook({ method, path, body }: Asked): Examined<SlackMessage> {
  const says = (status: number, word: string) => ({ says: { status, body: word } })
  if (method !== 'POST' || path !== slackWebhookPath) return says(404, 'no_service')
  const message = JSON.parse(body)
  if (!message.text) return says(400, 'no_text')
  return { takes: { id: '', message }, ...says(200, 'ok') }
}
