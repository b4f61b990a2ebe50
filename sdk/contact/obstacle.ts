import { contactOf, type Asking } from './asking'
import type { ContactFacts, Ruling } from './contact'
import { sayings, worthUntil } from './judge'

/** The rule in a message's way, in its own words. */
export interface Obstacle {
  readonly rule: string
  readonly because: string
}

/**
 * Why a touchpoint that were asked for now would never go out: the first rule that withholds it, or holds it for longer than
 * it is worth sending, as what operators stopped is, whose end nobody knows.
 */
export function obstacleTo(asking: Asking, facts: ContactFacts): Obstacle | undefined {
  const contact = contactOf(asking, facts)
  const latest = worthUntil(contact)
  const keeps = ({ ruling }: { ruling: Ruling }): boolean =>
    ruling.is === 'withholds' || (ruling.is === 'holds' && ruling.until >= latest)
  const found = sayings(contact).find(keeps)
  return found && { rule: found.name, because: found.ruling.because }
}
