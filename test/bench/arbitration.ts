import { bestValue } from '../arbitration/best-choice'
import { byJourney, sentOf, valueOf } from '../arbitration/figures'
import { yearOf, type Fate, type Order } from '../arbitration/simulation'
import { capOfWeek, customerOf, holdDays, limits } from '../arbitration/world'
import { rounded } from './figures'

const CUSTOMERS = 2_000
const SEED = 1

/** A simulated year of competing journeys: arbitration beside first come, first served and beside the best choice there is. */
export async function arbitration(): Promise<Record<string, unknown>> {
  const customers = Array.from({ length: CUSTOMERS }, (_, number) => customerOf(number, SEED))
  const year = (order: Order): Fate[] => customers.flatMap((customer) => yearOf(customer, limits, order))
  const [byWorth, rankedOnly, firstCome] = [year('by worth'), year('ranked only'), year('first come')]
  const best = customers.reduce((sum, customer) => sum + bestValue(customer, capOfWeek, holdDays), 0)
  print(byWorth, firstCome)
  return {
    customers: CUSTOMERS,
    wishes: byWorth.length,
    valueBesideFirstCome: rounded(valueOf(byWorth) / valueOf(firstCome), 3),
    rankedOnlyBesideFirstCome: rounded(valueOf(rankedOnly) / valueOf(firstCome), 3),
    shareOfBest: rounded(valueOf(byWorth) / best, 3),
    rankedOnlyShareOfBest: rounded(valueOf(rankedOnly) / best, 3),
    firstComeShareOfBest: rounded(valueOf(firstCome) / best, 3),
    sent: sentOf(byWorth).length,
    sentFirstCome: sentOf(firstCome).length,
    askedPerWish: rounded(askedPerWish(byWorth)),
    askedPerWishFirstCome: rounded(askedPerWish(firstCome)),
    journeys: byJourney(byWorth),
    journeysFirstCome: byJourney(firstCome),
  }
}

const askedPerWish = (fates: readonly Fate[]): number =>
  fates.reduce((sum, { asked }) => sum + asked, 0) / fates.length

function print(byWorth: readonly Fate[], firstCome: readonly Fate[]): void {
  const before = byJourney(firstCome)
  process.stdout.write('journey       wishes   went  median wait h   first come: went  median wait h\n')
  for (const [at, { journey, wishes, went, medianWait }] of byJourney(byWorth).entries()) {
    const figures = [wishes, went, medianWait, before[at]!.went, before[at]!.medianWait]
    process.stdout.write(
      `${journey.padEnd(12)}${figures.map((figure) => String(figure).padStart(12)).join('')}\n`,
    )
  }
}
