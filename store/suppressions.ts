import { createHash } from 'node:crypto'

const kinds: Readonly<Record<string, string>> = {
  email: 'email',
  sms: 'phone',
  whatsapp: 'phone',
  voice: 'phone',
}

/**
 * Under which an address is suppressed: a hash of it, so that the address itself is not kept; undefined on channels whose
 * addresses are no person's. One phone number is the same on all channels that call it.
 */
export function suppressionKey(channel: string, address: string): string | undefined {
  const kind = Object.hasOwn(kinds, channel) ? kinds[channel] : undefined
  const plain = kind === 'phone' ? address.replace(/[^\d+]/g, '') : address.trim().toLowerCase()
  return kind && createHash('sha256').update(`${kind}:${plain}`).digest('base64url')
}
