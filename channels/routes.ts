import type { Provider } from './channel'

/** Why a provider does not take what it may take later: it cannot be reached or used, or it has had enough for now. */
export type Fault = 'down' | 'throttled'

/** One of those who may carry a channel's messages. */
export interface Carrier {
  readonly provider: Provider
  /** The faults of those before it after which it is asked. */
  readonly after: readonly Fault[]
  /** Customers of these countries alone; default: all. */
  readonly countries?: readonly string[]
}

/** A step of a route, as it is configured. */
export interface RouteStep {
  /** A provider's name, or an account's. */
  readonly account: string
  readonly after?: readonly Fault[]
  readonly countries?: readonly string[]
}

const ALWAYS: readonly Fault[] = ['down', 'throttled']

/** The carriers of a route. Throws with a sentence when some customers would have none. */
export function carriersOf(
  channel: string,
  route: readonly RouteStep[],
  providerOf: (account: string) => Provider,
): readonly Carrier[] {
  if (route.length === 0 || route.every(({ countries }) => countries))
    throw new Error(`ROUTES of ${channel} must hold a step without countries: for customers of all others`)
  return route.map(({ account, after = ALWAYS, countries }) => {
    const provider = providerOf(account)
    if (provider.channel !== channel)
      throw new Error(`ROUTES of ${channel} names ${account}, which carries ${provider.channel}`)
    return { provider, after, countries }
  })
}

/** The one that carries everything. */
export const onlyCarrier = (provider: Provider): readonly Carrier[] => [{ provider, after: [] }]
