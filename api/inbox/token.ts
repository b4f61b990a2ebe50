import { createHmac } from 'node:crypto'
import { same } from '../../channels/signed'

/** Lets its holder, the app of one customer, read and mark that customer's inbox until it ends. */
export interface InboxToken {
  readonly customerId: string
  /** Epoch ms. */
  readonly endsAt: number
}

const FORM = /^inbox\.([\w-]+)\.(\d{1,16})\.([\w-]{43})$/

/** The first secret signs. */
export function inboxToken({ customerId, endsAt }: InboxToken, [secret = '']: readonly string[]): string {
  const claim = `inbox.${Buffer.from(customerId).toString('base64url')}.${endsAt}`
  return `${claim}.${sign(secret, claim)}`
}

/** What a text lets its holder do now; undefined for what no secret of ours signed, or what has ended. */
export function readInboxToken(
  text: string,
  secrets: readonly string[],
  now: number,
): InboxToken | undefined {
  const [, id = '', end = '', signature = ''] = FORM.exec(text) ?? []
  const claim = `inbox.${id}.${end}`
  const known =
    signature !== '' &&
    secrets.some((secret) => same(Buffer.from(sign(secret, claim)), Buffer.from(signature)))
  if (!known || Number(end) <= now) return undefined
  return { customerId: Buffer.from(id, 'base64url').toString(), endsAt: Number(end) }
}

const sign = (secret: string, claim: string): string =>
  createHmac('sha256', secret).update(claim).digest('base64url')
