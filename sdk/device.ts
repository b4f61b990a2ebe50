/** Where a customer gets notifications: an app on a phone, a browser. */
export interface Device {
  readonly channel: 'push' | 'web-push'
  /**
   * push: the app's registration token. web-push: the subscription's endpoint, its key and its secret (RFC 8030 and 8291:
   * `p256dh`, `auth`), with a space between.
   */
  readonly address: string
}

/** The events that tell of devices; names and fields are those of Customer.io's semantic events, whose clients send them. */
export const deviceEvents = { seen: 'Device Created or Updated', gone: 'Device Deleted' } as const

export type DeviceNews =
  | { readonly is: 'seen' | 'gone'; readonly device: Device }
  | { readonly is: 'wrong'; readonly because: string }

const wrong = (because: string): DeviceNews => ({ is: 'wrong', because })
// Of 65 bytes, an uncompressed point, and of 16, in base64 of either alphabet.
const KEY = /^B[\w+/-]{86}=?$/
const SECRET = /^[\w+/-]{22}(==)?$/

/** What an event says of a device; undefined for events that say nothing of any. */
export function deviceNews(
  name: string,
  properties: Readonly<Record<string, unknown>>,
): DeviceNews | undefined {
  if (name !== deviceEvents.seen && name !== deviceEvents.gone) return undefined
  const { token, type } = (properties.device ?? {}) as { token?: unknown; type?: unknown }
  if (typeof token !== 'string' || token === '' || token.length > 4_096 || /\s/.test(token))
    return wrong('device.token must be a text without spaces, at most 4096 characters')
  if (typeof type !== 'string') return wrong('device.type must be ios, android or web')
  const is = name === deviceEvents.seen ? 'seen' : 'gone'
  return type === 'web'
    ? browserNews(is, token, properties)
    : { is, device: { channel: 'push', address: token } }
}

function browserNews(
  is: 'seen' | 'gone',
  endpoint: string,
  { webpush_p256dh: key, webpush_auth: secret }: Readonly<Record<string, unknown>>,
): DeviceNews {
  if (!/^https:\/\//.test(endpoint))
    return wrong('device.token of a browser must be its endpoint, an https URL')
  if (is === 'gone') return { is, device: { channel: 'web-push', address: endpoint } }
  const given = typeof key === 'string' && KEY.test(key) && typeof secret === 'string' && SECRET.test(secret)
  if (!given) return wrong('webpush_p256dh and webpush_auth must be those of the subscription, in base64')
  return { is, device: { channel: 'web-push', address: `${endpoint} ${key} ${secret}` } }
}
