import { yearOf, type Fate, type Order } from '../arbitration/simulation'
import { bestValue } from '../arbitration/best-choice'
import { customerOf, journeys, limits } from '../arbitration/world'
import { median, rounded } from './figures'

const customers = 100
const seed = 1

/** A year of competing journeys: what arbitration delivers under the same limits beside first come, first served. */
export async function arbitration(): Promise<Record<string, unknown>> {
  const all = Array.from({ length: customers }, (_, number) => customerOf(number, seed))
  const orders: readonly Order[] = ['by worth', 'first come']
  const [worth, arrival] = orders.map((order) => all.flatMap((customer) => yearOf(customer, limits, order)))
  const best = all.reduce((sum, customer) => sum + bestValue(customer, { most: 2, days: 7 }, 3), 0)
  return print(figuresOf(worth!), figuresOf(arrival!), best)
}

type Figures = ReturnType<typeof figuresOf>

function figuresOf(fates: readonly Fate[]) {
  const sent = fates.filter(({ sentAt }) => sentAt !== undefined)
  const byJourney = journeys.map(({ name }) => {
    const own = fates.filter(({ wish }) => wish.journey === name)
    const waits = own
      .filter(({ sentAt }) => sentAt !== undefined)
      .map(({ wish, sentAt }) => (sentAt! - wish.at) / 3_600_000)
    return {
      name,
      wishes: own.length,
      sentShare: rounded(waits.length / own.length),
      waitHours: rounded(median(waits), 1),
      longest: rounded(Math.max(...waits), 1),
    }
  })
  const because = new Map<string, number>()
  for (const { because: why } of fates) if (why) because.set(why, (because.get(why) ?? 0) + 1)
  return {
    value: sent.reduce((sum, { wish }) => sum + wish.propensity * wish.value, 0),
    wishes: fates.length,
    sent: sent.length,
    asked: fates.reduce((sum, { asked }) => sum + asked, 0) / fates.length,
    because: Object.fromEntries(because),
    byJourney,
  }
}

function print(worth: Figures, arrival: Figures, best: number): Record<string, unknown> {
  console.table(
    worth.byJourney.map((each, at) => ({
      ...each,
      firstComeShare: arrival.byJourney[at]!.sentShare,
      firstComeWait: arrival.byJourney[at]!.waitHours,
    })),
  )
  console.log(worth.because, arrival.because)
  return {
    customers,
    wishes: worth.wishes,
    sent: worth.sent,
    sentFirstCome: arrival.sent,
    value: rounded(worth.value / arrival.value, 3),
    ofBest: rounded(worth.value / best, 3),
    firstComeOfBest: rounded(arrival.value / best, 3),
    asked: rounded(worth.asked),
    askedFirstCome: rounded(arrival.asked),
  }
}
