import { Double, type Asked, type Examined } from './provider'

export interface FcmMessage {
  readonly name: string
  readonly message: any
}

/** POST /v1/projects/shop-1/messages:send as Firebase documents it: access tokens, fields and their limits, error codes. */
export const fcmDouble = (tokens: ReadonlySet<string>): Promise<Double<FcmMessage>> =>
  Double.open((asked) => examine(asked, tokens))

const FCM = 'type.googleapis.com/google.firebase.fcm.v1.FcmError'

const fault = (
  code: number,
  status: string,
  message: string,
  details: object[] = [],
): Examined<FcmMessage> => ({
  says: { status: code, body: { error: { code, message, status, details } } },
})
const fcmFault = (code: number, status: string, message: string, errorCode = status): Examined<FcmMessage> =>
  fault(code, status, message, [{ '@type': FCM, errorCode }])

function examine({ method, path, headers, body }: Asked, tokens: ReadonlySet<string>): Examined<FcmMessage> {
  if (!tokens.has(headers.authorization?.replace('Bearer ', '') ?? ''))
    return fault(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
  if (method !== 'POST' || path !== '/v1/projects/shop-1/messages:send')
    return fault(403, 'PERMISSION_DENIED', 'Permission denied on resource project.')
  const { message } = JSON.parse(body)
  return wrong(message) ?? takes(message)
}

function wrong(message: any): Examined<FcmMessage> | undefined {
  const strange = Object.entries(message.data ?? {}).find(([, value]) => typeof value !== 'string')
  if (strange) return badField(`message.data[0].value`)
  if (!['NORMAL', 'HIGH'].includes(message.android?.priority)) return badField('message.android.priority')
  if (!/^[\w:-]{20,}$/.test(message.token ?? ''))
    return fcmFault(400, 'INVALID_ARGUMENT', 'The registration token is not a valid FCM registration token')
  if (message.token.startsWith('gone-'))
    return fcmFault(404, 'NOT_FOUND', 'Requested entity was not found.', 'UNREGISTERED')
  if (message.token.startsWith('theirs-'))
    return fcmFault(403, 'PERMISSION_DENIED', 'SenderId mismatch', 'SENDER_ID_MISMATCH')
  if (JSON.stringify(message).length > 4_096)
    return fcmFault(400, 'INVALID_ARGUMENT', 'Android message is too big')
  return undefined
}

function badField(field: string): Examined<FcmMessage> {
  const description = `Invalid value at '${field}'`
  const details = [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description }] },
  ]
  return fault(400, 'INVALID_ARGUMENT', description, details)
}

let count = 0

function takes(message: any): Examined<FcmMessage> {
  const name = `projects/shop-1/messages/0:${(count += 1)}`
  return { takes: { name, message }, says: { status: 200, body: { name } } }
}
