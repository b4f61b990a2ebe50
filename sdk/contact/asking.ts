import type { Category } from '../definition'
import { durationMs, type Duration } from '../time/duration'
import type { TouchpointToDeliver, ToSend } from '../touchpoint'
import { priorityOf, type Worth } from './arbitration'
import type { Contact, ContactFacts, HeldBecause, Judgment, Proposal } from './contact'
import { judge } from './judge'
import { countryOf, zoneOf, type ZoneDefaults } from './zone'

/** Who would carry a touchpoint, as far as the rules want to know. */
export interface Carrier {
  readonly name: string
  readonly channel: string
  /** Where this customer is reached, or undefined. `endpoint` is the message's. */
  address(customer: NonNullable<ContactFacts['customer']>, endpoint?: string): string | undefined
}

/** What the contact rules are asked about: a touchpoint on its way to a provider. */
export interface Asking {
  readonly id: string
  readonly journey: string
  readonly step: string
  readonly category: Category
  readonly topic?: string
  readonly endpoint?: string
  readonly provider: Carrier
  readonly at: number
  readonly zones: ZoneDefaults
  readonly worth: Worth
  readonly within?: Duration
}

/** A touchpoint, or one that may come to be, as the rules are asked about it. */
export function askingOf<Provider extends Carrier>(
  id: string,
  touchpoint: ToSend & Pick<TouchpointToDeliver, 'journey' | 'step' | 'at'>,
  provider: Provider,
): Asking & { readonly provider: Provider } {
  const { journey, step, category, topic, at, message, within, worth = {}, zones = unknownZones } = touchpoint
  const { endpoint } = message
  return { id, journey, step, category, topic, at, endpoint, provider, within, worth, zones }
}

const unknownZones = { deployment: 'UTC' }

/** What became of the touchpoint the last time it was asked about. */
export interface AskedBefore {
  readonly status: string
  readonly because: string | null
  readonly expiresAt: number | null
}

export interface Answered {
  readonly judgment: Judgment
  readonly priority: number
  /** Where it would go. */
  readonly address: string | undefined
}

/** Asks every contact rule about one touchpoint. */
export function askRules(asking: Asking, facts: ContactFacts, before: AskedBefore | undefined): Answered {
  const contact = contactOf(asking, facts, before)
  const { priority } = contact.proposal
  return { judgment: judge(contact), priority, address: addressOf(asking, facts) }
}

export const addressOf = ({ provider, endpoint }: Asking, { customer }: ContactFacts): string | undefined =>
  customer && provider.address(customer, endpoint)

/** What the rules decide on. */
export function contactOf(asking: Asking, facts: ContactFacts, before?: AskedBefore): Contact {
  const traits = facts.customer?.traits ?? {}
  return {
    ...facts,
    proposal: proposalOf(asking, facts, before),
    reachable: addressOf(asking, facts) !== undefined,
    zone: zoneOf(traits, asking.zones),
    country: countryOf(traits),
  }
}

function proposalOf(asking: Asking, { limits }: ContactFacts, before: AskedBefore | undefined): Proposal {
  const { id, journey, step, category, topic, at, provider, worth, within } = asking
  return {
    id,
    journey,
    step,
    category,
    at,
    channel: provider.channel,
    provider: provider.name,
    topic: topic ?? null,
    priority: priorityOf(worth, { journey, channel: provider.channel }, limits.arbitration),
    expiresAt: before?.expiresAt ?? null,
    heldBecause: before?.status === 'held' ? (before.because as HeldBecause) : null,
    proposed: before !== undefined,
    worthMs: within === undefined ? null : durationMs(within),
  }
}
