import { domainToASCII } from 'node:url'
import type { Answer, Recipient } from '../channel'

const LOCAL = /^[^\s\p{Cc}\p{Zs}"(),:;<>@[\\\].]+(\.[^\s\p{Cc}\p{Zs}"(),:;<>@[\\\].]+)*$/u
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The mailbox in the form an SMTP envelope takes, its domain in ASCII; undefined when the text is anything but one plain
 * mailbox. Quoted local parts and address literals are legal but, in customer data, always mistakes or attacks.
 */
export function mailbox(text: string): string | undefined {
  const trimmed = text.trim()
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, at)
  const domain = asciiDomain(trimmed.slice(at + 1))
  if (at < 1 || !domain || !LOCAL.test(local) || Buffer.byteLength(local) > 64) return undefined
  return `${local}@${domain}`
}

/** The answer about an address that is no mailbox. */
export const noMailbox: Answer = { is: 'refused', because: 'the address is not a valid email address' }

/** The domain of a mailbox, in ASCII. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

function asciiDomain(domain: string): string | undefined {
  // domainToASCII decodes percent signs and maps full-width dots; what it made must be plain again.
  const ascii = domain.includes('%') ? '' : domainToASCII(domain)
  return DOMAIN.test(ascii) && !/\.\d+$/.test(ascii) ? ascii : undefined
}

/** Where a customer's mail goes, or undefined. */
export const emailOf = ({ traits }: Recipient): string | undefined =>
  typeof traits.email === 'string' && traits.email.trim() ? traits.email : undefined
