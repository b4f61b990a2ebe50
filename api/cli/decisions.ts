import type { ApiClient } from './client'

interface Estimate {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

interface Report {
  readonly step: string
  readonly arms: readonly {
    readonly arm: string
    readonly how: string
    readonly decisions: number
    readonly share: number
    readonly open: number
    readonly settled: number
    readonly rewarded: number
    readonly ifAlways: Estimate
  }[]
  readonly models: readonly {
    readonly to: string | null
    readonly because: string | null
    readonly decisions: number
  }[]
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
  const { items } = (await api.get(pathOf(journey))) as { items: readonly Report[] }
  if (items.length === 0) return `${journey} has decided nothing yet.`
  const lines = ({ step, arms, models }: Report) => [
    `${step}:`,
    ...arms.map(armLine),
    ...models.map(modelLine),
  ]
  return items.map((report) => lines(report).join('\n')).join('\n\n')
}

function armLine({ arm, how, ...figures }: Report['arms'][number]): string {
  const { decisions, share, open, settled, rewarded, ifAlways } = figures
  const name = how === 'policy' ? arm : `${arm} (${how})`
  const sofar = `${decisions} decisions (${(100 * share).toFixed(1)} %), ${open} open, ${rewarded} of ${settled} rewarded`
  return `  ${name}: ${sofar}; if always: ${inWords(ifAlways)}`
}

const modelLine = ({ to, because, decisions }: Report['models'][number]): string =>
  to === null
    ? `  its model chose in ${decisions} decisions`
    : `  ${to} chose in ${decisions} in place of the model: ${because}`

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

const inWords = ({ value, low, high }: Estimate): string =>
  value === null ? 'not known' : `${short(value)} (95 %: ${short(low)} to ${short(high)})`

const short = (value: number | null): string => (value === null ? '?' : String(Number(value.toPrecision(4))))
