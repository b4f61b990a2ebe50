import type { Interval } from '../confidence-sequence'
import { seeded } from '../random'

/** A statistic that is a sum over the items, divided by another. */
export interface Ratio<Item> {
  readonly of: (item: Item) => number
  readonly per: (item: Item) => number
}

export const mean = <Item>(of: (item: Item) => number): Ratio<Item> => ({ of, per: () => 1 })

export const valueOf = <Item>({ of, per }: Ratio<Item>, items: readonly Item[]): number =>
  sum(items.map(of)) / sum(items.map(per))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

export interface Estimate extends Interval {
  readonly value: number
}

const RESAMPLES = 500

/** The ratio with its percentile interval from 500 resamples (Efron 1979), which are the same for the same seed. */
export function bootstrapped<Item>(
  ratio: Ratio<Item>,
  items: readonly Item[],
  { confidence = 0.95, seed = 'bootstrap' } = {},
): Estimate {
  const [of, per] = [Float64Array.from(items, ratio.of), Float64Array.from(items, ratio.per)]
  const random = seeded(seed)
  const drawn = Array.from({ length: RESAMPLES }, () => resampled(of, per, random.below))
  const tail = (1 - confidence) / 2
  return { value: valueOf(ratio, items), low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) }
}

function resampled(of: Float64Array, per: Float64Array, below: (count: number) => number): number {
  let dividend = 0
  let divisor = 0
  for (let drawn = 0; drawn < of.length; drawn++) {
    const at = below(of.length)
    dividend += of[at]!
    divisor += per[at]!
  }
  return dividend / divisor
}

/** By linear interpolation between the two nearest; those that are no numbers are left out. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = values.filter(Number.isFinite).sort((one, other) => one - other)
  if (sorted.length === 0) return NaN
  const place = p * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
}
