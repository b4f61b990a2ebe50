import { Agent, buildConnector } from 'undici'
import { checkedLookup, isPrivateLiteral, type Lookup, PrivateAddress } from './public-address'

/** Where requests of ours may go. */
export interface Guard {
  /** Whether a host may be at a private or loopback address. */
  readonly allowsPrivate: (hostname: string) => boolean
  /** Until a connection stands. */
  readonly timeoutMs: number
  /** For tests. */
  readonly lookup?: Lookup
}

/** Connects to public addresses alone, but for the hosts that may be elsewhere. Others fail with PrivateAddress. */
export function guardedAgent({ allowsPrivate, timeoutMs: timeout, lookup }: Guard): Agent {
  const connect = buildConnector({
    timeout,
    lookup: checkedLookup(allowsPrivate, lookup),
  } as buildConnector.BuildOptions)
  return new Agent({
    connect: (options, done) => {
      // node asks no lookup for a host that is an address already.
      if (isPrivateLiteral(options.hostname) && !allowsPrivate(options.hostname))
        return done(new PrivateAddress(), null)
      connect(options, done)
    },
  })
}
