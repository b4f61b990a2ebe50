import type { Provider } from '../../channels'
import { askRules, type Asking as AskingAny, type ContactFacts } from '../../sdk/contact'
import { suppressionKey } from '../../store'
import type { Judged, TouchpointRow } from '../../store/store'

/** What the contact rules are asked about: a touchpoint on its way to a provider. */
export type Asking = AskingAny & { readonly provider: Provider }

/** Asks every contact rule about one touchpoint, for the ledger: its address as one may be suppressed. */
export function judgment(asking: Asking, facts: ContactFacts, before: TouchpointRow | undefined): Judged {
  const { address, ...answered } = askRules(asking, facts, before)
  const key = address === undefined ? undefined : suppressionKey(asking.provider.channel, address)
  return { ...answered, address: key }
}
