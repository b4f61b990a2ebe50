import { meets } from '../sdk/condition'
import type { DecisionToMake, ProposedArm } from '../sdk/deciding'
import type { Context, PassedOver, PassedOverBecause } from '../sdk/decision'
import type { Found, LookupUse } from '../sdk/lookup'

/** What a decision is made from, once the customer is looked up and operators had their word. */
export interface Eligible {
  readonly offered: readonly ProposedArm[]
  readonly passedOver: readonly PassedOver[]
  readonly context: Context
  readonly lookup?: LookupUse
}

/** The arms whose conditions hold and that nobody switched off; and the context, with the columns it is to have. */
export function eligible(asked: DecisionToMake, off: readonly string[], found: Found | undefined): Eligible {
  const judged = asked.arms.map((arm) => ({ arm, because: reasonAgainst(arm, off, found) }))
  const more = judged.flatMap(({ arm: { arm }, because }) => (because ? [{ arm, because }] : []))
  return {
    offered: judged.flatMap(({ arm, because }) => (because ? [] : [arm])),
    passedOver: [...asked.passedOver, ...more],
    context: { ...asked.context, ...namedIn(asked, found) },
    lookup: found && useOf(found),
  }
}

function reasonAgainst(
  { arm, where }: ProposedArm,
  off: readonly string[],
  found: Found | undefined,
): PassedOverBecause | undefined {
  if (off.includes(arm)) return 'off'
  if (!where) return undefined
  if (!found || found.is === 'unread') return 'not-known'
  return meets(found.is === 'found' ? found.values : {}, where) ? undefined : 'no-match'
}

function namedIn({ lookup }: DecisionToMake, found: Found | undefined): Context {
  if (found?.is !== 'found') return {}
  const named = lookup?.context ?? []
  return Object.fromEntries(Object.entries(found.values).filter(([column]) => named.includes(column)))
}

/** Without the values. */
const useOf = (found: Found): LookupUse => (found.is === 'found' ? { is: 'found' } : found)
