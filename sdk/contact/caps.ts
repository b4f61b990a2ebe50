import { durationMs } from '../time/duration'
import { addLocal, formatClock, startOfLocalDay, toLocal } from '../time/local'
import { zoneRule } from '../time/zones'
import { allows, holds, type Contact, type Rule } from './contact'
import { concerns, type Cap } from './limits'
import { spreadMs } from './spread'

/** How a cap stands for one proposal. Times are epoch ms by the customer's clock. */
export interface Tally {
  readonly cap: Cap
  /** When those that count went out, oldest first. */
  readonly used: readonly number[]
  /** Places free now. */
  readonly left: number
}

/** No more to a customer than the limits allow, across all journeys. */
export const frequencyCaps: Rule = {
  name: 'frequency caps',
  rule(contact) {
    const tallies = talliesOf(contact)
    if (tallies.length === 0) return allows('no cap concerns it')
    const said = tallies.map((tally) => inWords(tally, contact)).join('; ')
    const full = tallies.filter(({ left }) => left === 0)
    if (full.length === 0) return allows(said)
    return holds('frequency-cap', Math.max(...full.map((tally) => freeAt(tally, contact))), said)
  },
}

/** The caps that concern the proposal, and how they stand. Transactional messages ask no cap, though one may count them. */
export function talliesOf(contact: Contact): Tally[] {
  const { proposal, limits } = contact
  if (proposal.category === 'transactional') return []
  return limits.caps.filter((cap) => concerns(cap, proposal)).map((cap) => tallyOf(cap, contact))
}

function tallyOf(cap: Cap, contact: Contact): Tally {
  const from = windowStart(cap, contact)
  const used = contact.counted.filter((each) => each.at >= from && concerns(cap, each)).map(({ at }) => at)
  return { cap, used, left: Math.max(0, cap.most - used.length) }
}

/**
 * When the cap has a place again, if `taken` more go out now; Infinity when never. A rolling window lets go of a touchpoint
 * its length after it went out; a calendar window starts anew, and then customers are spread.
 */
export function freeAt({ cap, used }: Tally, contact: Contact, taken = 0): number {
  const { at } = contact.proposal
  if (cap.most === 0) return Infinity
  if ('calendar' in cap.window) return nextStart(cap.window.calendar, contact) + spreadMs(contact)
  const times = [...used, ...Array.from({ length: taken }, () => at)]
  // The window is open at its old end: one that went out exactly its length ago does not count any more.
  return times[times.length - cap.most]! + durationMs(cap.window.rolling)
}

/** When the place that is taken now is free again. */
export function freeAgainAt({ cap: { window } }: Tally, contact: Contact): number {
  const { at } = contact.proposal
  return 'rolling' in window ? at + durationMs(window.rolling) : nextStart(window.calendar, contact)
}

/** When the next of the places already taken is free again; Infinity where none is taken. */
export function nextPlaceAt({ cap: { window }, used }: Tally, contact: Contact): number {
  if ('calendar' in window) return nextStart(window.calendar, contact) + spreadMs(contact)
  return used.length === 0 ? Infinity : used[0]! + durationMs(window.rolling)
}

function windowStart({ window }: Cap, contact: Contact): number {
  const { at } = contact.proposal
  return 'rolling' in window ? at - durationMs(window.rolling) + 1 : periodStart(window.calendar, contact)
}

function periodStart(unit: 'day' | 'week' | 'month', { proposal, zone }: Contact): number {
  const rule = zoneRule(zone.name)
  const today = startOfLocalDay(proposal.at, rule)
  const { weekday, day } = toLocal(proposal.at, rule)
  const back = { day: 0, week: weekday - 1, month: day - 1 }[unit]
  // From noon, as a midnight may be left out by a clock change.
  return startOfLocalDay(addLocal(today + HALF_DAY_MS, { days: -back }, rule), rule)
}

function nextStart(unit: 'day' | 'week' | 'month', contact: Contact): number {
  const rule = zoneRule(contact.zone.name)
  const noon = periodStart(unit, contact) + HALF_DAY_MS
  return startOfLocalDay(addLocal(noon, { [`${unit}s`]: 1 }, rule), rule)
}

const HALF_DAY_MS = 43_200_000

function inWords({ cap, used }: Tally, { proposal, zone }: Contact): string {
  const { window } = cap
  const length = 'rolling' in window ? `in ${window.rolling}` : `a calendar ${window.calendar}`
  const said = `cap ${cap.name}, ${cap.most} ${length}: ${used.length} used`
  if (used.length === 0) return said
  const rule = zoneRule(zone.name)
  const times = used.map((at) => formatClock(at, rule, proposal.at))
  return `${said} (${times.join(', ')} in ${zone.name})`
}
