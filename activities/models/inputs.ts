import type { Inputs } from '../../sdk/model'
import type { Question } from './answer'

/** A row of inputs for each arm; or the name of a number that is not known. */
export function rowsFor(inputs: Inputs, { arms, context }: Question): number[][] | string {
  const rows: number[][] = []
  for (const { arm, features } of arms) {
    const known: Readonly<Record<string, unknown>> = { ...features, ...context, arm }
    const missing = Object.entries(inputs).find(
      ([name, kind]) => kind === 'number' && typeof known[name] !== 'number',
    )
    if (missing) return missing[0]
    rows.push(Object.entries(inputs).flatMap(([name, kind]) => encoded(known[name], kind)))
  }
  return rows
}

/** A text that is not among the values, and one that is not known, are none of them. */
function encoded(value: unknown, kind: Inputs[string]): number[] {
  if (kind === 'number') return [value as number]
  return kind === 'boolean' ? [Number(value === true)] : kind.map((each) => Number(each === value))
}
