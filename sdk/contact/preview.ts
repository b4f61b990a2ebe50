import type { WithheldBecause } from '../outcome'
import type { ConsentWord, Contact, Counted, HeldBecause, Judgment, Proposal, Rival } from './contact'
import { judge } from './judge'
import type { Limits } from './limits'
import { countryOf, zoneOf, type ZoneDefaults } from './zone'

/** A touchpoint as the ledger has it. Times are epoch ms by the customer's clock. */
export interface Recorded extends Pick<
  Proposal,
  'id' | 'journey' | 'step' | 'channel' | 'provider' | 'category' | 'topic' | 'priority' | 'at'
> {
  readonly was: 'sent' | 'held' | 'withheld'
  readonly because: string | null
}

/** What is on record of a customer. */
export interface CustomerPast {
  readonly customerId: string
  readonly traits: Readonly<Record<string, unknown>>
  /** Every word, in the order in which they count: a later one of the same matter replaces the earlier. */
  readonly consents: readonly ConsentWord[]
  /** What went out before the first of `touchpoints`. */
  readonly before: readonly Counted[]
  readonly touchpoints: readonly Recorded[]
}

/** What would have become of a touchpoint under other limits. */
export type Would =
  | { readonly is: 'sent' }
  /** And sent after so long, or held still. */
  | { readonly is: 'held'; readonly because: HeldBecause; readonly forMs: number }
  | { readonly is: 'withheld'; readonly because: WithheldBecause }

export interface Previewed {
  readonly touchpoint: Recorded
  readonly would: Would
}

export interface Circumstances {
  readonly limits: Limits
  readonly zones: (journey: string) => ZoneDefaults
  /** What is held then is told as held. */
  readonly now: number
}

interface Waiting {
  readonly touchpoint: Recorded
  readonly at: number
  /** Held once it is set. */
  readonly held: { readonly because: HeldBecause; readonly expiresAt: number | null } | undefined
}

/** Withheld for these reasons it stays so under any limits. */
const beyondLimits = new Set<string>(['no-customer', 'no-address', 'suppressed', 'withdrawn'])

/** Lives a customer's past again under other limits, by the rules' own code; what goes out counts for what follows. */
export function livedAgain(past: CustomerPast, circumstances: Circumstances): Previewed[] {
  const counted: Counted[] = [...past.before]
  const queue: Waiting[] = [...past.touchpoints]
    .sort((one, other) => one.at - other.at)
    .map((touchpoint) => ({ touchpoint, at: touchpoint.at, held: undefined }))
  const horizon = Math.max(circumstances.now, queue.at(-1)?.at ?? 0)
  const lived: Previewed[] = []
  for (let next = queue.shift(); next; next = queue.shift()) {
    const would = next.at > horizon ? stillHeld(next) : asked(next, past, counted, queue, circumstances)
    if (would.is === 'again') insert(queue, would.waiting)
    else lived.push({ touchpoint: next.touchpoint, would })
    if (would.is === 'sent' || (would.is === 'held' && next.at <= horizon))
      counted.push({ ...next.touchpoint, at: next.at })
  }
  return lived
}

type Asked = Would | { readonly is: 'again'; readonly waiting: Waiting }

function asked(
  next: Waiting,
  past: CustomerPast,
  counted: readonly Counted[],
  queue: readonly Waiting[],
  circumstances: Circumstances,
): Asked {
  const { was, because } = next.touchpoint
  if (was === 'withheld' && because !== null && beyondLimits.has(because))
    return { is: 'withheld', because: because as WithheldBecause }
  return outcome(next, judge(contactOf(next, past, counted, queue, circumstances)))
}

function outcome(next: Waiting, judgment: Judgment): Asked {
  const { touchpoint, at, held } = next
  switch (judgment.is) {
    case 'withheld':
      return { is: 'withheld', because: judgment.because }
    case 'held': {
      const { because, until, expiresAt } = judgment
      return {
        is: 'again',
        waiting: { touchpoint, at: Math.max(until, at + 1), held: { because, expiresAt } },
      }
    }
    case 'allowed':
    case 'proposed':
      return held ? { is: 'held', because: held.because, forMs: at - touchpoint.at } : { is: 'sent' }
  }
}

const stillHeld = ({ touchpoint, at, held }: Waiting): Would => ({
  is: 'held',
  because: held!.because,
  forMs: at - touchpoint.at,
})

function contactOf(
  { touchpoint, at, held }: Waiting,
  { customerId, traits, consents }: CustomerPast,
  counted: readonly Counted[],
  queue: readonly Waiting[],
  { limits, zones }: Circumstances,
): Contact {
  return {
    customerId,
    customer: { id: customerId, traits },
    consents: asOf(consents, at),
    suppressedBecause: [],
    counted,
    rivals: queue.flatMap(rivalOf),
    // No place is kept for what is likely to come: what would have been wanted is not known.
    wanted: [],
    otherEnrollments: 0,
    stops: [],
    limits,
    proposal: {
      ...touchpoint,
      at,
      expiresAt: held?.expiresAt ?? null,
      heldBecause: held?.because ?? null,
      proposed: true,
      worthMs: null,
    },
    reachable: true,
    zone: zoneOf(traits, zones(touchpoint.journey)),
    country: countryOf(traits),
  }
}

const rivalOf = ({ touchpoint, at, held }: Waiting): Rival[] =>
  held
    ? [{ ...touchpoint, status: 'held', heldUntil: at, expiresAt: held.expiresAt, otherEnrollment: null }]
    : []

/** The newest word of each matter that had been said by then. */
function asOf(consents: readonly ConsentWord[], at: number): ConsentWord[] {
  const words = consents
    .filter(({ occurredAt }) => occurredAt <= at)
    .map((word) => [JSON.stringify([word.channel, word.purpose]), word] as const)
  return [...new Map(words).values()]
}

function insert(queue: Waiting[], waiting: Waiting): void {
  const place = queue.findIndex(({ at }) => at > waiting.at)
  queue.splice(place === -1 ? queue.length : place, 0, waiting)
}
