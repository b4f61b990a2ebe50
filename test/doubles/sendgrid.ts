import { randomBytes } from 'node:crypto'
import { Double, type Asked, type Examined } from './provider'

export interface SendgridMail {
  readonly id: string
  readonly to: string
  readonly ref: string
  readonly mail: any
}

export const sendgridKey = 'SG.a-key-of-tests'

/** POST /v3/mail/send as SendGrid documents it: Bearer key, fields and their limits, 202 with X-Message-Id. */
export const sendgridDouble = (): Promise<Double<SendgridMail>> => Double.open(examine)

const fault = (status: number, message: string, field: string | null = null): Examined<SendgridMail> => ({
  says: { status, body: { errors: [{ message, field, help: null }] } },
})

function examine({ method, path, headers, body }: Asked): Examined<SendgridMail> {
  if (method !== 'POST' || path !== '/v3/mail/send') return fault(404, 'not found')
  if (headers.authorization !== `Bearer ${sendgridKey}`)
    return fault(401, 'The provided authorization grant is invalid, expired, or revoked')
  if (headers['content-type'] !== 'application/json')
    return fault(415, 'Content-Type should be application/json.')
  const mail = JSON.parse(body)
  return wrong(mail) ?? takes(mail)
}

function wrong(mail: any): Examined<SendgridMail> | undefined {
  const [personalization] = mail.personalizations ?? []
  const to = personalization?.to?.[0]?.email
  if (!to)
    return fault(400, 'The to array is required for all personalization objects.', 'personalizations.0.to')
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(to) || to.startsWith('refused@'))
    return fault(400, `Does not contain a valid address: ${to}`, 'personalizations.0.to.0.email')
  if (!mail.from?.email)
    return fault(400, 'The from object must be provided for every email send.', 'from.email')
  if (!mail.subject) return fault(400, 'The subject is required.', 'subject')
  const types = (mail.content ?? []).map(({ type }: any) => type)
  if (types.length === 0)
    return fault(400, 'Unless a valid template_id is provided, the content parameter is required.', 'content')
  if (types.includes('text/html') && types[0] !== 'text/plain' && types.includes('text/plain'))
    return fault(
      400,
      'If present, text/plain and text/html may only be provided once, in this order.',
      'content',
    )
  if (mail.content.some(({ value }: any) => !value))
    return fault(
      400,
      'The content value must be a string at least one character in length.',
      'content.0.value',
    )
  const args = JSON.stringify(personalization.custom_args ?? {})
  if (args.length > 10_000)
    return fault(400, 'The custom_args object is too large.', 'personalizations.0.custom_args')
  const reserved =
    /^(x-sg-.*|received|dkim-signature|content-(type|transfer-encoding)|to|from|subject|reply-to|cc|bcc)$/i
  if (Object.keys(mail.headers ?? {}).some((name) => reserved.test(name)))
    return fault(400, 'The headers object must not contain reserved headers.', 'headers')
  return undefined
}

function takes(mail: any): Examined<SendgridMail> {
  const id = randomBytes(16).toString('base64url')
  const [{ to, custom_args: args }] = mail.personalizations
  return {
    takes: { id, to: to[0].email, ref: args?.sojourn_ref, mail },
    says: { status: 202, headers: { 'x-message-id': id } },
  }
}
