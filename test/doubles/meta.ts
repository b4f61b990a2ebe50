import { randomBytes } from 'node:crypto'
import { Double, type Asked, type Examined } from './provider'

export interface MetaMessage {
  readonly id: string
  readonly message: any
}

export const metaToken = 'EAA-of-tests'
/** As in Meta's published examples. */
export const metaNumberId = '106540352242922'
export const metaPath = `/v25.0/${metaNumberId}/messages`

/** Approved: language and its variables, by place or by name. */
const templates: Record<string, { languages: string[]; places?: number; names?: string[] }> = {
  order_late: { languages: ['en_US', 'de'], places: 2 },
  order_named: { languages: ['en_US'], names: ['first_name', 'order_id'] },
  hello_world: { languages: ['en_US'], places: 0 },
}

/** POST …/messages of the Cloud API as Meta documents it: bearer token, JSON, error codes with their HTTP statuses, wamid. */
export const metaDouble = (): Promise<Double<MetaMessage>> => Double.open(examine)

export const metaFault = (status: number, code: number, message: string) => ({
  status,
  body: {
    error: {
      message,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details: message },
      fbtrace_id: 'Az8or2yhqkZfEZ-_4Qn_Bam',
    },
  },
})

const fault = (...args: Parameters<typeof metaFault>): Examined<MetaMessage> => ({ says: metaFault(...args) })

function examine({ method, path, headers, body }: Asked): Examined<MetaMessage> {
  if (headers.authorization !== `Bearer ${metaToken}`)
    return fault(401, 190, 'Invalid OAuth access token - Cannot parse access token')
  if (method !== 'POST' || path !== metaPath)
    return fault(400, 100, `Unsupported ${method} request. Object with ID does not exist`)
  if (headers['content-type'] !== 'application/json')
    return fault(400, 100, '(#100) The parameter messaging_product is required.')
  const message = JSON.parse(body)
  return wrong(message) ?? takes(message)
}

function wrong(message: any): Examined<MetaMessage> | undefined {
  const {
    messaging_product: product,
    recipient_type: kind,
    to,
    type,
    biz_opaque_callback_data: data,
  } = message
  if (product !== 'whatsapp' || kind !== 'individual')
    return fault(400, 100, '(#100) The parameter messaging_product is required.')
  if (typeof to !== 'string' || !/^\+?[1-9]\d{6,14}$/.test(to))
    return fault(400, 131009, `(#131009) Parameter value is not valid: ${to}`)
  if (data !== undefined && (typeof data !== 'string' || data.length > 512))
    return fault(400, 100, '(#100) Invalid parameter')
  if (to.endsWith('0000')) return fault(400, 131026, '(#131026) Message undeliverable')
  if (to.endsWith('2222')) return fault(400, 131056, '(#131056) Pair rate limit hit')
  if (type === 'template') return wrongTemplate(message.template ?? {})
  if (to.endsWith('1111')) return fault(400, 131047, '(#131047) Re-engagement message')
  if (type !== 'text' || typeof message.text?.body !== 'string' || message.text.body === '')
    return fault(400, 131008, '(#131008) Required parameter is missing')
  return message.text.body.length > 4_096
    ? fault(400, 100, '(#100) Param text[body] must be at most 4096 characters long.')
    : undefined
}

function wrongTemplate({ name, language, components = [] }: any): Examined<MetaMessage> | undefined {
  const known = templates[name]
  if (!known?.languages.includes(language?.code))
    return fault(404, 132001, '(#132001) Template name does not exist in the translation')
  const parameters: any[] = components.flatMap((each: any) => (each.type === 'body' ? each.parameters : []))
  const names = parameters.map(({ parameter_name: named }) => named)
  const fits = known.names
    ? [...names].sort().join() === [...known.names].sort().join()
    : names.length === known.places && names.every((named) => named === undefined)
  if (!fits) return fault(400, 132000, '(#132000) Number of parameters does not match the expected number of params') // prettier-ignore
  const wrongText = parameters.some(({ type, text }) => type !== 'text' || !text || /[\n\t]| {5}/.test(text))
  return wrongText ? fault(400, 131008, '(#131008) Required parameter is missing') : undefined
}

function takes(message: any): Examined<MetaMessage> {
  const id = `wamid.${randomBytes(27).toString('base64')}`
  const status = message.type === 'template' ? { message_status: 'accepted' } : {}
  const contacts = [{ input: message.to, wa_id: message.to.replace('+', '') }]
  return {
    takes: { id, message },
    says: { status: 200, body: { messaging_product: 'whatsapp', contacts, messages: [{ id, ...status }] } },
  }
}
