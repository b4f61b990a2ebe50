import type { Recipient } from './channel'

/** The number in E.164 (`+4930123456`), of one written with spaces, dashes, brackets or 00; undefined for anything else. */
export function phoneNumber(text: string): string | undefined {
  const plain = text
    .trim()
    .replace(/[\s().\u00a0/-]/g, '')
    .replace(/^00/, '+')
  return /^\+[1-9]\d{6,14}$/.test(plain) ? plain : undefined
}

/** Where a customer's texts go: the trait `phone`, with its country's code. */
export const phoneOf = ({ traits }: Recipient): string | undefined =>
  typeof traits.phone === 'string' ? phoneNumber(traits.phone) : undefined
