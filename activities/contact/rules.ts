import type { Provider } from '../../channels'
import { addressOf, askRules, type Asking as AskingAny, type ContactFacts } from '../../sdk/contact'
import { suppressionKey } from '../../store'
import type { Judged, TouchpointRow } from '../../store/store'

/** What the contact rules are asked about: a touchpoint on its way to a provider. */
export type Asking = AskingAny & { readonly provider: Provider }

/** Asks every contact rule about one touchpoint, for the ledger: its address as one may be suppressed. */
export function judgment(asking: Asking, facts: ContactFacts, before: TouchpointRow | undefined): Judged {
  const { judgment, priority } = askRules(asking, facts, before)
  return { judgment, priority, address: suppressibleAddress(asking, facts) }
}

/** Under which the address it would go to may be suppressed; undefined where there is none, or it is no person's. */
export function suppressibleAddress(asking: Asking, facts: ContactFacts): string | undefined {
  const address = addressOf(asking, facts)
  return address === undefined ? undefined : suppressionKey(asking.provider.channel, address)
}
