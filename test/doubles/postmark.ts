import { randomUUID } from 'node:crypto'
import { Double, type Asked, type Examined } from './provider'

export interface PostmarkMail {
  readonly id: string
  readonly mail: any
}

export const postmarkToken = 'a-token-of-tests'

/** POST /email as Postmark documents it: the server's token, fields and their limits, error codes with 422. */
export const postmarkDouble = (): Promise<Double<PostmarkMail>> => Double.open(examine)

const fault = (status: number, ErrorCode: number, Message: string): Examined<PostmarkMail> => ({
  says: { status, body: { ErrorCode, Message } },
})

function examine({ method, path, headers, body }: Asked): Examined<PostmarkMail> {
  if (headers['x-postmark-server-token'] !== postmarkToken)
    return fault(401, 10, 'No Account or Server API tokens were supplied in the HTTP headers.')
  if (method !== 'POST' || path !== '/email') return fault(404, 404, 'Not found')
  if (headers['content-type'] !== 'application/json')
    return fault(
      422,
      409,
      'The HTTP request does not have the Accept and Content-Type headers set to application/json.',
    )
  const mail = JSON.parse(body)
  return wrong(mail) ?? takes(mail)
}

function wrong(mail: any): Examined<PostmarkMail> | undefined {
  if (!/@shop\.example>?$/.test(mail.From))
    return fault(422, 400, 'The ‘From’ address you supplied is not a Sender Signature on your account.')
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(mail.To))
    return fault(422, 300, `Invalid 'To' address: '${mail.To}'.`)
  if (mail.To.startsWith('inactive@'))
    return fault(
      422,
      406,
      `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ${mail.To}.`,
    )
  if (!mail.TextBody && !mail.HtmlBody)
    return fault(422, 300, 'Provide either email TextBody or HtmlBody or both.')
  for (const [name, value] of Object.entries(mail.Metadata ?? {}))
    if (name.length > 20 || String(value).length > 80) return fault(422, 300, 'Metadata is too long.')
  if (!['outbound', 'broadcast'].includes(mail.MessageStream))
    return fault(422, 1235, 'The MessageStream provided does not exist on this server.')
  return undefined
}

function takes(mail: any): Examined<PostmarkMail> {
  const id = randomUUID()
  const body = {
    To: mail.To,
    SubmittedAt: new Date().toISOString(),
    MessageID: id,
    ErrorCode: 0,
    Message: 'OK',
  }
  return { takes: { id, mail }, says: { status: 200, body } }
}
