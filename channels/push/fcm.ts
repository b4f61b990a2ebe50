import type { Answer, Outgoing, Patience, Provider } from '../channel'
import { httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { isObject, objectOf, textOf } from '../json'
import { masked } from '../masked'
import { deviceOn } from './device'
import { accessTokens, type ServiceAccount } from './google-token'

export interface FcmSettings {
  readonly account: ServiceAccount
  /** `https://fcm.googleapis.com`. */
  readonly url: string
  readonly timeouts?: Partial<HttpTimeouts>
}

/** Notifications to apps by Firebase Cloud Messaging's HTTP v1 API. It knows no repeats: what it may have taken is not sent again. */
export function fcm({ account, url, timeouts }: FcmSettings): Provider {
  const client = httpClient(timeouts)
  const tokens = accessTokens(account, client)
  const address = `${url}/v1/projects/${account.projectId}/messages:send`

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const granted = await tokens.get(patience)
    if (granted.is === 'denied') return { ...granted, is: 'busy' }
    const headers = { authorization: `Bearer ${granted.token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ message: messageOf(outgoing) })
    const told = await client.post({ url: address, headers, body }, patience)
    if (told.is === 'answered' && told.answer.status === 401) tokens.forget()
    return verdict(told, readingFor(outgoing.address))
  }

  return {
    name: 'fcm',
    channel: 'push',
    idempotent: false,
    address: deviceOn('push'),
    send,
    close: client.close,
  }
}

/** The ref is what the notification is known by on the device: a second one of the same would take its place. */
function messageOf({ address: token, ref, content, category }: Outgoing): object {
  const { title, text: body, link } = content
  const urgent = category === 'transactional'
  return {
    token,
    notification: { title, body },
    data: { ref, ...(link && { link }) },
    android: { priority: urgent ? 'HIGH' : 'NORMAL', notification: { tag: ref } },
    apns: { headers: { 'apns-collapse-id': ref, 'apns-priority': urgent ? '10' : '5' } },
  }
}

const readingFor = (token: string): Reading => ({
  provider: 'FCM',
  accepted: ({ json }) => textOf(objectOf(json).name),
  settled: (answer) => settledBy(answer, token),
  refused: (answer) => ({ is: 'refused', because: words(answer, token) }),
  // As its documentation asks where it names no time.
  waitMs: () => 60_000,
})

/** What FCM's own codes say, which tell more than the status: of a token that is gone, or was given to another project. */
function settledBy(answer: HttpAnswer, token: string): Answer | undefined {
  const because = words(answer, token)
  switch (codeOf(answer)) {
    case 'UNREGISTERED':
      return { is: 'refused', because, address: 'dead' }
    case 'SENDER_ID_MISMATCH':
      return { is: 'refused', because }
    case 'INVALID_ARGUMENT':
      // The code stands for anything wrong with the message; of the token its sentence alone tells.
      return /registration token/i.test(because) ? { is: 'refused', because, address: 'dead' } : undefined
    default:
      return undefined
  }
}

const errorOf = ({ json }: HttpAnswer) => objectOf(objectOf(json).error)

function codeOf(answer: HttpAnswer): string | undefined {
  const { details } = errorOf(answer)
  if (!Array.isArray(details)) return undefined
  const detail = details.find((each) => isObject(each) && String(each['@type']).endsWith('fcm.v1.FcmError'))
  return textOf(objectOf(detail).errorCode)
}

function words(answer: HttpAnswer, token: string): string {
  const { message, status } = errorOf(answer)
  const code = codeOf(answer) ?? textOf(status)
  const said = typeof message === 'string' ? masked(message, [token]) : String(answer.status)
  return `FCM said: ${code ? `${code} ` : ''}${said}`
}
