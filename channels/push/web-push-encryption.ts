import { createCipheriv, createECDH, ECDH, hkdfSync, randomBytes } from 'node:crypto'

/** What a browser's subscription is encrypted for: its P-256 point, uncompressed, and its 16 bytes of secret. */
export interface SubscriptionKeys {
  readonly point: Buffer
  readonly secret: Buffer
}

/** The keys of a subscription; undefined where they are none. */
export function subscriptionKeys(p256dh: string, auth: string): SubscriptionKeys | undefined {
  const keys = { point: Buffer.from(p256dh, 'base64'), secret: Buffer.from(auth, 'base64') }
  return isPoint(keys.point) && keys.secret.length === 16 ? keys : undefined
}

function isPoint(bytes: Buffer): boolean {
  if (bytes.length !== 65 || bytes[0] !== 4) return false
  try {
    ECDH.convertKey(bytes, 'prime256v1')
    return true
  } catch {
    return false
  }
}

const RECORD_SIZE = 4_096
const KEY_LENGTH = 16
const NONCE_LENGTH = 12
/** What a text may have in bytes: a push service takes 4,096 with the header, the padding's end and the tag (RFC 8291, 4). */
export const MOST_BYTES = RECORD_SIZE - 86 - 1 - 16

/**
 * A message encrypted for one subscription (RFC 8291), as one record of aes128gcm (RFC 8188). `salt` and `ours` are for tests:
 * both must be new for every message.
 */
export function encrypted(
  text: Buffer,
  { point, secret }: SubscriptionKeys,
  salt = randomBytes(16),
  ours = newKeys(),
): Buffer {
  const own = ours.getPublicKey()
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), point, own])
  const shared = derived(ours.computeSecret(point), secret, info, 32)
  const key = derived(shared, salt, Buffer.from('Content-Encoding: aes128gcm\0'), KEY_LENGTH)
  const nonce = derived(shared, salt, Buffer.from('Content-Encoding: nonce\0'), NONCE_LENGTH)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  // 2 ends the last record.
  const sealed = [cipher.update(text), cipher.update(Buffer.from([2])), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat([salt, uint32(RECORD_SIZE), Buffer.from([own.length]), own, ...sealed])
}

function newKeys(): ECDH {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  return ecdh
}

const derived = (from: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', from, salt, info, length))

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
