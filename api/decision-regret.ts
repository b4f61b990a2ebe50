import { z } from 'zod'
import { regretOver } from '../activities/decisioning/judging/regret'
import { qiniOf, upliftCurve } from '../activities/decisioning/judging/uplift'
import { episodeOf, trialOf } from '../activities/decisioning/log'
import type { DecisionPlace, Store } from '../store/store'
import { estimate, told } from './decision-report'
import { instant, iso } from './shapes'

/** Estimates rest on so many of the newest settled decisions at most. */
const JUDGED = 10_000
const DAY_MS = 86_400_000
/** The first Monday. */
const FIRST_WEEK = 4 * DAY_MS

export const periods = ['day', 'week'] as const

export const regretReport = z
  .object({
    by: z.enum(periods).describe('UTC; a week begins on Monday. A decision counts when it was made'),
    estimator: z.string(),
    best: z.string().nullable().describe('The arm that would have brought most; null: nothing is settled'),
    periods: z.array(
      z.object({
        from: instant,
        decisions: z.int().describe('Settled ones'),
        shares: z.record(z.string(), z.number()).describe('Of its decisions, by arm'),
        reward: estimate.describe('What a decision brought on average'),
        regret: estimate.describe(
          'How much less that was than the best arm would have brought; below 0: more',
        ),
        regretSoFar: z.number().describe('Its sum over all decisions up to the end of the period'),
      }),
    ),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'RegretReport' })

const ESTIMATOR =
  'doubly robust (Dudík, Langford and Li 2011), beside the best single arm in hindsight; newest 10,000 settled decisions'

/** What a decision's arms, rewards and estimated regret were over time. */
export async function regretOf(
  store: Store,
  place: DecisionPlace,
  by: (typeof periods)[number],
): Promise<z.output<typeof regretReport>> {
  const log = await store.decisions.latestSettled(place, JUDGED)
  const width = by === 'day' ? DAY_MS : 7 * DAY_MS
  const startOf = (at: number): number => at - ((at - FIRST_WEEK) % width)
  const episodes = log.map((row) => ({ ...episodeOf(row), at: row.recordedAt }))
  const { best = null, warnings, ...found } = regretOver(episodes, startOf)
  const told = found.periods.map(toPeriod)
  return { by, estimator: ESTIMATOR, best, periods: told, warnings: [...warnings] }
}

type Period = ReturnType<typeof regretOver>['periods'][number]

const toPeriod = ({ from, decisions, shares, reward, regret, regretSoFar }: Period) => ({
  from: iso(from),
  decisions,
  shares: { ...shares },
  reward: told(reward),
  regret: told(regret),
  regretSoFar,
})

export const upliftReport = z
  .object({
    arm: z.string(),
    against: z.string(),
    treated: z.int().describe('Settled decisions that chose the arm where both could be chosen'),
    others: z.int().describe('Those that chose the other'),
    points: z
      .array(z.object({ share: z.number(), gain: z.number() }))
      .describe('Qini curve (Radcliffe 2007): what giving the arm to just the best-scored share gains'),
    auuc: z.number().describe('The area under it'),
    qini: estimate.describe('The area between it and the straight line of choosing by lot'),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'UpliftReport' })

const MOST_POINTS = 100
const FEW = 100

/** Whether those whom the policy expected an arm to move were moved. */
export async function upliftOf(
  store: Store,
  place: DecisionPlace,
  arm: string,
  against: string,
): Promise<z.output<typeof upliftReport>> {
  const log = await store.decisions.latestSettled(place, JUDGED)
  const trial = log.flatMap((row) => trialOf(row, arm, against) ?? [])
  const treated = trial.filter((each) => each.treated).length
  const others = trial.length - treated
  const { points, auuc } = upliftCurve(trial)
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS))
  return {
    arm,
    against,
    treated,
    others,
    points: points.filter((_, at) => at % every === 0 || at === points.length - 1),
    auuc,
    qini: told(qiniOf(trial)),
    warnings:
      Math.min(treated, others) < FEW ? [`One of the arms was chosen fewer than ${FEW} times here.`] : [],
  }
}
