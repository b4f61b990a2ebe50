import type { Candidate, Rated } from './choosing'
import { floored, mostlyBest } from './shares'

/** A candidate of which a model has spoken. */
export interface Modelled extends Candidate {
  readonly modelled: number
}

export const isModelled = (candidate: Candidate): candidate is Modelled => candidate.modelled !== undefined

/**
 * Rates by what a model said: its score x context x value x lever. Beside a baseline, an arm that adds nothing, or that is worth
 * nothing, is never the best.
 */
export function rateByScores(candidates: readonly Modelled[], epsilon?: number): readonly Rated[] {
  const priorities = candidates.map(({ modelled, worth }) => modelled * worth)
  const chances = floored(mostlyBest(contended(candidates, priorities), epsilon))
  return candidates.map(({ arm }, at) => ({ arm, propensity: chances[at]!, score: priorities[at]! }))
}

/** Without the arms that lose against a baseline that is offered. */
function contended(candidates: readonly Modelled[], priorities: readonly number[]): readonly number[] {
  if (!candidates.some(({ baseline }) => baseline)) return priorities
  return priorities.map((priority, at) => (priority > 0 || candidates[at]!.baseline ? priority : -Infinity))
}
