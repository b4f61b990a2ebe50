import { fraction, pick } from '../hash'
import type { AnyEvent } from '../event'
import type { Nouns } from '../journey'
import { addExact, type Duration } from '../time/duration'
import type { Rehearsable } from './life'
import { Path, type Exploration, type Kind, type Told, type Walked } from './path'
import type { Property } from './properties'
import { beginningOf, nameIn, type Setting } from './rehearse'

/** What is explored, and how far. */
export interface Exploring<N extends Nouns> extends Omit<
  Setting<N>,
  'beside' | 'fates' | 'customer' | 'revisions'
> {
  /** What enrolls; left out: the API does. */
  readonly begin?: AnyEvent
  /** Every path is walked by each of them; ids are chosen. Default: one with an email address. */
  readonly customers?: readonly Partial<N['traits']>[]
  /** What events carry beside what is asked of them, by their names. */
  readonly samples?: Readonly<Record<string, Record<string, unknown>>>
  readonly properties: readonly Property[]
  /** How many paths for each customer at most; default 2,000. */
  readonly paths?: number
  /** How long a path is followed; default 500 days. */
  readonly within?: Duration
}

export interface Explored {
  readonly paths: number
  /**
   * Whether these were all within the bound. Usually time goes by and all is sent; what the customer does and another arm count
   * one, a goal, an exit and what goes wrong two, and no path is followed that counts more than six.
   */
  readonly complete: boolean
  /** Steps with what became of them: `welcome sent`. */
  readonly reached: readonly string[]
}

/** A property does not hold; the message has the shortest path as a story to be pasted. */
export class PropertyViolated extends Error {
  override readonly name = 'PropertyViolated'
}

export type Explore<N extends Nouns> = (journey: Rehearsable, exploring: Exploring<N>) => Promise<Explored>

/** What a way off the usual costs: paths are walked in the order of their cost. */
const costs: Readonly<Record<Kind, number>> = { label: 1, arm: 1, ending: 2, fate: 2 }
const MOST_COST = 6
const AT_ONCE = 50

/** Binds the adopter's journeys and nouns, as `rehearsals` does. */
export const explorations =
  <N extends Nouns>(journeys: Readonly<Record<string, Rehearsable>>): Explore<N> =>
  async (journey, exploring) => {
    const name = nameIn(journeys, journey)
    const { customers = [{}] } = exploring as Exploring<Nouns>
    const explored: Explored[] = []
    for (const traits of customers)
      explored.push(await byCustomer(name, journey, exploring as Exploring<Nouns>, traits))
    return {
      paths: explored.reduce((sum, { paths }) => sum + paths, 0),
      complete: explored.every(({ complete }) => complete),
      reached: [...new Set(explored.flatMap(({ reached }) => reached))].sort(),
    }
  }

async function byCustomer(
  name: string,
  journey: Rehearsable,
  exploring: Exploring<Nouns>,
  traits: object,
): Promise<Explored> {
  const { begin, samples = {}, properties, paths: most = 2_000, within = '500 days' } = exploring
  const customer = { id: idFor(name, journey, {}), ...traits }
  const beginning = beginningOf({ ...exploring, customer }, { [name]: journey })
  const until = addExact(beginning.at, within)
  const exploration: Exploration = { name, begin, samples, beginning, until }
  const open: number[][][] = Array.from({ length: MOST_COST + 1 }, () => [])
  open[0]!.push([])
  const reached = new Set<string>()
  let paths = 0
  for (let next = cheapest(open, most - paths); next.length > 0; next = cheapest(open, most - paths)) {
    const walked = await Promise.all(next.map(({ choices }) => new Path(exploration, choices).walk()))
    for (const [index, path] of walked.entries()) {
      for (const property of properties) check(property, path, exploration, traits)
      path.reached.forEach((step) => reached.add(step))
      branch(path, next[index]!, open)
    }
    paths += next.length
  }
  return { paths, complete: open.every((level) => level.length === 0), reached: [...reached] }
}

interface Next {
  readonly choices: readonly number[]
  readonly cost: number
}

/** Those of the lowest cost that is there, a handful at a time. */
function cheapest(open: readonly number[][][], most: number): Next[] {
  const cost = open.findIndex((level) => level.length > 0)
  return (open[cost]?.splice(0, Math.min(AT_ONCE, most)) ?? []).map((choices) => ({ choices, cost }))
}

/** Every other way at every fork after those that were chosen. */
function branch({ forks }: Walked, { choices, cost }: Next, open: readonly number[][][]): void {
  const usual = forks.map((_, index) => choices[index] ?? 0)
  for (const [at, { kinds }] of forks.entries()) {
    if (at < choices.length) continue
    for (let way = 1; way < kinds.length; way++)
      open[cost + costs[kinds[way]!]]?.push([...usual.slice(0, at), way])
  }
}

function check(
  property: Property,
  { rehearsed, told }: Walked,
  exploration: Exploration,
  traits: object,
): void {
  const fault = property.fault(rehearsed)
  if (fault === undefined) return
  const story = storyOf(property, told, exploration, traits)
  throw new PropertyViolated(`${property.name}: ${fault}\n\n${rehearsed.timeline}\n\n${story}`)
}

/** The path as a test, to be pasted. */
function storyOf(property: Property, told: Told, { name, beginning }: Exploration, traits: object): string {
  const { acts, fates, decides, revisions, calls } = told
  const unusual = Object.entries(fates).filter(([, all]) => all.some(({ is }) => is !== 'sent'))
  const id = idFor(name, beginning.journeys[name]!, told.arms)
  const at = new Date(beginning.at).toISOString()
  const setting = [
    `customer: ${JSON.stringify({ id, ...traits })}, at: '${at}'`,
    ...(unusual.length > 0 ? [`fates: ${JSON.stringify(Object.fromEntries(unusual))}`] : []),
    ...(Object.keys(decides).length > 0 ? [`decides: ${JSON.stringify(decides)}`] : []),
    ...(Object.keys(revisions).length > 0 ? [`revisions: ${JSON.stringify(revisions)}`] : []),
    ...(calls.length > 0 ? [`calls: { ${calls.map(answerOf).join(', ')} }`] : []),
  ]
  return [
    `test(${JSON.stringify(`${name}: ${property.name}`)}, async () => {`,
    `  const rehearsed = await rehearse(${name}, { ${setting.join(', ')} })`,
    ...acts.map((act) => `    ${act}`),
    `  expect(${property.name}.fault(rehearsed)).toBeUndefined()`,
    '})',
  ].join('\n')
}

/** One that did not fail is answered by what the test has under its name. */
const answerOf = ({ activity, fails }: Told['calls'][number]): string =>
  fails ? `${activity}: () => { throw new Error('explored') }` : activity

const IDS = 10_000

/** The first customer of many whom the journey does not hold out, and on whom these arms fall. */
function idFor(name: string, { definition }: Rehearsable, arms: Told['arms']): string {
  const falls = (id: string): boolean =>
    fraction('holdout', name, id) >= (definition.holdout ?? 0) &&
    Object.entries(arms).every(
      ([step, { arm, shares }]) => pick(shares, fraction(`split:${step}`, name, id)) === arm,
    )
  const numbers = Array.from({ length: IDS }, (_, number) => `explored-${number + 1}`)
  return numbers.find(falls) ?? numbers[0]!
}
