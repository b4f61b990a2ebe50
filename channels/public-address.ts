import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import * as ipaddr from 'ipaddr.js'

/** Resolves a host name to all its addresses, as `dns.lookup` with `all` does. */
export type Lookup = (
  hostname: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A host that must not be called from here. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress'
}

// Azure answers instance metadata there, in the middle of public space.
const NOT_TO_BE_CALLED = ['168.63.129.16']

/** Whether an IP address is one of the public internet, also when it is an IPv4 address in the clothes of an IPv6 one. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const plain = withoutNat64(ipaddr.process(address))
  if (plain.range() !== 'unicast' || NOT_TO_BE_CALLED.includes(plain.toString())) return false
  // Beyond 2000::/3 nothing is assigned, though ipaddr.js calls it unicast.
  return plain.kind() === 'ipv4' || (plain as ipaddr.IPv6).match(ipaddr.IPv6.parse('2000::'), 3)
}

// RFC 6052's well-known prefix reaches public hosts in networks that have IPv6 only; the host meant is in the last 32 bits.
function withoutNat64(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address
  const isNat64 = (address as ipaddr.IPv6).match(ipaddr.IPv6.parse('64:ff9b::'), 96)
  return isNat64 ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address
}

/** Whether a URL's host is an address itself, and not a public one; names are left to the lookup. */
export function isPrivateLiteral(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isIP(bare) !== 0 && !isPublic(bare)
}

/**
 * A lookup for connecting that fails with PrivateAddress when any address of the name is private and the name may not be. The
 * connection goes to the very addresses checked here, so a name that answers otherwise the next time gains nothing.
 */
export const checkedLookup =
  (allowsPrivate: (hostname: string) => boolean, lookup: Lookup = systemLookup as Lookup): LookupFunction =>
  (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      const [first] = addresses
      const allowed = allowsPrivate(hostname) || addresses.every(({ address }) => isPublic(address))
      if (!first || !allowed) return done(new PrivateAddress(), [])
      if (options.all) return done(null, addresses)
      done(null, first.address, first.family)
    })
  }

export interface Reach {
  /** Allows loopback, private and link-local addresses: for development. */
  readonly allowPrivate: boolean
  /** For tests. */
  readonly lookup?: Lookup
}
