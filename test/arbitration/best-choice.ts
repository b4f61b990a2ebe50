import type { SimulatedCustomer, Wish } from './world'

const DAY_MS = 86_400_000

/**
 * More than anybody could deliver who knew the year in advance: time is cut into windows of the cap's length, each with the
 * cap's places, and every wish may take one in any window that it lives into; quiet hours and rolling are left out. The best
 * choice then is a matching, found from the most valuable down. Of several ways to cut the one that allows least counts.
 */
export function bestValue(
  customer: SimulatedCustomer,
  cap: { most: number; days: number },
  holdDays: number,
): number {
  const cuts = Array.from({ length: cap.days }, (_, day) => day * DAY_MS)
  return Math.min(...cuts.map((cut) => matched(customer.wishes, cap, holdDays, cut)))
}

const worthOf = ({ propensity, value }: Wish): number => propensity * value

function matched(
  wishes: readonly Wish[],
  cap: { most: number; days: number },
  holdDays: number,
  cut: number,
): number {
  const windowOf = (at: number) => Math.floor((at - cut) / (cap.days * DAY_MS))
  const takers = new Map<number, Wish[]>()
  const place = (wish: Wish, tried: Set<number>): boolean => {
    const last = windowOf(wish.at + holdDays * DAY_MS)
    for (let window = windowOf(wish.at); window <= last; window++) {
      if (tried.has(window)) continue
      tried.add(window)
      const taken = takers.get(window) ?? []
      if (taken.length < cap.most) {
        takers.set(window, [...taken, wish])
        return true
      }
      for (const other of taken)
        if (place(other, tried)) {
          takers.set(window, [...takers.get(window)!.filter((each) => each !== other), wish])
          return true
        }
    }
    return false
  }
  const byWorth = wishes.toSorted((one, other) => worthOf(other) - worthOf(one))
  return byWorth.filter((wish) => place(wish, new Set())).reduce((sum, wish) => sum + worthOf(wish), 0)
}
