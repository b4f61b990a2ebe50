import { bestOf } from './best-chances'

/** The chance that every eligible arm gets at least: what the log can judge arms by. */
export const FLOOR = 0.01

/** All for the best; equal ones share it. */
export function bestShare(scores: readonly number[]): number[] {
  const best = scores[bestOf(scores)]!
  return shares(scores.map((score) => Number(score === best)))
}

/** All for the best, but for the chance epsilon in which any is taken. */
export const mostlyBest = (scores: readonly number[], epsilon: number): number[] =>
  bestShare(scores).map((best) => (1 - epsilon) * best + epsilon / scores.length)

export function shares(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => (sum > 0 ? weight / sum : 1 / weights.length))
}

export function floored(chances: readonly number[]): number[] {
  const floor = Math.min(FLOOR, 1 / chances.length)
  return chances.map((chance) => floor + (1 - floor * chances.length) * chance)
}
