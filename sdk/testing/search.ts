import type { Fork, Kind } from './path'
import type { Walk } from './walk'

/** One path to be walked: which way to take at each fork, and what that counts. */
export interface Way {
  readonly choices: readonly number[]
  readonly cost: number
}

/** What a path was, as far as others part from it. */
export interface Passed {
  readonly forks: readonly Fork[]
  readonly walks: readonly Walk[]
}

/** What a way off the usual costs: paths are walked in the order of their cost. */
const costs: Readonly<Record<Kind, number>> = { label: 1, arm: 1, ending: 2, fate: 2, burst: 3 }
const MOST_COST = 6
/** Where a path showed something new, so may those that part from it. */
const MOST_COST_OF_NEWS = 12

/** Which paths come next: half of them the simplest there are, half those that part from a path which showed something new. */
export class Search {
  private readonly simple = levels(MOST_COST)
  private readonly news = levels(MOST_COST_OF_NEWS)
  private readonly seen = new Set<string>()

  constructor() {
    this.simple[0]!.push([])
  }

  /** At most so many, of the lowest cost that is there on either side; none when all were walked. */
  next(most: number): Way[] {
    const news = cheapest(this.news, Math.ceil(most / 2))
    const simple = cheapest(this.simple, most - news.length)
    return [...news, ...simple]
  }

  /** Every other way at every fork after those that were chosen. */
  branch(path: Passed, { choices, cost }: Way): void {
    const open = this.isNews(path) ? this.news : this.simple
    const usual = path.forks.map((_, index) => choices[index] ?? 0)
    for (const [at, { kinds }] of path.forks.entries()) {
      if (at < choices.length) continue
      for (let way = 1; way < kinds.length; way++)
        open[cost + costs[kinds[way]!]]?.push([...usual.slice(0, at), way])
    }
  }

  /** Whether all within the bound were walked. */
  get isComplete(): boolean {
    return [...this.simple, ...this.news.slice(0, MOST_COST + 1)].every((level) => level.length === 0)
  }

  /** Whether it went from one thing to another as no path did before. */
  private isNews({ walks }: Passed): boolean {
    const before = this.seen.size
    for (const { marks } of walks)
      for (const [index, mark] of marks.entries()) this.seen.add(JSON.stringify([marks[index - 1], mark]))
    return this.seen.size > before
  }
}

const levels = (most: number): number[][][] => Array.from({ length: most + 1 }, () => [])

function cheapest(open: readonly number[][][], most: number): Way[] {
  const cost = open.findIndex((level) => level.length > 0)
  return (open[cost]?.splice(0, most) ?? []).map((choices) => ({ choices, cost }))
}
