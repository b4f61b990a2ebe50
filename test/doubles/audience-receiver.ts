import { Webhook } from 'standardwebhooks'
import { Double, type Asked, type Examined } from './provider'

export interface Synced {
  readonly id: string
  readonly body: any
}

export const audienceSecret = `whsec_${Buffer.from('a secret of a good length').toString('base64')}`

/**
 * Who keeps audiences at an ad platform, as a receiver of standardwebhooks.com has to be: a signature that is right, a body that
 * names hashes alone, and the same webhook-id taken once.
 */
export function audienceReceiver(): Promise<Double<Synced>> {
  const seen = new Set<string>()
  return Double.open((asked) => examine(asked, seen))
}

const HASH = /^[0-9a-f]{64}$/

function examine({ method, headers, body }: Asked, seen: Set<string>): Examined<Synced> {
  if (method !== 'POST') return { says: { status: 405 } }
  try {
    new Webhook(audienceSecret).verify(body, headers as Record<string, string>)
  } catch {
    return { says: { status: 401 } }
  }
  const sync = JSON.parse(body)
  if (!hashesIn(sync.data).every((hash) => HASH.test(String(hash)))) return { says: { status: 422 } }
  const id = String(headers['webhook-id'])
  if (seen.has(id)) return { says: { status: 200 } }
  seen.add(id)
  return { takes: { id, body: sync }, says: { status: 202 } }
}

const hashesIn = ({ userIdentifiers, payload }: any): unknown[] =>
  userIdentifiers ? userIdentifiers.flatMap((each: object) => Object.values(each)) : payload.data.flat()
