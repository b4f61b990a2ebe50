import type { Judged } from '../activities/decisioning/judging/evaluation'

const learning = ['epsilon-greedy', 'thompson', 'lin-ucb', 'lin-thompson'] as const

/** How a policy is written where only a text goes. */
export const POLICY_TEXTS = `fixed (equal shares), fixed:arm=3,other=1, ${learning.join(', ')}, model (by the scores on record), model:epsilon=0.1, shadow (what ran beside it)`

/** Undefined for a text that names none. */
export function policyIn(text: string): Judged | undefined {
  if (text === 'model' || text === 'shadow') return { is: text }
  const epsilon = /^model:epsilon=(0(?:\.\d+)?|1)$/.exec(text)?.[1]
  if (epsilon !== undefined) return { is: 'model', epsilon: Number(epsilon) }
  const known = learning.find((name) => name === text)
  if (known) return { is: known }
  if (text === 'fixed') return { is: 'fixed' }
  const shares = /^fixed:(.+)$/
    .exec(text)?.[1]
    ?.split(',')
    .map((share) => share.split('='))
  const isShares = shares?.every(([arm, weight, ...rest]) => arm && isWeight(weight) && rest.length === 0)
  return isShares
    ? { is: 'fixed', weights: Object.fromEntries(shares!.map(([arm, weight]) => [arm, Number(weight)])) }
    : undefined
}

const isWeight = (text: string | undefined): boolean => text !== undefined && /^\d+(\.\d+)?$/.test(text)
