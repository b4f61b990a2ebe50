import { durationMs } from '../time/duration'
import { arbitration, isContested } from './arbitration'
import { frequencyCaps } from './caps'
import { consent } from './consent'
import type { Contact, Judgment, Rule, Ruling, Verdict } from './contact'
import { globalHoldout } from './holdout'
import { quietHours } from './quiet-hours'
import { recipient } from './recipient'
import { stops } from './stops'
import { suppression } from './suppression'

/** All of them are asked, and every word is kept. */
export const rules: readonly Rule[] = [
  recipient,
  suppression,
  globalHoldout,
  consent,
  stops,
  quietHours,
  frequencyCaps,
  arbitration,
]

/** A held touchpoint is looked at again after so long, even if nothing changed meanwhile. */
const LONGEST_HOLD_MS = 7 * 86_400_000

/** A rule's name with its word. */
export type Said = { readonly name: string; readonly ruling: Ruling }
type Holding = Extract<Ruling, { is: 'holds' }>

/** Every rule's word on one proposal. */
export const sayings = (contact: Contact): Said[] =>
  rules.map(({ name, rule }) => ({ name, ruling: rule(contact) }))

/** When a proposal that is held now for the first time is not worth sending any more; epoch ms. */
export const worthUntil = ({ proposal: { at, worthMs }, limits }: Contact): number =>
  at + (worthMs ?? durationMs(limits.holdFor))

/** Decides on one proposal. The first rule that withholds decides; else it waits for all that hold it. */
export function judge(contact: Contact): Judgment {
  const said = sayings(contact)
  const verdicts = said.map(toVerdict)
  for (const { ruling } of said)
    if (ruling.is === 'withholds') return { is: 'withheld', because: ruling.reason, verdicts }
  const holding = said.map(({ ruling }) => ruling).filter((ruling) => ruling.is === 'holds')
  if (holding.length > 0) return held(contact, holding, verdicts)
  const { windowMs } = contact.limits.arbitration
  const waits = windowMs > 0 && !contact.proposal.proposed && isContested(contact)
  return waits ? { is: 'proposed', waitMs: windowMs, verdicts } : { is: 'allowed', verdicts }
}

/** Held by the rule whose time comes last, until it is not worth sending any more; what operators stopped expires no sooner. */
function held(contact: Contact, holding: readonly Holding[], verdicts: Verdict[]): Judgment {
  const { proposal } = contact
  const { at } = proposal
  const last = holding.reduce((one, other) => (other.until > one.until ? other : one))
  const stopped = holding.some(({ reason }) => reason === 'stopped')
  const expiresAt = stopped ? null : (proposal.expiresAt ?? worthUntil(contact))
  const because = stillOutbid(proposal, last.reason) ? 'outbid' : last.reason
  if (expiresAt !== null && at >= expiresAt)
    return { is: 'withheld', because, verdicts: [...verdicts, expired(expiresAt)] }
  const until = Math.min(last.until, expiresAt ?? Infinity, at + LONGEST_HOLD_MS)
  return { is: 'held', because, until, expiresAt, verdicts }
}

/** Those worth more have the places by now: that the cap is full is how it lost. */
const stillOutbid = ({ heldBecause }: Contact['proposal'], reason: Holding['reason']): boolean =>
  heldBecause === 'outbid' && reason === 'frequency-cap'

const expired = (expiresAt: number): Verdict => ({
  rule: 'deadline',
  allows: false,
  because: `it was not worth sending after ${new Date(expiresAt).toISOString()}`,
})

const toVerdict = ({ name, ruling }: Said): Verdict => ({
  rule: name,
  allows: ruling.is === 'allows',
  because: ruling.because,
  ...(ruling.is === 'holds' && Number.isFinite(ruling.until) ? { until: ruling.until } : {}),
})
