import { fraction } from '../hash'
import { freeAt, nextPlaceAt, talliesOf, type Tally } from './caps'
import { allows, holds, type Contact, type Proposal, type Rival, type Rule } from './contact'
import { priceOf, type Price } from './place-price'
import { concerns, type Weights } from './limits'

/** What a journey says a touchpoint is worth; each factor left out is 1. */
export interface Worth {
  /** The chance that it works, 0 to 1. */
  readonly propensity?: number
  /** How well it fits the moment, in percent on top. */
  readonly context?: number
  /** What it brings when it works, in the deployment's own unit. */
  readonly value?: number
}

/**
 * Propensity x context x value x lever: Pega's form of arbitration, each weight a percentage on top (1 + sum / 100).
 * Never negative.
 */
export function priorityOf(
  { propensity = 1, context = 0, value = 1 }: Worth,
  { journey, channel }: { readonly journey: string; readonly channel: string },
  { levers = {}, contexts = {} }: Weights,
): number {
  const onTop = (...percent: readonly number[]): number =>
    Math.max(0, 1 + percent.reduce((sum, each) => sum + each, 0) / 100)
  return propensity * onTop(context, contexts[channel] ?? 0) * value * onTop(levers[journey] ?? 0)
}

/** A proposal whose process died does not stand in others' way for longer. */
const PROPOSED_FOR_MS = 60_000
/** Nor one that is held and did not come when its time was there: its enrollment is paused, or stuck. */
const LATE_BY_MS = 600_000

/** Where more want to go than may, those of the highest priority do; and a place is kept for what is likely to come. */
export const arbitration: Rule = {
  name: 'arbitration',
  rule(contact) {
    const tallies = talliesOf(contact)
    if (tallies.length === 0) return allows('nothing limits how many may go')
    const contests = tallies.filter(({ left }) => left > 0).map((tally) => contestOf(tally, contact))
    const words = contests.length > 0 ? contests.map(inWords) : ['there is no place to compete for']
    const said = [`priority ${round(contact.proposal.priority)}`, ...words].join('; ')
    const until = Math.max(0, ...contests.map(({ lostUntil }) => lostUntil ?? 0))
    return until > 0 ? holds('outbid', until, said) : allows(said)
  },
}

/** How the proposal stands in the competition for the places under one cap. */
interface Contest {
  readonly tally: Tally
  readonly better: readonly Rival[]
  /** What a place that those worth more leave is likely to bring if it is kept. */
  readonly price: Price | undefined
  /** When there may be a place again; undefined when it has one now. */
  readonly lostUntil: number | undefined
}

function contestOf(tally: Tally, contact: Contact): Contest {
  const better = betterThan(contact, tally)
  const free = tally.left - better.length
  if (free <= 0) return { tally, better, price: undefined, lostUntil: freeAt(tally, contact, tally.left) }
  const price = priceOf(tally, free, contact)
  const kept = price !== undefined && price.worth > contact.proposal.priority
  return { tally, better, price, lostUntil: kept ? nextPlaceAt(tally, contact) : undefined }
}

/** Whether others might still propose for the places that are left: then a marketing touchpoint waits a moment for them. */
export function isContested(contact: Contact): boolean {
  const { rivals, otherEnrollments } = contact
  const asked = new Set(rivals.flatMap(({ otherEnrollment }) => otherEnrollment ?? []))
  const others = rivals.length + Math.max(0, otherEnrollments - asked.size)
  return talliesOf(contact).some(({ left }) => others >= left)
}

/** Best first. */
const betterThan = (contact: Contact, { cap }: Tally): Rival[] =>
  contact.rivals
    .filter((rival) => concerns(cap, rival) && competes(rival, contact) && beats(rival, contact.proposal))
    .sort((one, other) => (beats(one, other) ? -1 : 1))

/** It could go now as well. */
function competes({ status, at, heldUntil, expiresAt }: Rival, { proposal, limits }: Contact): boolean {
  const now = proposal.at
  if (expiresAt !== null && expiresAt <= now) return false
  if (status === 'proposed') return now - at <= PROPOSED_FOR_MS
  return heldUntil !== null && heldUntil <= now + limits.arbitration.windowMs && now - heldUntil <= LATE_BY_MS
}

type Ranked = Pick<Proposal, 'id' | 'priority' | 'expiresAt'>

/**
 * By priority; of equal ones the one that expires first, which is the one that was held first; then by lot, a hash of the id,
 * so that of journeys that always propose together not always the same one goes.
 */
export function beats(one: Ranked, other: Ranked): boolean {
  const order =
    other.priority - one.priority ||
    compare(one.expiresAt ?? Infinity, other.expiresAt ?? Infinity) ||
    compare(lotOf(one), lotOf(other)) ||
    compare(one.id, other.id)
  return order < 0
}

const lotOf = ({ id }: Ranked): number => fraction('lot', id)

const compare = <Value extends number | string>(one: Value, other: Value): number =>
  one < other ? -1 : one > other ? 1 : 0

const NAMED = 3

function inWords({ tally: { cap, left }, better, price }: Contest): string {
  const named = better.slice(0, NAMED).map(({ journey, priority }) => `${journey} ${round(priority)}`)
  const rivals = [...named, ...(better.length > NAMED ? ['…'] : [])].join(', ')
  const said = `${left} of ${cap.most} places left under ${cap.name}, ${better.length} worth more${rivals && ` (${rivals})`}`
  if (!price) return said
  return `${said}, and a place is likely to bring ${round(price.worth)} (${price.came} worth more came in 28 days)`
}

const round = (value: number): string => String(Math.round(value * 10_000) / 10_000)
