import type { Carrier, Outgoing, Provider, Recipient } from '../channels'
import type { Links } from '../channels/links'
import { refOf } from '../store'
import type { Store } from '../store/store'
import { MessageError, type Messages, type MessageScope } from './messages'
import type { TouchpointToDeliver } from '../sdk/touchpoint'

export interface ComposingDeps {
  readonly store: Store
  readonly messages: Messages
  readonly links: Links
}

/** A touchpoint that may go out, and to whom. */
export interface Addressed {
  readonly id: string
  readonly touchpoint: TouchpointToDeliver
  /** Those who may carry it, in order; and who was asked, or is the first to be. */
  carriers: readonly Carrier[]
  provider: Provider
  /** As it was decided on; an interrupted attempt is reserved without asking the rules again. */
  customer?: Recipient
  /** Once it is reserved. */
  recordedAt?: number
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
  const unsubscribe = links.unsubscribe(ref)
  const own = { unsubscribe, preferences: links.preferences(ref), confirm: links.confirm(ref) }
  const scope = scopeOf(touchpoint, customer, own)
  const content = messages.render(message.channel, message.template, scope)
  const { endpoint } = message
  const task = taskOf(touchpoint)
  return { touchpointId: id, ref, address, endpoint, content, category, task, unsubscribeUrl: unsubscribe }
}

const taskOf = ({ task, message, ...asker }: TouchpointToDeliver): Outgoing['task'] => {
  const { enrollmentId, entry, journey, step, customerId, at } = asker
  const from = { enrollmentId, entry, journey, step, customerId, at, context: message.data ?? {} }
  return task && { ...task, ...from }
}

const scopeOf = (
  { message, trigger, journey }: TouchpointToDeliver,
  { id, traits }: Recipient,
  links: MessageScope['links'],
): MessageScope => ({
  customer: { ...traits, id },
  trigger,
  data: message.data ?? {},
  links,
  journey,
})
