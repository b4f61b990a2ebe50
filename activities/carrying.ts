import type { Answer, Carrier, Outgoing, Patience, Provider } from '../channels'
import type { CarrierHealth } from './health'
import { countryOf, stopsProvider, type ContactFacts } from '../sdk/contact'

/** Those who may carry a message to this customer now; never none: what operators stopped is held by the rules. */
export function usableNow(
  carriers: readonly Carrier[],
  { customer, stops }: ContactFacts,
): readonly Carrier[] {
  const country = countryOf(customer?.traits ?? {})
  const here = carriers.filter(({ countries }) => !countries || countries.includes(country ?? ''))
  const open = here.filter(({ provider }) => !stops.some((stop) => stopsProvider(stop, provider.name)))
  return open.length > 0 ? open : here.slice(0, 1)
}

/** Who was asked last, and what became of it. */
export interface Carried {
  readonly answer: Answer
  readonly by: Provider
}

/**
 * Asks one after the other while they say that they do not have it, for a fault after which the next is asked. What may have
 * been taken is not given to another. One that was down a moment ago is passed over while the next may stand in for it. Where
 * all are busy, the word of the first that was asked counts.
 */
export async function carry(
  carriers: readonly Carrier[],
  outgoing: Outgoing,
  patience: Patience,
  health: CarrierHealth,
): Promise<Carried> {
  let first: Carried | undefined
  const able = ableTo(carriers, outgoing)
  for (const [index, { provider }] of able.entries()) {
    const next = able[index + 1]
    if (next?.after.includes('down') && health.isOut(provider.name)) continue
    const answer = await asked(() => provider.send(outgoing, patience))
    health.told(provider.name, answer)
    if (answer.is !== 'busy') return { answer, by: provider }
    first ??= { answer, by: provider }
    if (!goesOn(answer, next)) break
  }
  return first!
}

/** Those who can carry such a message; where none can, the first, who says why. */
function ableTo(carriers: readonly Carrier[], { content }: Outgoing): readonly Carrier[] {
  const able = carriers.filter(({ provider }) => provider.carries?.(content) ?? true)
  return able.length > 0 ? able : carriers.slice(0, 1)
}

const goesOn = ({ fault }: Extract<Answer, { is: 'busy' }>, next: Carrier | undefined): boolean =>
  fault !== undefined && next?.after.includes(fault) === true

// Providers do not throw; one that does all the same may have sent.
async function asked(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send()
  } catch (error) {
    return { is: 'unknown', because: `the provider broke (${(error as Error).name})` }
  }
}
