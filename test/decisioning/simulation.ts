import { choose, type Candidate } from '../../activities/decisioning/choosing'
import { Learner, type Settled } from '../../activities/decisioning/learner'
import { seeded } from '../../activities/decisioning/random'
import type { Policy } from '../../sdk/decision'

/** A subscriber who thinks of leaving. */
export interface Subscriber {
  readonly plan: 'free' | 'pro'
  readonly reason: 'price' | 'missing feature' | 'other'
}

const arms = ['discount', 'coaching', 'call', 'nothing'] as const
export type CareArm = (typeof arms)[number]

export const candidates = arms.map((arm) => ({ arm, worth: 1 })) as unknown as [Candidate, ...Candidate[]]

/** The truth that no policy is told: the chance that the subscriber stays. */
export function stays({ plan, reason }: Subscriber, arm: CareArm): number {
  const base = plan === 'pro' ? 0.25 : 0.15
  const helps = {
    price: { discount: 0.2, coaching: 0.02, call: 0.05, nothing: 0 },
    'missing feature': { discount: 0.01, coaching: 0.18, call: 0.08, nothing: 0 },
    other: { discount: 0.03, coaching: 0.03, call: plan === 'pro' ? 0.15 : -0.05, nothing: 0 },
  }
  return base + helps[reason][arm]
}

export function subscribers(count: number, seed: string): Subscriber[] {
  const random = seeded(`subscribers ${seed}`)
  const reasons = ['price', 'missing feature', 'other'] as const
  return Array.from({ length: count }, () => ({
    plan: random.uniform() < 0.4 ? 'pro' : 'free',
    reason: reasons[random.below(3)]!,
  }))
}

export interface Played {
  /** How many stayed. */
  readonly reward: number
  /** Expected reward missed beside always choosing the best arm, in all and in the last quarter. */
  readonly regret: number
  readonly lateRegret: number
  readonly log: readonly (Settled & { readonly propensity: number })[]
}

/** Plays a policy; what a decision brought is known only when `delay` more subscribers have come. */
export function play(policy: Policy, customers: readonly Subscriber[], seed: string, delay: number): Played {
  const random = seeded(`fates ${seed}`)
  const learner = new Learner(policy)
  const log: Played['log'][number][] = []
  const sums = { reward: 0, regret: 0, lateRegret: 0 }
  for (const [at, customer] of customers.entries()) {
    if (at >= delay) learner.learn(log[at - delay]!)
    const chosen = choose(learner, { candidates, context: { ...customer }, seed: `${seed} ${at}` })
    const chance = stays(customer, chosen.arm as CareArm)
    const reward = Number(random.uniform() < chance)
    const missed = Math.max(...arms.map((arm) => stays(customer, arm))) - chance
    sums.reward += reward
    sums.regret += missed
    if (at >= customers.length * 0.75) sums.lateRegret += missed
    log.push({
      position: at + 1,
      arm: chosen.arm,
      context: { ...customer },
      reward,
      propensity: chosen.propensity,
    })
  }
  return { ...sums, log }
}
