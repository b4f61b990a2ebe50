import type { DecisionReport } from '../decision-report'
import type { ApiClient } from './client'

interface Estimate {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

interface Evaluation {
  readonly decisions: number
  readonly effectiveSize: number
  readonly logged: Estimate
  readonly estimates: Readonly<Record<string, Estimate>>
  readonly warnings: readonly string[]
}

const pathOf = (journey: string): string => `/v1/journeys/${encodeURIComponent(journey)}/decisions`

/** What a journey decided so far: a line for each arm. */
export async function decisions(api: ApiClient, journey: string): Promise<string> {
  const { items } = (await api.get(pathOf(journey))) as { items: readonly DecisionReport[] }
  if (items.length === 0) return `${journey} has decided nothing yet.`
  const lines = ({ step, arms, models, shadows }: DecisionReport) => [
    `${step}:`,
    ...arms.map(armLine),
    ...models.map(modelLine),
    ...shadows.map(shadowLine),
  ]
  return items.map((report) => lines(report).join('\n')).join('\n\n')
}

function armLine({ arm, how, ...figures }: DecisionReport['arms'][number]): string {
  const { decisions, share, open, settled, rewarded, ifAlways } = figures
  const name = how === 'policy' ? arm : `${arm} (${how})`
  const sofar = `${decisions} decisions (${(100 * share).toFixed(1)} %), ${open} open, ${rewarded} of ${settled} rewarded`
  return `  ${name}: ${sofar}; if always: ${inWords(ifAlways)}`
}

const modelLine = ({ to, because, decisions }: DecisionReport['models'][number]): string =>
  to === null
    ? `  its model chose in ${decisions} decisions`
    : `  ${to} chose in ${decisions} in place of the model: ${because}`

function shadowLine({
  policy,
  version,
  decisions,
  same,
  fellBack,
  failed,
}: DecisionReport['shadows'][number]): string {
  const odd = [
    ...(fellBack > 0 ? [`fell back in ${fellBack}`] : []),
    ...(failed > 0 ? [`said nothing in ${failed}`] : []),
  ]
  return `  in the shadow, ${policy} (${version}) ${[`would have chosen the same in ${same} of ${decisions}`, ...odd].join(', ')}`
}

/** What a policy would have brought, and why the log may not be able to say. */
export async function evaluate(
  api: ApiClient,
  journey: string,
  step: string,
  policy: string,
): Promise<string> {
  const path = `${pathOf(journey)}/${encodeURIComponent(step)}/evaluation`
  const found = (await api.get(path, { policy })) as Evaluation
  return [
    `${policy} at ${step} of ${journey}, judged by ${found.decisions} decisions, worth ${found.effectiveSize.toFixed(0)} of its own`,
    `  as it was: ${inWords(found.logged)}`,
    ...Object.entries(found.estimates).map(([name, estimate]) => `  ${name}: ${inWords(estimate)}`),
    ...found.warnings.map((warning) => `  ! ${warning}`),
  ].join('\n')
}

interface RegretReport {
  readonly estimator: string
  readonly best: string | null
  readonly periods: readonly {
    readonly from: string
    readonly decisions: number
    readonly shares: Readonly<Record<string, number>>
    readonly reward: Estimate
    readonly regret: Estimate
    readonly regretSoFar: number
  }[]
  readonly warnings: readonly string[]
}

/** Arms, rewards and regret over time: a line for each period. */
export async function regret(
  api: ApiClient,
  journey: string,
  step: string,
  by: string | undefined,
): Promise<string> {
  const path = `${pathOf(journey)}/${encodeURIComponent(step)}/regret`
  const found = (await api.get(path, by === undefined ? {} : { by })) as RegretReport
  return [
    `${step} of ${journey}, beside always ${found.best ?? 'nothing'}; ${found.estimator}`,
    ...found.periods.map(periodLine),
    ...found.warnings.map((warning) => `  ! ${warning}`),
  ].join('\n')
}

function periodLine({
  from,
  decisions,
  shares,
  reward,
  regret,
  regretSoFar,
}: RegretReport['periods'][number]): string {
  const arms = Object.entries(shares).map(([arm, share]) => `${arm} ${(100 * share).toFixed(0)} %`)
  const brought = `brought ${inWords(reward)}, missed ${inWords(regret)}, in all ${short(regretSoFar)}`
  return `  ${from.slice(0, 10)}: ${decisions} decisions (${arms.join(', ')}) ${brought}`
}

interface UpliftReport {
  readonly treated: number
  readonly others: number
  readonly auuc: number
  readonly qini: Estimate
  readonly warnings: readonly string[]
}

/** Whether an arm moves those whom the policy expects it to move. */
export async function uplift(
  api: ApiClient,
  journey: string,
  step: string,
  arms: { readonly arm: string; readonly against: string },
): Promise<string> {
  const path = `${pathOf(journey)}/${encodeURIComponent(step)}/uplift`
  const { treated, others, auuc, qini, warnings } = (await api.get(path, arms)) as UpliftReport
  return [
    `${arms.arm} (${treated} decisions) against ${arms.against} (${others}) at ${step} of ${journey}`,
    `  Qini: ${inWords(qini)}; area under the curve ${short(auuc)}`,
    ...warnings.map((warning) => `  ! ${warning}`),
  ].join('\n')
}

interface Group {
  readonly of: number
  readonly converted: number
  readonly rate: number | null
}

interface LiftReport {
  readonly within: string
  readonly treated: Group
  readonly heldOut: Group
  readonly lift: {
    readonly difference: number | null
    readonly once: { readonly low: number; readonly high: number }
    readonly always: { readonly low: number; readonly high: number }
  }
  readonly warnings: readonly string[]
}

/** What a journey adds, beside those it holds out. */
export async function report(
  api: ApiClient,
  journey: string,
  asked: Readonly<Record<string, string>>,
): Promise<string> {
  const path = `/v1/journeys/${encodeURIComponent(journey)}/report`
  const { within, treated, heldOut, lift, warnings } = (await api.get(path, asked)) as LiftReport
  const group = ({ converted, of, rate }: Group): string =>
    `${converted} of ${of} converted${rate === null ? '' : ` (${(100 * rate).toFixed(2)} %)`}`
  const between = ({ low, high }: { low: number; high: number }) => `${short(low)} to ${short(high)}`
  return [
    `${journey}, ${within} after it began`,
    `  treated: ${group(treated)}; held out: ${group(heldOut)}`,
    `  lift: ${lift.difference === null ? 'not known' : short(lift.difference)}`,
    `  95 %, for this one look: ${between(lift.once)}; however often you look: ${between(lift.always)}`,
    ...warnings.map((warning) => `  ! ${warning}`),
  ].join('\n')
}

const inWords = ({ value, low, high }: Estimate): string =>
  value === null ? 'not known' : `${short(value)} (95 %: ${short(low)} to ${short(high)})`

const short = (value: number | null): string => (value === null ? '?' : String(Number(value.toPrecision(4))))
