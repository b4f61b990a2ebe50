import { bestOf } from './best-chances'

/** The chance that every eligible arm gets at least: what the log can judge arms by. */
export const FLOOR = 0.01

/** All for the best; equal ones share it. */
export function bestShare(scores: readonly number[]): number[] {
  const best = scores[bestOf(scores)]!
  return shares(scores.map((score) => Number(score === best)))
}

const EPSILON = 0.1

/** All for the best, but for the chance epsilon (default 0.1) in which any is taken; what is no chance counts as the nearest. */
export function mostlyBest(scores: readonly number[], epsilon = EPSILON): number[] {
  const tried = Number.isFinite(epsilon) ? Math.min(Math.max(epsilon, 0), 1) : EPSILON
  return bestShare(scores).map((best) => (1 - tried) * best + tried / scores.length)
}

export function shares(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => (sum > 0 ? weight / sum : 1 / weights.length))
}

export function floored(chances: readonly number[]): number[] {
  const floor = Math.min(FLOOR, 1 / chances.length)
  return chances.map((chance) => floor + (1 - floor * chances.length) * chance)
}
