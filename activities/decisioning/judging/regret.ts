import { grouped } from '../../../sdk/grouped'
import type { Logged } from './estimators'
import type { Episode } from './evaluation'
import { expectations } from './expectations'
import { bootstrapped, mean, valueOf, type Estimate } from './ratio'
import { warningsOn } from './warnings'

/** A settled decision, and when it was made. */
export type TimedEpisode = Episode & { readonly at: number }

export interface Period {
  readonly from: number
  readonly decisions: number
  /** Of its decisions, by arm. */
  readonly shares: Readonly<Record<string, number>>
  /** What a decision brought on average. */
  readonly reward: Estimate
  /** What a decision brought less, on average, than the best arm would have; below 0: more. */
  readonly regret: Estimate
  /** Its sum over all decisions up to the end of the period. */
  readonly regretSoFar: number
}

export interface Regret {
  /** The arm that would have brought most, had everybody got it who could; undefined where nothing is settled. */
  readonly best: string | undefined
  readonly periods: readonly Period[]
  readonly warnings: readonly string[]
}

/**
 * What was missed, period by period, beside the best single arm: doubly robust (Dudík, Langford and Li 2011). For each decision
 * what the model expects of that arm, corrected where it was the one chosen by (reward − expected) / propensity, less the
 * reward. Whoever was not offered the arm missed nothing. The arm that looks best is taken for the best, so a little of the
 * regret may be luck.
 */
export function regretOver(episodes: readonly TimedEpisode[], startOf: (at: number) => number): Regret {
  const expect = expectations(episodes)
  const told = episodes.map((episode) => ({ episode, expected: expect(episode) }))
  const arms = [...new Set(episodes.flatMap(({ candidates }) => candidates.map(({ arm }) => arm)))]
  const missing = arms.map((arm) => ({ arm, missed: told.map((each) => missedBy(each, arm)) }))
  const best = missing.reduce<Missing | undefined>(
    (one, other) => (sum(other) > sum(one) ? other : one),
    undefined,
  )
  if (!best) return { best: undefined, periods: [], warnings: warningsOn([]) }
  const rows = episodes.map((episode, index) => ({ episode, missed: best.missed[index]! }))
  const warnings = warningsOn(told.flatMap((each) => loggedAs(each, best.arm) ?? []))
  return { best: best.arm, periods: periodsOf(rows, startOf), warnings }
}

interface Told {
  readonly episode: TimedEpisode
  /** By candidate. */
  readonly expected: readonly number[]
}

interface Missing {
  readonly arm: string
  readonly missed: readonly number[]
}

const sum = (missing: Missing | undefined): number =>
  missing ? missing.missed.reduce((total, each) => total + each, 0) : -Infinity

function missedBy({ episode, expected }: Told, arm: string): number {
  const at = episode.candidates.findIndex((each) => each.arm === arm)
  if (at === -1) return 0
  const correction = episode.arm === arm ? (episode.reward - expected[at]!) / episode.propensity : 0
  return expected[at]! + correction - episode.reward
}

/** As a policy that always chooses the arm would see the decision; undefined where it was not offered. */
function loggedAs({ episode, expected }: Told, arm: string): Logged | undefined {
  const at = episode.candidates.findIndex((each) => each.arm === arm)
  if (at === -1) return undefined
  const { reward, propensity } = episode
  const chance = episode.arm === arm ? 1 : 0
  return { reward, propensity, chance, expected: expected[at]!, expectedOfPolicy: expected[at]! }
}

interface Row {
  readonly episode: TimedEpisode
  readonly missed: number
}

function periodsOf(rows: readonly Row[], startOf: (at: number) => number): Period[] {
  let regretSoFar = 0
  const periods = [...grouped(rows, ({ episode }) => String(startOf(episode.at)))]
  return periods
    .map(([from, inIt]) => [Number(from), inIt] as const)
    .sort(([one], [other]) => one - other)
    .map(([from, inIt]) => {
      regretSoFar += inIt.reduce((total, { missed }) => total + missed, 0)
      return { from, decisions: inIt.length, shares: sharesOf(inIt), ...estimated(inIt), regretSoFar }
    })
}

const estimated = (rows: readonly Row[]) => ({
  reward: bootstrapped(
    mean(({ episode }: Row) => episode.reward),
    rows,
  ),
  regret: bootstrapped(
    mean(({ missed }: Row) => missed),
    rows,
  ),
})

function sharesOf(rows: readonly Row[]): Record<string, number> {
  const arms = [...new Set(rows.map(({ episode }) => episode.arm))].sort()
  const share = (arm: string): number =>
    valueOf(
      mean(({ episode }: Row) => Number(episode.arm === arm)),
      rows,
    )
  return Object.fromEntries(arms.map((arm) => [arm, share(arm)]))
}
