import type { LineFault } from './recording'
import type { Differing, Tally } from './tally'

export interface Report {
  readonly journey: string
  readonly customers: number
  readonly events: number
  readonly faults: readonly LineFault[]
  readonly now: Tally
  readonly against?: {
    readonly ref: string
    readonly before: Tally
    readonly differing: readonly Differing[]
  }
}

const FAULTS_SHOWN = 10
const CUSTOMERS_SHOWN = 20

/** For people. */
export function inWords({ journey, customers, events, faults, now, against }: Report): string {
  return [
    `${journey} over ${events} events of ${customers} customers`,
    ...faultsIn(faults),
    '',
    ...tallyIn(now, against?.before),
    ...(against ? ['', ...differencesIn(against.ref, against.differing)] : []),
  ].join('\n')
}

function faultsIn(faults: readonly LineFault[]): string[] {
  if (faults.length === 0) return []
  const shown = faults.slice(0, FAULTS_SHOWN).map(({ line, because }) => `  line ${line}: ${because}`)
  return [`${faults.length} lines were left out:`, ...shown, ...more(faults, FAULTS_SHOWN)]
}

/** The figure, and what it was with the other version. */
function tallyIn(now: Tally, before: Tally | undefined): string[] {
  const total = (words: string, of: (tally: Tally) => number): string =>
    line(words, of(now), before && of(before))
  const table = (title: string, of: (tally: Tally) => Readonly<Record<string, number>>): string[] => {
    const [ours, theirs] = [of(now), before && of(before)]
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs ?? {})])].sort()
    const lines = keys.map((key) => line(`  ${key}`, ours[key] ?? 0, theirs && (theirs[key] ?? 0)))
    return keys.length > 0 ? [title, ...lines] : []
  }
  return [
    total('enrollments', (tally) => tally.enrollments),
    ...table('outcomes', (tally) => tally.outcomes),
    total('sent', (tally) => tally.sent),
    ...table('sent by step', (tally) => tally.byStep),
    ...table('sent by channel', (tally) => tally.byChannel),
    ...table('sent by day (UTC)', (tally) => tally.byDay),
    ...table('withheld, by rule', (tally) => tally.withheld),
    total('held at the end', (tally) => tally.heldAtEnd),
  ]
}

const line = (words: string, now: number, before: number | undefined): string =>
  `${words.padEnd(44)}${String(now).padStart(10)}${before === undefined ? '' : `   before ${before}`}`

function differencesIn(ref: string, differing: readonly Differing[]): string[] {
  if (differing.length === 0) return [`No customer would have been treated differently by ${ref}.`]
  const shown = differing
    .slice(0, CUSTOMERS_SHOWN)
    .flatMap(({ customerId, onlyNow, onlyBefore }) => [
      `  ${customerId}`,
      ...onlyBefore.map((text) => `    - ${text}`),
      ...onlyNow.map((text) => `    + ${text}`),
    ])
  return [
    `${differing.length} customers would have been treated differently by ${ref} (-) and now (+):`,
    ...shown,
    ...more(differing, CUSTOMERS_SHOWN),
  ]
}

const more = (all: readonly unknown[], shown: number): string[] =>
  all.length > shown ? [`  … and ${all.length - shown} more (--json has all)`] : []
