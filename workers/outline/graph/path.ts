/** What is known of a value. */
export type Value =
  /** The outcome of a step: an object whose `is` may be one of these. */
  | { readonly of: 'outcome'; readonly may: readonly string[]; readonly step?: string }
  /** A text, or the `is` of an outcome. */
  | { readonly of: 'text'; readonly may: readonly string[]; readonly step?: string }
  /** The answer of a revision: true where it is new. */
  | { readonly of: 'revision'; readonly may: readonly string[]; readonly step?: string }
  | { readonly of: 'ending'; readonly outcome: 'completed' | 'exited'; readonly words?: string }
  | { readonly of: 'nothing' }

/** A condition that was met, or not. Conditions with one key are the same question; `yes` is its answer. */
export interface Condition {
  readonly key: string
  readonly yes: boolean
  /** As the source has it; undefined for its opposite. */
  readonly text?: string
}

/** One way to a place in the source: the node it passed last, and what is known since. */
export interface Path {
  readonly from: string
  /** The outcomes of `from` that lead here; undefined where it has none. */
  readonly labels?: readonly string[]
  readonly when: readonly Condition[]
  /** Variables, by name; answers that can't change, by their question. */
  readonly facts: ReadonlyMap<string, Value>
}

/** A value, with the way on which it came. */
export interface Valued {
  readonly path: Path
  readonly value?: Value
  /** The variable whose value it is, so that a question about the one tells of the other. */
  readonly variable?: string
}

// More ways than this to one place are told apart no longer.
const MOST = 96

/** Ways that tell nothing apart any more are one. */
export function merged(paths: readonly Path[]): Path[] {
  let found: Path[] = []
  for (const path of paths) found = withPath(found, path)
  return found.length <= MOST ? found : merged(found.map((path) => ({ ...path, when: [], facts: new Map() })))
}

function withPath(paths: readonly Path[], added: Path): Path[] {
  for (const [index, path] of paths.entries()) {
    const one = together(path, added)
    if (one) return withPath(paths.toSpliced(index, 1), one)
  }
  return [...paths, added]
}

/** The one way that both are, or undefined. */
function together(one: Path, other: Path): Path | undefined {
  if (one.from !== other.from || factsKey(one) !== factsKey(other)) return undefined
  if (conditionsKey(one.when) === conditionsKey(other.when)) {
    return { ...one, labels: one.labels && union(one.labels, other.labels ?? []) }
  }
  if (covers(one, other)) return one
  if (covers(other, one)) return other
  if (String(one.labels) !== String(other.labels)) return undefined
  const free = withoutOpposite(one.when, other.when)
  return free && { ...one, when: free }
}

/** Whether everything that goes the other way could go this one. */
const covers = (one: Path, other: Path): boolean =>
  (other.labels ?? []).every((label) => one.labels?.includes(label)) &&
  one.when.every((each) => other.when.some(({ key, yes }) => key === each.key && yes === each.yes))

/** The conditions they have in common, where they part in the answer to a single question. */
function withoutOpposite(one: readonly Condition[], other: readonly Condition[]): Condition[] | undefined {
  const rest = one.filter((each) => !other.some(({ key, yes }) => key === each.key && yes !== each.yes))
  const otherRest = other.filter((each) => !one.some(({ key, yes }) => key === each.key && yes !== each.yes))
  return one.length - rest.length === 1 && conditionsKey(rest) === conditionsKey(otherRest) ? rest : undefined
}

/** Tells ways apart. */
export const pathKey = (path: Path): string =>
  `${path.from}\0${path.labels ?? ''}\0${conditionsKey(path.when)}\0${factsKey(path)}`

const conditionsKey = (when: readonly Condition[]): string =>
  when
    .map(({ key, yes }) => `${yes ? '+' : '-'}${key}`)
    .sort()
    .join('\0')

const factsKey = ({ facts }: Path): string =>
  JSON.stringify([...facts].sort(([one], [other]) => (one < other ? -1 : 1)))

const union = (one: readonly string[], other: readonly string[]): string[] =>
  [...new Set([...one, ...other])].sort()

export function withFact(path: Path, name: string, value: Value | undefined): Path {
  const facts = new Map(path.facts)
  if (value) facts.set(name, value)
  else facts.delete(name)
  return { ...path, facts }
}

export function withCondition(path: Path, condition: Condition): Path {
  const known = path.when.some(({ key, yes }) => key === condition.key && yes === condition.yes)
  return known ? path : { ...path, when: [...path.when, condition] }
}
