import { randomBytes } from 'node:crypto'
import { Double, type Asked, type Examined } from './provider'

export interface TwilioMessage {
  readonly sid: string
  readonly fields: Readonly<Record<string, string>>
}

export const twilioAccount = { accountSid: `AC${'a'.repeat(32)}`, authToken: 'a-token-of-tests' }

/** POST …/Messages.json as Twilio documents it, for SMS and WhatsApp: Basic authentication, form fields, error codes, 201 with the SID. */
export const twilioDouble = (): Promise<Double<TwilioMessage>> => Double.open(examine)

const fault = (status: number, code: number, message: string): Examined<TwilioMessage> => ({
  says: { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } },
})

function examine({ method, path, headers, body }: Asked): Examined<TwilioMessage> {
  const { accountSid, authToken } = twilioAccount
  if (method !== 'POST' || path !== `/2010-04-01/Accounts/${accountSid}/Messages.json`)
    return fault(404, 20404, `The requested resource ${path} was not found`)
  if (headers.authorization !== `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`)
    return fault(401, 20003, 'Authenticate')
  if (headers['content-type'] !== 'application/x-www-form-urlencoded')
    return fault(400, 21604, "A 'To' phone number is required.")
  return examineFields(Object.fromEntries(new URLSearchParams(body)))
}

function examineFields({ ...fields }: Record<string, string>): Examined<TwilioMessage> {
  const prefix = fields.To?.startsWith('whatsapp:') ? 'whatsapp:' : ''
  const to = fields.To?.slice(prefix.length)
  if (!to) return fault(400, 21604, "A 'To' phone number is required.")
  if (!fields.From && !fields.MessagingServiceSid)
    return fault(400, 21603, "A 'From' phone number is required.")
  if (prefix && fields.From && !fields.From.startsWith(prefix))
    return fault(400, 63007, 'Twilio could not find a Channel with the specified From address')
  if (!/^\+[1-9]\d{6,14}$/.test(to) || to.endsWith('0000'))
    return fault(400, 21211, `The 'To' number ${fields.To} is not a valid phone number.`)
  if (to.endsWith('1111')) return fault(400, 21610, 'Attempt to send to unsubscribed recipient')
  if (fields.ContentVariables && !fields.ContentSid) return fault(400, 21654, 'ContentSid Required')
  if (fields.ContentSid && !/^HX[0-9a-f]{32}$/.test(fields.ContentSid))
    return fault(400, 21655, 'The ContentSid parameter is invalid')
  const variables = Object.values(JSON.parse(fields.ContentVariables ?? '{}') as Record<string, unknown>)
  if (variables.some((value) => typeof value !== 'string' || value === '' || /[\n\t]| {5}/.test(value)))
    return fault(400, 21656, 'The ContentVariables Parameter is invalid')
  if (!fields.Body && !fields.ContentSid) return fault(400, 21602, 'Message body is required.')
  if ((fields.Body?.length ?? 0) > 1_600)
    return fault(400, 21617, 'The concatenated message body exceeds the 1600 character limit')
  if (fields.StatusCallback && !/^https?:\/\/[^/]+\.[^/]+\//.test(fields.StatusCallback))
    return fault(400, 21609, `The 'StatusCallback' URL ${fields.StatusCallback} is not a valid URL.`)
  const sid = `SM${randomBytes(16).toString('hex')}`
  return { takes: { sid, fields }, says: { status: 201, body: { sid, status: 'queued', error_code: null } } }
}
