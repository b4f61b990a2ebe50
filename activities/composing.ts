import type { Outgoing, Provider } from '../channels'
import type { Recipient } from '../channels'
import { refOf } from '../store'
import type { Store } from '../store/store'
import { MessageError, type Messages } from './messages'
import type { TouchpointToDeliver } from './touchpoint'

export interface Links {
  unsubscribe(ref: string): string
}

export interface ComposingDeps {
  readonly store: Store
  readonly messages: Messages
  readonly links: Links
}

/** A touchpoint that may go out, and to whom. */
export interface Addressed {
  readonly id: string
  readonly touchpoint: TouchpointToDeliver
  readonly provider: Provider
  /** As it was decided on; an interrupted attempt is reserved without asking the rules again. */
  customer?: Recipient
}

/** The message as the provider takes it. Throws MessageError when it cannot be made of this customer. */
export async function outgoingOf(
  { store, links, messages }: ComposingDeps,
  { id, touchpoint, provider, ...known }: Addressed,
): Promise<Outgoing> {
  const { category, message } = touchpoint
  const customer = known.customer ?? (await store.customers.get(touchpoint.customerId))
  const address = customer && provider.address(customer, message.endpoint)
  if (!customer || !address) throw new MessageError('the customer or the address is gone')
  const ref = refOf(id)
  const unsubscribeUrl = links.unsubscribe(ref)
  const scope = scopeOf(touchpoint, customer, unsubscribeUrl)
  const content = messages.render(message.channel, message.template, scope)
  return { touchpointId: id, ref, address, content, category, unsubscribeUrl }
}

const scopeOf = (
  { message, trigger, journey }: TouchpointToDeliver,
  { id, traits }: Recipient,
  unsubscribe: string,
) => ({
  customer: { ...traits, id },
  trigger,
  data: message.data ?? {},
  links: { unsubscribe },
  journey,
})
