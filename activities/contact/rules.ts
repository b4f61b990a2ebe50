import type { Provider } from '../../channels'
import {
  countryOf,
  judge,
  priorityOf,
  zoneOf,
  type ContactFacts,
  type HeldBecause,
  type Proposal,
  type Worth,
  type ZoneDefaults,
} from '../../sdk/contact'
import { durationMs, type Duration } from '../../sdk/time/duration'
import { suppressionKey } from '../../store'
import type { Judged, TouchpointRow } from '../../store/store'

/** What the contact rules are asked about: a touchpoint on its way to a provider. */
export interface Asking {
  readonly id: string
  readonly journey: string
  readonly step: string
  readonly category: 'marketing' | 'transactional'
  readonly topic?: string
  readonly endpoint?: string
  readonly provider: Provider
  readonly at: number
  readonly zones: ZoneDefaults
  readonly worth: Worth
  readonly within?: Duration
}

/** Asks every contact rule about one touchpoint. */
export function judgment(asking: Asking, facts: ContactFacts, before: TouchpointRow | undefined): Judged {
  const { provider, endpoint } = asking
  const address = facts.customer && provider.address(facts.customer, endpoint)
  const traits = facts.customer?.traits ?? {}
  const proposal = proposalOf(asking, facts, before)
  const contact = {
    ...facts,
    proposal,
    reachable: address !== undefined,
    zone: zoneOf(traits, asking.zones),
    country: countryOf(traits),
  }
  return {
    judgment: judge(contact),
    priority: proposal.priority,
    address: address === undefined ? undefined : suppressionKey(provider.channel, address),
  }
}

function proposalOf(asking: Asking, { limits }: ContactFacts, before: TouchpointRow | undefined): Proposal {
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
