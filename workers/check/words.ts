import type { JourneyReport, StepReport } from '.'

/** The report for people. */
export const wordsOf = (reports: readonly JourneyReport[]): string =>
  reports.map((report) => [headline(report), ...lines(report)].join('\n')).join('\n\n')

const headline = ({ journey, verdict, running, looked }: JourneyReport): string =>
  `${journey}: ${verdict} (${running} inside${looked < running ? `, ${looked} of them looked at` : ''})`

function lines({ differences, steps, advice, mayBreak, breaks, unknown, looked }: JourneyReport): string[] {
  const share = mayBreak === undefined ? [] : [`  ${breaks} of ${looked} break${unknown > 0 ? `, ${unknown} are unknown` : ''}; of all at most ${(mayBreak * 100).toFixed(2)} %, with 95 % confidence (Clopper-Pearson)`] // prettier-ignore
  return [
    ...(differences.length > 0 ? differences.map((each) => `  ${each}`) : ['  nothing changed in its graph']),
    ...share,
    ...steps.flatMap(stepLines),
    ...advice.map((each) => `  → ${each}`),
  ]
}

function stepLines({ step, safe, breaks, unknown, because }: StepReport): string[] {
  const counts = [
    ...(safe > 0 ? [`${safe} go on`] : []),
    ...(breaks > 0 ? [`${breaks} break`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ]
  return [`  at ${step}: ${counts.join(', ')}`, ...because.map((each) => `    ${each}`)]
}
