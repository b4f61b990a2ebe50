import type { Compared } from './compare'
import type { Standing } from './standing'

const CUSTOMERS_SHOWN = 20

/** For people: how many were sent, and customer by customer what would have been otherwise. */
export function inWords({ journey, since, share, asOf, entry, customers, unknown }: Standing): string {
  const all = Object.entries(customers)
  const differing = all.filter(([, { differences }]) => differences.length > 0)
  return [
    `${journey} in the shadow from ${since} to ${asOf}: ${all.length} customers, a share of ${share}`,
    ...(entry === undefined ? [] : [entry]),
    ...(unknown.length > 0 ? [`of ${unknown.length} more too little is on record`] : []),
    ...surenessOf(all.map(([, each]) => each)),
    ...sentIn(all.map(([, each]) => each)),
    '',
    ...differencesIn(differing),
  ].join('\n')
}

function surenessOf(all: readonly Compared[]): string[] {
  const asked = all.filter(({ isSure }) => isSure !== undefined)
  if (asked.length === 0) return []
  const sure = asked.filter(({ isSure }) => isSure).length
  return [
    `the version that runs, lived again in the same way, does what it did with ${sure} of ${asked.length}`,
  ]
}

function sentIn(all: readonly Compared[]): string[] {
  const steps = [
    ...new Set(all.flatMap(({ live, shadow }) => [...Object.keys(live), ...Object.keys(shadow)])),
  ].sort()
  const sum = (which: 'live' | 'shadow', step: string): number =>
    all.reduce((total, each) => total + (each[which][step] ?? 0), 0)
  return steps.map(
    (step) =>
      `  ${step.padEnd(40)}${String(sum('live', step)).padStart(8)} sent, in the shadow ${sum('shadow', step)}`,
  )
}

function differencesIn(differing: readonly (readonly [string, Compared])[]): string[] {
  if (differing.length === 0) return ['No customer would have been treated differently.']
  const shown = differing
    .slice(0, CUSTOMERS_SHOWN)
    .flatMap(([customer, { differences, isSure }]) => [
      `  ${customer}${isSure === false ? ' (not sure: the version that runs differs from what it did, too)' : ''}`,
      ...differences.map((line) => `    ${line}`),
    ])
  const more = differing.length - CUSTOMERS_SHOWN
  return [
    `${differing.length} customers would have been treated differently (- as it is, + in the shadow):`,
    ...shown,
    ...(more > 0 ? [`  … and ${more} more (--json has all)`] : []),
  ]
}
