import { createPrivateKey, type KeyObject } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import DKIM from 'nodemailer/lib/dkim'
import { domainOf } from './address'

/** All or none of them. */
export interface DkimSettings {
  /** `d=`: the domain of the sender's address, or one above or below it, so that DMARC finds them aligned. */
  readonly domain?: string
  /** `s=`: the public key stands in DNS at `<selector>._domainkey.<domain>`. */
  readonly selector?: string
  /** RSA, as PEM; line ends may be written as `\n`. */
  readonly privateKey?: string
}

export type Sign = (raw: Buffer) => Promise<Buffer>

// RFC 6376, section 5.4.1, and what RFC 8058 wants covered. Those that a mail lacks are left out.
const SIGNED_HEADERS = [
  ...['From', 'Sender', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'Cc', 'MIME-Version'],
  ...['Content-Type', 'Content-Transfer-Encoding', 'In-Reply-To', 'References', 'Auto-Submitted'],
  ...['List-Id', 'List-Unsubscribe', 'List-Unsubscribe-Post'],
]
const LEAST_BITS = 1_024
const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i

/** Signs whole mails; undefined without settings. Throws an Error of one sentence when they cannot be used for this sender. */
export function dkimSigner(settings: DkimSettings, sender: string): Sign | undefined {
  const { domain, selector, privateKey } = settings
  if (!domain && !selector && !privateKey) return undefined
  if (!domain || !selector || !privateKey)
    throw new Error('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY must be set together, or none of them')
  if (!NAME.test(domain) || !domain.includes('.'))
    throw new Error('DKIM_DOMAIN must be a domain such as shop.example')
  if (!NAME.test(selector)) throw new Error('DKIM_SELECTOR must be the name of a DNS record such as mail2027')
  if (!aligned(domain.toLowerCase(), domainOf(sender)))
    throw new Error(`DKIM_DOMAIN must be the domain of MAIL_FROM, ${domainOf(sender)}, or DMARC fails`)
  const key = rsaKey(privateKey).export({ type: 'pkcs8', format: 'pem' })
  const signer = new DKIM({
    domainName: domain,
    keySelector: selector,
    privateKey: key,
    headerFieldNames: SIGNED_HEADERS.join(':'),
  })
  return (raw) => buffer(signer.sign(raw))
}

/** The signer would send unsigned what it has no usable key for. */
function rsaKey(pem: string): KeyObject {
  const key = parsed(pem.replaceAll('\\n', '\n'))
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0
  if (key?.asymmetricKeyType === 'rsa' && bits >= LEAST_BITS) return key
  throw new Error(`DKIM_PRIVATE_KEY must be an RSA private key of at least ${LEAST_BITS} bits, as PEM`)
}

function parsed(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

const aligned = (one: string, other: string): boolean =>
  one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)
