import type { Context, Policy } from '../../sdk/decision'
import { alwaysValid, type Interval } from './confidence-sequence'
import { crossed, featuresOf } from './features'
import { noSums, Ridge, type Features, type LinearSums } from './ridge'

/** A decision whose window is over, as it is learned from. */
export interface Settled {
  /** Without gaps, in the order in which all learn. */
  readonly position: number
  readonly arm: string
  readonly features?: Features
  readonly context: Context
  readonly reward: number
}

/** What an arm has brought; discounted where the policy forgets. */
export interface Tally {
  readonly count: number
  readonly sum: number
  readonly squares: number
}

/** What is known of the arms that have been tried enough, where a winner is looked for. */
export interface Contest {
  /** So many arms were ever tried: the intervals of so many hold together. */
  readonly arms: number
  /** For each arm's mean. They only narrow, for an interval that holds at every look holds at all of them at once. */
  readonly bounds: Readonly<Record<string, Interval>>
}

/** All that a policy knows: a fold of settled decisions in their order, as plain data. */
export interface Learned {
  readonly position: number
  readonly tallies: Readonly<Record<string, Tally>>
  readonly models: Readonly<Record<string, LinearSums>>
  readonly contest?: Contest
}

export const nothingLearned: Learned = { position: 0, tallies: {}, models: {} }
export const noTally: Tally = { count: 0, sum: 0, squares: 0 }

/** A winner is looked for once in so many settled decisions. */
const LOOK_EVERY = 25
const WON_AFTER = 100
const SHARED = '(shared)'

/** Learns one settled decision after the other. The same ones in the same order make the same, wherever that happens. */
export class Learner {
  position: number
  private contest: Contest | undefined
  private readonly tallies: Map<string, Tally>
  private readonly models: Map<string, Ridge>

  constructor(
    readonly policy: Policy,
    learned: Learned = nothingLearned,
  ) {
    const copy = structuredClone(learned)
    this.position = copy.position
    this.contest = copy.contest
    this.tallies = new Map(Object.entries(copy.tallies))
    this.models = new Map(
      Object.entries(copy.models).map(([name, sums]) => [name, new Ridge(this.ridge, sums)]),
    )
  }

  /** One learned before is left alone. */
  learn(settled: Settled): void {
    if (settled.position <= this.position) return
    this.position = settled.position
    const { discount = 1 } = this.policy.is === 'fixed' ? {} : this.policy
    this.count(settled, discount)
    if (this.isLinear) this.regress(settled, discount)
    if (settled.position % LOOK_EVERY === 0) this.look()
  }

  learned(): Learned {
    const models = [...this.models].map(([name, { sums }]) => [name, sums] as const)
    return structuredClone({
      position: this.position,
      tallies: Object.fromEntries(this.tallies),
      models: Object.fromEntries(models),
      contest: this.contest,
    })
  }

  tally(arm: string): Tally {
    return this.tallies.get(arm) ?? noTally
  }

  /** Where a winner is looked for, of an arm that was tried enough: what its mean is with the confidence, at every look. */
  boundsOf(arm: string): Interval | undefined {
    return this.contest?.bounds[arm]
  }

  /** The model that knows the arm, and the arm in this context as it sees it. */
  modelOf(arm: string, own: Features | undefined, context: Context): { model: Ridge; features: Features } {
    const shared = 'model' in this.policy && this.policy.model === 'shared'
    const features = featuresOf(context)
    return shared
      ? { model: this.model(SHARED), features: crossed(own ?? { [arm]: 1 }, features) }
      : { model: this.model(arm), features }
  }

  private get isLinear(): boolean {
    return this.policy.is === 'lin-ucb' || this.policy.is === 'lin-thompson'
  }

  private get ridge(): number {
    return ('ridge' in this.policy && this.policy.ridge) || 1
  }

  private count({ arm, reward }: Settled, discount: number): void {
    if (discount < 1) for (const [name, each] of this.tallies) this.tallies.set(name, faded(each, discount))
    const { count, sum, squares } = this.tally(arm)
    this.tallies.set(arm, { count: count + 1, sum: sum + reward, squares: squares + reward * reward })
  }

  private regress({ arm, features: own, context, reward }: Settled, discount: number): void {
    const { model, features } = this.modelOf(arm, own, context)
    for (const other of this.models.values()) if (other !== model) other.forget(discount)
    model.learn(features, reward, discount)
  }

  private model(name: string): Ridge {
    const known = this.models.get(name) ?? new Ridge(this.ridge, noSums())
    this.models.set(name, known)
    return known
  }

  /** Each interval is made so much wider that those of all arms hold together, whichever may be chosen for a customer. */
  private look(): void {
    const wanted = this.policy.is === 'thompson' ? this.policy.winner : undefined
    // 95 is not 0.95: then nobody wins.
    if (!wanted || !(wanted.confidence < 1)) return
    const arms = this.tallies.size
    const before = this.contest?.arms === arms ? this.contest.bounds : {}
    const each = 1 - (1 - wanted.confidence) / arms
    const tried = [...this.tallies].filter(([, { count }]) => count >= (wanted.after ?? WON_AFTER))
    const now = tried.map(([arm, tally]) => [arm, narrowed(before[arm], alwaysValid(tally, each))] as const)
    this.contest = { arms, bounds: { ...before, ...Object.fromEntries(now) } }
  }
}

const narrowed = (before: Interval | undefined, now: Interval): Interval =>
  before ? { low: Math.max(before.low, now.low), high: Math.min(before.high, now.high) } : now

const faded = ({ count, sum, squares }: Tally, by: number): Tally => ({
  count: count * by,
  sum: sum * by,
  squares: squares * by,
})
