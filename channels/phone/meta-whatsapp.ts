import type { Answer, Content, Outgoing, Patience, Provider } from '../channel'
import { httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { objectOf, textOf, type JsonObject } from '../json'
import { masked } from '../masked'
import { phoneNumber, phoneOf } from '../number'

export interface MetaSettings {
  /** Of a system user who may whatsapp_business_messaging. */
  readonly token: string
  /** The id that Meta gave the sender's number. */
  readonly numberId: string
  /** The Graph API with its version: `https://graph.facebook.com/v25.0`. */
  readonly url: string
  readonly timeouts?: Partial<HttpTimeouts>
}

/**
 * WhatsApp by Meta's own Cloud API: texts of ours within 24 hours after the customer wrote, approved templates at any time. It
 * knows no repeats: what it may have taken is not sent again.
 */
export function metaWhatsapp(settings: MetaSettings): Provider {
  const { post, close } = metaMessages(settings)

  async function send({ address, ref, content }: Outgoing, patience: Patience): Promise<Answer> {
    const to = phoneNumber(address)
    if (!to) return { is: 'refused', because: 'the number is not one in E.164' }
    if (!carries(content)) return { is: 'refused', because: 'the message names no template of Meta’s' }
    return post(settings.numberId, to, { ...messageOf(content), biz_opaque_callback_data: ref }, patience)
  }

  return { name: 'meta', channel: 'whatsapp', idempotent: false, address: phoneOf, carries, send, close }
}

const carries = ({ template }: Content): boolean => !template || template.approved !== undefined

/** Posts to the Messages endpoint of a number, with what every message has. */
export function metaMessages({ token, url, timeouts }: Omit<MetaSettings, 'numberId'>) {
  const client = httpClient(timeouts)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

  async function post(
    numberId: string,
    to: string,
    message: JsonObject,
    patience: Patience,
  ): Promise<Answer> {
    const common = { messaging_product: 'whatsapp', recipient_type: 'individual', to }
    const body = JSON.stringify({ ...common, ...message })
    return verdict(
      await client.post({ url: `${url}/${numberId}/messages`, headers, body }, patience),
      readingFor(to),
    )
  }

  return { post, close: client.close }
}

export const textOfOurs = (body: string): JsonObject => ({ type: 'text', text: { preview_url: false, body } })

function messageOf({ text = '', template }: Content): JsonObject {
  if (!template?.approved) return textOfOurs(text)
  const { name, language } = template.approved
  const parameters = parametersOf(template.variables)
  const components = parameters.length > 0 ? [{ type: 'body', parameters }] : undefined
  return { type: 'template', template: { name, language: { code: language }, components } }
}

/** Of templates whose variables are numbers they go by their place, of others by name. */
function parametersOf(variables: Readonly<Record<string, string>>): JsonObject[] {
  const names = Object.keys(variables)
  const placed = names.every((name) => /^\d+$/.test(name))
  const sorted = placed ? names.toSorted((one, other) => Number(one) - Number(other)) : names
  return sorted.map((name) => ({
    type: 'text',
    ...(!placed && { parameter_name: name }),
    text: variables[name],
  }))
}

const readingFor = (to: string): Reading => ({
  provider: 'Meta',
  accepted: ({ json }) => {
    const { messages } = objectOf(json)
    return Array.isArray(messages) ? textOf(objectOf(messages[0]).id) : undefined
  },
  settled: (answer) => meaningOf(answer, to),
  refused: (answer) => ({ is: 'refused', because: words(answer, to) }),
})

const errorOf = ({ json }: HttpAnswer): JsonObject => objectOf(objectOf(json).error)

function words(answer: HttpAnswer, to: string): string {
  const { code, message } = errorOf(answer)
  const said = masked(textOf(message)?.replace(/^\(#\d+\) */, '') ?? '', [to, to.slice(1)])
  return `Meta said: ${typeof code === 'number' ? code : answer.status} ${said}`.trim()
}

// Codes of developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes.

/** Token, rights, account, bills, or the sender's number: ours to mend, and no fault of the message. */
const OUR_SIDE = [0, 3, 10, 33, 190, 368, 130497, 131005, 131031, 131042, 131045, 133010]
const isOurSide = (code: number): boolean => OUR_SIDE.includes(code) || (code >= 200 && code <= 299)
const THROTTLED = [4, 80007, 130429, 131048]
/** Too many to this one customer: one in six seconds is what Meta promises to take. */
const THROTTLED_PAIR = 131056
const PAIR_WAIT_MS = 6_000
const DOWN = [2, 131016, 131057, 133004]
/** 1: a wrong request, or a fault of a server's. 131000: something went wrong. */
const PERHAPS = [1, 131000]
/** Meta answers 404 to these, and nothing but the message's template is not found. */
const NO_TEMPLATE = 132001

function meaningOf(answer: HttpAnswer, to: string): Answer | undefined {
  const { code } = errorOf(answer)
  if (typeof code !== 'number' || answer.status < 400) return undefined
  const because = words(answer, to)
  if (isOurSide(code)) return { is: 'busy', because: `${because}: look at its settings`, fault: 'down' }
  if (THROTTLED.includes(code)) return { is: 'busy', because, fault: 'throttled' }
  if (code === THROTTLED_PAIR) return { is: 'busy', because, retryAfterMs: PAIR_WAIT_MS }
  if (DOWN.includes(code)) return { is: 'busy', because, fault: 'down' }
  if (PERHAPS.includes(code)) return { is: 'unknown', because }
  return code === NO_TEMPLATE ? { is: 'refused', because } : undefined
}
