import { freeAt, talliesOf, type Tally } from './caps'
import { allows, holds, type Contact, type Proposal, type Rival, type Rule } from './contact'
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

/** Where more want to go than may, those of the highest priority do. */
export const arbitration: Rule = {
  name: 'arbitration',
  rule(contact) {
    const { proposal } = contact
    const contests = talliesOf(contact).map((tally) => ({ tally, better: betterThan(contact, tally) }))
    if (contests.length === 0) return allows('nothing limits how many may go')
    const lost = contests.filter(({ tally, better }) => tally.left > 0 && better.length >= tally.left)
    const said = `priority ${round(proposal.priority)}; ${contests.map(inWords).join('; ')}`
    if (lost.length === 0) return allows(said)
    const until = Math.max(...lost.map(({ tally }) => freeAt(tally, contact, tally.left)))
    return holds('outbid', until, said)
  },
}

/** Whether others might still propose for the places that are left: then a marketing touchpoint waits a moment for them. */
export function isContested(contact: Contact): boolean {
  const places = talliesOf(contact).map(({ left }) => left)
  return places.some((left) => contact.otherEnrollments + contact.rivals.length >= left)
}

const betterThan = (contact: Contact, { cap }: Tally): Rival[] =>
  contact.rivals.filter(
    (rival) => concerns(cap, rival) && competes(rival, contact) && beats(rival, contact.proposal),
  )

/** It could go now as well. */
function competes({ status, at, heldUntil, expiresAt }: Rival, { proposal, limits }: Contact): boolean {
  const now = proposal.at
  if (expiresAt !== null && expiresAt <= now) return false
  if (status === 'proposed') return now - at <= PROPOSED_FOR_MS
  return heldUntil !== null && heldUntil <= now + limits.arbitration.windowMs && now - heldUntil <= LATE_BY_MS
}

type Ranked = Pick<Proposal, 'id' | 'priority' | 'at' | 'expiresAt'>

/** By priority; of equal ones the one that expires first, then the one that was proposed first, then by id. */
export function beats(one: Ranked, other: Ranked): boolean {
  const order =
    other.priority - one.priority ||
    compare(one.expiresAt ?? Infinity, other.expiresAt ?? Infinity) ||
    one.at - other.at ||
    compare(one.id, other.id)
  return order < 0
}

const compare = <Value extends number | string>(one: Value, other: Value): number =>
  one < other ? -1 : one > other ? 1 : 0

const inWords = ({ tally: { cap, left }, better }: { tally: Tally; better: Rival[] }): string =>
  `${left} of ${cap.most} places left under ${cap.name}, ${better.length} worth more${
    better.length > 0
      ? ` (${better.map(({ journey, priority }) => `${journey} ${round(priority)}`).join(', ')})`
      : ''
  }`

const round = (value: number): string => String(Math.round(value * 10_000) / 10_000)
