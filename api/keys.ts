import { createHash, timingSafeEqual } from 'node:crypto'
import { Problem } from '../sdk/problem'

/** What a key may do. */
export type Role = 'ingest' | 'read' | 'agent' | 'operate' | 'admin'

/** An API key: its holder alone knows it. `hash` is its SHA-256 in hex, `name` stands in the records for its holder. */
export interface ApiKey {
  readonly role: Role
  readonly name: string
  readonly hash: string
}

/** Which roles of routes a key's role opens. */
export const grants: Readonly<Record<Role, readonly Role[]>> = {
  ingest: ['ingest'],
  read: ['read'],
  agent: ['agent'],
  operate: ['operate', 'read', 'agent'],
  admin: ['admin', 'operate', 'read', 'agent', 'ingest'],
}

/** The key a request carries. Throws the problem `unauthorized` without a valid one, `forbidden` when its role is too small. */
export function authorize(keys: readonly ApiKey[], needed: Role, authorization: string | undefined): ApiKey {
  const given = presentedKey(authorization)
  if (given === undefined) throw new Problem('unauthorized', 'The request carries no API key.')
  const key = find(keys, given)
  if (!key) throw new Problem('unauthorized', 'The API key is not a known one.')
  if (!grants[key.role].includes(needed)) {
    throw new Problem('forbidden', `The key ${key.name} has the role ${key.role}; this needs ${needed}.`)
  }
  return key
}

/** Basic: the user name is the key, as Segment's clients send it. */
function presentedKey(authorization = ''): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return undefined
  return Buffer.from(value, 'base64').toString().split(':', 1)[0]
}

// Every key is compared, in constant time, so that the time taken tells nothing of any of them.
function find(keys: readonly ApiKey[], given: string): ApiKey | undefined {
  const hash = createHash('sha256').update(given).digest()
  return keys.filter((key) => timingSafeEqual(Buffer.from(key.hash, 'hex'), hash))[0]
}
