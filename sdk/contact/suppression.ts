import { allows, withholds, type Rule, type SuppressedBecause } from './contact'

// Mail that cannot arrive, and a court's word, stop everything; a complaint or our own choice stops what we want to say.
const ofEverything: readonly SuppressedBecause[] = ['hard-bounce', 'legal']

/** The address, whoever's it is, is not to be used. */
export const suppression: Rule = {
  name: 'suppression',
  rule({ suppressedBecause, proposal: { category } }) {
    const counting = suppressedBecause.filter(
      (reason) => category === 'marketing' || ofEverything.includes(reason),
    )
    if (counting.length > 0)
      return withholds('suppressed', `the address is suppressed: ${counting.join(', ')}`)
    return suppressedBecause.length > 0
      ? allows(`the address is suppressed for marketing alone: ${suppressedBecause.join(', ')}`)
      : allows('the address is not suppressed')
  },
}
