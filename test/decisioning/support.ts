import type { Candidate } from '../../activities/decisioning/choosing'
import type { Settled } from '../../activities/decisioning/learner'

export const candidates = (...arms: (string | Candidate)[]): [Candidate, ...Candidate[]] =>
  arms.map((arm) => (typeof arm === 'string' ? { arm, worth: 1 } : arm)) as [Candidate, ...Candidate[]]

/** Settled decisions in a row: `settled([['a', 1], ['b', 0]])`. */
export const settled = (
  rewards: readonly (readonly [arm: string, reward: number, context?: Settled['context']])[],
): Settled[] => rewards.map(([arm, reward, context = {}], at) => ({ position: at + 1, arm, reward, context }))

/** So many of an arm, of which so many were rewarded with 1. */
export const tried = (arm: string, count: number, rewarded: number): [string, number][] =>
  Array.from({ length: count }, (_, at) => [arm, Number(at < rewarded)])
