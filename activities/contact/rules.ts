import type { WithheldBecause } from '../../sdk'
import type { ContactFacts, Judge, Verdict } from '../../store/store'

/** What the rules decide on: what the store read in the reserving transaction, and the touchpoint. */
export interface Contact extends ContactFacts {
  readonly channel: string
  readonly category: 'marketing' | 'transactional'
  /** Where the channel would reach the customer. */
  readonly address: string | undefined
}

interface Ruling {
  readonly allows: boolean
  /** With the figures it used; nothing personal. */
  readonly because: string
}

interface Rule {
  readonly name: string
  /** The reason the journey is told when this rule withholds the touchpoint. */
  readonly withholds: WithheldBecause
  rule(contact: Contact): Ruling
}

/** Every rule is asked, and every verdict kept; the first that does not allow decides. */
export const rules: readonly Rule[] = [
  {
    name: 'customer',
    withholds: 'no-customer',
    rule: ({ customer }) =>
      customer ? yes('the customer is known') : no('there is no such customer, or no longer'),
  },
  {
    name: 'address',
    withholds: 'no-address',
    rule: ({ address, channel }) =>
      address ? yes(`there is an address for ${channel}`) : no(`there is no address for ${channel}`),
  },
  {
    name: 'consent',
    withholds: 'unsubscribed',
    rule: ({ category, channel, consent }) => {
      const said = `consent to ${category} by ${channel} is ${consent ?? 'not known'}`
      if (category === 'transactional') return yes(`${said}; transactional messages do not need it`)
      return consent === 'withdrawn' ? no(said) : yes(said)
    },
  },
]

/** Asks every rule about one contact. */
export function judgment(contact: Contact): ReturnType<Judge> {
  const verdicts: Verdict[] = rules.map(({ name, rule }) => ({ rule: name, ...rule(contact) }))
  const deciding = rules.find((_, index) => !verdicts[index]!.allows)
  return { allows: !deciding, because: deciding?.withholds ?? null, verdicts }
}

const yes = (because: string): Ruling => ({ allows: true, because })
const no = (because: string): Ruling => ({ allows: false, because })
