import { Webhook } from 'standardwebhooks'
import { request, type Agent, type Dispatcher } from 'undici'
import type { Answer, Patience } from './channel'
import { guardedAgent } from './guarded-agent'
import { codeOf } from './http'
import { PrivateAddress, type Lookup } from './public-address'
import { retryAfterMs } from './retry-after'

export interface WebhookSettings {
  /** By the name that messages use. `secret` reads `whsec_` and base64. */
  readonly endpoints: Readonly<Record<string, { readonly url: string; readonly secret: string }>>
  /** Allows loopback, private and link-local addresses: for development. */
  readonly allowPrivate: boolean
  /** For a whole attempt; default 15 s. Inline attempts get at most 3 s. */
  readonly timeoutMs?: number
  /** For tests. */
  readonly lookup?: Lookup
}

interface Endpoint {
  readonly url: URL
  readonly webhook: Webhook
}

const TIMEOUT_MS = 15_000
const INLINE_MS = 3_000
const MAX_ANSWER_BYTES = 64 * 1024

/** Posts JSON to configured endpoints. */
export interface SignedWebhooks {
  /** `ref` is the webhook-id, the same on every attempt, so that receivers can drop repeats. */
  post(endpoint: string, ref: string, body: unknown, patience: Patience): Promise<Answer>
  close(): Promise<void>
}

/** Signed as standardwebhooks.com has it. Throws with a sentence when an endpoint is unusable. */
export function signedWebhooks(settings: WebhookSettings): SignedWebhooks {
  const endpoints = new Map(
    Object.entries(settings.endpoints).map(([name, endpoint]) => [name, parsed(name, endpoint)]),
  )
  const patient = settings.timeoutMs ?? TIMEOUT_MS
  const timeouts = { patient, inline: Math.min(patient, INLINE_MS) }
  const { allowPrivate, lookup } = settings
  const agent = guardedAgent({ allowsPrivate: () => allowPrivate, timeoutMs: patient, lookup })

  async function post(name: string, ref: string, body: unknown, patience: Patience): Promise<Answer> {
    const endpoint = endpoints.get(name)
    if (!endpoint) return { is: 'refused', because: `there is no webhook endpoint named ${name}` }
    try {
      const response = await posted(agent, endpoint, ref, JSON.stringify(body), timeouts[patience])
      return verdict(response, name, ref)
    } catch (error) {
      return error instanceof PrivateAddress
        ? { is: 'refused', because: `the endpoint ${name} is not at a public address` }
        : { is: 'busy', because: `the endpoint ${name} could not be reached (${codeOf(error)})` }
    }
  }

  return { post, close: () => agent.close() }
}

async function posted(
  agent: Agent,
  { url, webhook }: Endpoint,
  ref: string,
  body: string,
  timeoutMs: number,
) {
  const now = new Date()
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await request(url, {
    method: 'POST',
    dispatcher: agent,
    signal,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Sojourn',
      'webhook-id': ref,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': webhook.sign(ref, now, body),
    },
  })
  // The status decides; the rest is read only so that the connection can be used again.
  await response.body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => {})
  return response
}

function verdict(
  { statusCode: status, headers }: Dispatcher.ResponseData,
  name: string,
  ref: string,
): Answer {
  const because = `the endpoint ${name} answered ${status}`
  if (status >= 200 && status < 300) return { is: 'accepted', providerMessageId: ref }
  if (status === 429 || status === 408 || status >= 500) {
    return { is: 'busy', because, retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()) }
  }
  return { is: 'refused', because }
}

function parsed(name: string, { url, secret }: { url: string; secret: string }): Endpoint {
  const target = URL.canParse(url) ? new URL(url) : undefined
  if (!target || !/^https?:$/.test(target.protocol))
    throw new Error(`The webhook endpoint ${name} needs an http or https URL`)
  try {
    return { url: target, webhook: new Webhook(secret) }
  } catch {
    throw new Error(`The secret of the webhook endpoint ${name} must read whsec_ and base64`)
  }
}
