import type { Candidate, Rated } from './choosing'
import { floored, mostlyBest } from './shares'

/** A candidate of which a model has spoken. */
export interface Modelled extends Candidate {
  readonly modelled: number
}

export const isModelled = (candidate: Candidate): candidate is Modelled => candidate.modelled !== undefined

const EPSILON = 0.1

/** Rates by what a model said: its score x context x value x lever. An effect below 0 is worth less than doing nothing. */
export function rateByScores(candidates: readonly Modelled[], epsilon = EPSILON): readonly Rated[] {
  const priorities = candidates.map(({ modelled, worth }) => modelled * worth)
  const tried = Number.isFinite(epsilon) ? Math.min(Math.max(epsilon, 0), 1) : EPSILON
  const chances = floored(mostlyBest(priorities, tried))
  return candidates.map(({ arm }, at) => ({ arm, propensity: chances[at]!, score: priorities[at]! }))
}
