import type { Outcome } from '../outcome'

/** What one enrollment did, as far as its graph knows it. */
export interface Walk {
  readonly journey: string
  readonly marks: readonly Mark[]
}

export type Mark =
  | { readonly is: 'begins'; readonly step: string }
  /** With what the step told, where it tells something: a label, an arm, a fate. */
  | { readonly is: 'ends'; readonly step: string; readonly outcome?: string }
  /** It was left in the middle: for another journey, or since a date had passed. */
  | { readonly is: 'stops'; readonly step: string }
  | { readonly is: 'stage'; readonly stage: string }
  | { readonly is: 'over'; readonly outcome: Outcome }

/** Marks the beginning of a step, runs it, and marks its end when that has come. */
export function markStep<Done>(marks: Mark[], step: string, run: () => Done): Done {
  marks.push({ is: 'begins', step })
  const done = run()
  const ends = (value: unknown): void => void marks.push({ is: 'ends', step, outcome: outcomeIn(value) })
  if (done instanceof Promise) done.then(ends, () => marks.push({ is: 'stops', step }))
  else ends(done)
  return done
}

function outcomeIn(value: unknown): string | undefined {
  const told = typeof value === 'object' && value !== null && 'is' in value ? value.is : value
  return typeof told === 'string' ? told : undefined
}

/** All that stories and explorations of this process walked; each walk once, as JSON. */
export interface Remembered {
  readonly told: ReadonlySet<string>
  readonly explored: ReadonlySet<string>
}

// Test runners load a module anew for each file; what they report at its end lies outside of it.
const place = Symbol.for('sojourn.walks')

export const remembered = (): Remembered =>
  ((globalThis as { [place]?: Remembered })[place] ??= { told: new Set(), explored: new Set() })

export function remember(how: keyof Remembered, walks: readonly Walk[]): void {
  for (const walk of walks) (remembered()[how] as Set<string>).add(JSON.stringify(walk))
}
