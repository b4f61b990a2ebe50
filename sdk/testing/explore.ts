import type { AnyEvent } from '../event'
import type { Nouns } from '../journey'
import { addExact, type Duration } from '../time/duration'
import type { Rehearsable } from './life'
import { idFor, storyOf } from './pasted'
import { Heard, Path, type Exploration, type Walked } from './path'
import type { Property } from './properties'
import { beginningOf, nameIn, type Setting } from './rehearse'
import { Search, type Way } from './search'
import { shortest } from './shortest'
import { remember, type Walk } from './walk'

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
   * one, a goal, an exit and what goes wrong two, all that can be heard at once three. Those up to six are the bound; where
   * something new was seen, it goes on beyond it.
   */
  readonly complete: boolean
  /** Steps with what became of them: `welcome sent`. */
  readonly reached: readonly string[]
  /** What was walked, for `coverageOf`. */
  readonly walks: readonly Walk[]
}

/** A property does not hold; the message has the shortest path as a story to be pasted. */
export class PropertyViolated extends Error {
  override readonly name = 'PropertyViolated'
}

export type Explore<N extends Nouns> = (journey: Rehearsable, exploring: Exploring<N>) => Promise<Explored>

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
      walks: explored.flatMap(({ walks }) => walks),
    }
  }

async function byCustomer(
  name: string,
  journey: Rehearsable,
  exploring: Exploring<Nouns>,
  traits: object,
): Promise<Explored> {
  const { begin, samples = {}, paths: most = 2_000, within = '500 days' } = exploring
  const customer = { id: idFor(name, journey, {}), ...traits }
  const beginning = beginningOf({ ...exploring, customer }, { [name]: journey })
  const until = addExact(beginning.at, within)
  const exploration: Exploration = { name, begin, samples, beginning, until, heard: new Heard() }
  const search = new Search()
  const reached = new Set<string>()
  const walks = new Map<string, Walk>()
  let paths = 0
  for (
    let ways = search.next(AT_ONCE);
    ways.length > 0;
    ways = search.next(Math.min(AT_ONCE, most - paths))
  ) {
    for (const { path, way } of await walkedAll(ways, exploration)) {
      await check(exploring.properties, { path, way, exploration, traits })
      path.reached.forEach((step) => reached.add(step))
      for (const walk of path.rehearsed.walks) walks.set(JSON.stringify(walk), walk)
      search.branch({ forks: path.forks, walks: path.rehearsed.walks }, way)
    }
    paths += ways.length
  }
  remember('explored', [...walks.values()])
  return { paths, complete: search.isComplete, reached: [...reached], walks: [...walks.values()] }
}

interface Found {
  readonly path: Walked
  readonly way: Way
  readonly exploration: Exploration
  readonly traits: object
}

const walkedAll = (ways: readonly Way[], exploration: Exploration): Promise<{ path: Walked; way: Way }[]> =>
  Promise.all(ways.map(async (way) => ({ way, path: await new Path(exploration, way.choices).walk() })))

async function check(
  properties: readonly Property[],
  { path, way, exploration, traits }: Found,
): Promise<void> {
  const property = properties.find((each) => each.fault(path.rehearsed) !== undefined)
  if (!property) return
  const { rehearsed, told } = await shortest(path, way.choices, exploration, property)
  const story = storyOf(property, told, exploration, traits)
  throw new PropertyViolated(
    `${property.name}: ${property.fault(rehearsed)}\n\n${rehearsed.timeline}\n\n${story}`,
  )
}
