import type { Answer, Outgoing, Patience, Provider, Recipient } from '../channel'
import { httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { objectOf, textOf } from '../json'
import { retryAfterMs } from '../retry-after'

export interface SlackSettings {
  /** Of a bot that may chat:write; without it customers cannot be written to, webhooks can. */
  readonly botToken?: string
  /** `https://slack.com/api`. */
  readonly url: string
  /** Incoming webhooks, by the name that messages use; names begin with a small letter, ids of Slack's with a capital. */
  readonly webhooks: Readonly<Record<string, string>>
  readonly timeouts?: Partial<HttpTimeouts>
}

/**
 * Slack: to a customer's own id or shared channel by chat.postMessage, to a channel of ours by its incoming webhook. It knows no
 * repeats: what it may have taken is not sent again.
 */
export function slack({ botToken, url, webhooks, timeouts }: SlackSettings): Provider {
  const client = httpClient(timeouts)
  const json = { 'content-type': 'application/json; charset=utf-8' }

  async function send({ address, ref, content }: Outgoing, patience: Patience): Promise<Answer> {
    const text = content.text ?? ''
    if (!ID.test(address)) {
      const webhook = Object.hasOwn(webhooks, address) ? webhooks[address]! : undefined
      if (!webhook) return { is: 'refused', because: `there is no Slack webhook named ${address}` }
      const body = JSON.stringify({ text })
      return verdict(await client.post({ url: webhook, headers: json, body }, patience), webhookReading(ref))
    }
    if (!botToken) return { is: 'busy', because: 'there is no SLACK_BOT_TOKEN to write to customers with' }
    const metadata = { event_type: 'sojourn_touchpoint', event_payload: { ref } }
    const told = await client.post(
      {
        url: `${url}/chat.postMessage`,
        headers: { ...json, authorization: `Bearer ${botToken}` },
        body: JSON.stringify({ channel: address, text, metadata }),
      },
      patience,
    )
    return verdict(told, apiReading)
  }

  return { name: 'slack', channel: 'slack', idempotent: false, address: addressOf, send, close: client.close }
}

/** A user, or a conversation. */
const ID = /^[UWCDG][A-Z0-9]{2,30}$/

/** The webhook that the message names, else the trait `slackId`. */
function addressOf({ traits: { slackId } }: Recipient, endpoint?: string): string | undefined {
  if (endpoint !== undefined) return endpoint
  return typeof slackId === 'string' && ID.test(slackId.trim()) ? slackId.trim() : undefined
}

/** Where a message is in Slack: in this conversation, at this time. */
export const messageIdOf = (channel: string, ts: string): string => `${channel}:${ts}`

const apiReading: Reading = {
  provider: 'Slack',
  accepted: ({ json }) => {
    const { ok, channel, ts } = objectOf(json)
    return ok === true && typeof channel === 'string' && typeof ts === 'string'
      ? messageIdOf(channel, ts)
      : undefined
  },
  settled: (answer) => (answer.status === 200 ? meaningOf(answer) : undefined),
  refused: (answer) => ({ is: 'refused', because: words(answer) }),
}

const errorOf = ({ json }: HttpAnswer): string | undefined => {
  const { ok, error } = objectOf(json)
  return ok === false ? textOf(error)?.replace(/\W/g, '') : undefined
}

const words = (answer: HttpAnswer): string => `Slack said: ${errorOf(answer) ?? answer.status}`

/** The app, its rights or its workspace: ours to mend, and no fault of the message. */
const OUR_SIDE = [
  ...['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired', 'missing_scope'],
  ...['no_permission', 'not_allowed_token_type', 'access_denied', 'accesslimited', 'ekm_access_denied'],
  ...['org_login_required', 'team_access_not_granted', 'team_added_to_org', 'restricted_action'],
]
const LATER = ['ratelimited', 'rate_limited', 'service_unavailable', 'request_timeout']
/** Some of it may have succeeded, as Slack puts it. */
const PERHAPS = ['fatal_error', 'internal_error']

/** Slack says 200 to almost all, and in the body what went wrong. */
function meaningOf(answer: HttpAnswer): Answer | undefined {
  const error = errorOf(answer)
  if (error === undefined) return undefined
  const because = words(answer)
  if (OUR_SIDE.includes(error)) return { is: 'busy', because: `${because}: look at its settings` }
  if (LATER.includes(error)) {
    const pause = retryAfterMs(answer.headers['retry-after'], Date.now())
    return { is: 'busy', because, retryAfterMs: pause }
  }
  return { is: PERHAPS.includes(error) ? 'unknown' : 'refused', because }
}

/** An incoming webhook answers with a word, and no id. */
const webhookReading = (ref: string): Reading => ({
  provider: 'Slack',
  accepted: ({ text }) => (text.trim() === 'ok' ? ref : undefined),
  refused: ({ text, status }) => ({
    is: 'refused',
    because: `Slack said: ${/^\w{1,60}$/.exec(text.trim())?.[0] ?? status}`,
  }),
})
