import { z } from 'zod'
import { evaluate, type Evaluation, type Judged } from '../activities/decisioning/judging/evaluation'
import { bootstrapped } from '../activities/decisioning/judging/ratio'
import { episodeOf } from '../activities/decisioning/log'
import type { ArmReport, DecisionPlace, DecisionRow, Store } from '../store/store'

/** Estimates rest on so many of the newest settled decisions at most. */
const JUDGED = 10_000
const REPORTED = 2_000

export const estimate = z
  .object({
    value: z.number().nullable().describe('null: there is nothing to estimate it from'),
    low: z.number().nullable(),
    high: z.number().nullable(),
  })
  .describe('With its 95 % interval')
  .meta({ id: 'Estimate' })

export const decisionReport = z
  .object({
    step: z.string(),
    arms: z.array(
      z.object({
        arm: z.string(),
        how: z
          .enum(['policy', 'kept', 'otherwise'])
          .describe('kept: the same as before; otherwise: no arm could be offered'),
        decisions: z.int(),
        share: z.number().describe('Of all decisions of the step'),
        open: z.int().describe('A reward may still come'),
        settled: z.int(),
        rewarded: z.int().describe('Of those settled'),
        reward: z.number().describe('Their sum'),
        propensity: z.number().describe('The mean of the chances it was chosen with'),
        ifAlways: estimate.describe(
          'What a decision would bring on average if everybody got this arm (SNIPW)',
        ),
      }),
    ),
    models: z
      .array(
        z.object({
          is: z.enum(['used', 'fell-back']),
          to: z.string().nullable().describe('The policy that chose in the model’s place'),
          because: z.string().nullable(),
          decisions: z.int(),
        }),
      )
      .describe('What became of asking a model; empty where none was asked'),
    shadows: z
      .array(
        z.object({
          policy: z.string(),
          version: z.string(),
          decisions: z.int(),
          same: z.int().describe('It would have chosen the same arm'),
          fellBack: z.int().describe('Its model said nothing usable, and its fallback would have chosen'),
          failed: z.int().describe('It was too slow, or broke'),
        }),
      )
      .describe('Policies that ran in the shadow of the one that chose, the newest first'),
  })
  .meta({ id: 'DecisionReport' })

export type DecisionReport = z.output<typeof decisionReport>

/** What each decision of a journey chose, and what that brought. */
export async function reportOf(store: Store, journey: string): Promise<DecisionReport[]> {
  const [arms, models, shadows] = await Promise.all([
    store.decisions.report(journey),
    store.decisions.modelReport(journey),
    store.decisions.shadowReport(journey),
  ])
  const steps = [...new Set(arms.map(({ step }) => step))]
  return Promise.all(
    steps.map(async (step) => {
      const log = await store.decisions.latestSettled({ journey, step }, REPORTED)
      const own = arms.filter((each) => each.step === step)
      const all = own.reduce((sum, { decisions }) => sum + decisions, 0)
      return {
        step,
        arms: own.map((each) => armOf(each, all, log)),
        models: ofStep(models, step),
        shadows: ofStep(shadows, step),
      }
    }),
  )
}

const ofStep = <Line extends { readonly step: string }>(lines: readonly Line[], at: string) =>
  lines.filter(({ step }) => step === at).map(({ step: _, ...line }) => line)

function armOf(
  { journey: _, step: _at, squares: _of, ...arm }: ArmReport,
  all: number,
  log: readonly DecisionRow[],
) {
  const weight = (row: DecisionRow): number => (row.arm === arm.arm ? 1 / row.propensity : 0)
  const always = { of: (row: DecisionRow) => weight(row) * (row.reward ?? 0), per: weight }
  return { ...arm, share: arm.decisions / all, ifAlways: told(bootstrapped(always, log)) }
}

export const evaluation = z
  .object({
    policy: z.looseObject({ is: z.string() }),
    decisions: z
      .int()
      .describe('Those the estimates rest on; a policy that learns did so from as many before them'),
    effectiveSize: z.number().describe('As many decisions of the policy itself would tell as much'),
    logged: estimate.describe('What the log’s decisions brought on average'),
    estimates: z.object({ ipw: estimate, snipw: estimate, dm: estimate, dr: estimate }),
    warnings: z.array(z.string()).describe('Why the data can’t say'),
  })
  .meta({ id: 'PolicyEvaluation' })

export async function evaluationOf(
  store: Store,
  place: DecisionPlace,
  policy: Judged,
): Promise<z.output<typeof evaluation>> {
  const log = await store.decisions.latestSettled(place, JUDGED)
  const found = evaluate(policy, log.map(episodeOf))
  return {
    policy: { ...policy },
    decisions: found.decisions,
    effectiveSize: found.effectiveSize,
    logged: told(found.logged),
    estimates: {
      ipw: told(found.estimates.ipw),
      snipw: told(found.estimates.snipw),
      dm: told(found.estimates.dm),
      dr: told(found.estimates.dr),
    },
    warnings: [...found.warnings],
  }
}

/** JSON has no NaN. */
export function told({ value, low, high }: Evaluation['logged']): z.output<typeof estimate> {
  const number = (figure: number): number | null => (Number.isFinite(figure) ? figure : null)
  return { value: number(value), low: number(low), high: number(high) }
}
