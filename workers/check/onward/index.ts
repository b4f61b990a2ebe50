import type { JourneyGraph } from '../../../sdk'
import type { Rehearsable } from '../../../sdk/testing'
import { Search } from '../../../sdk/testing/search'
import type { Made, Recorded } from '../commands'
import type { Fate, Graphs } from '../judge'
import { Lives, toldIn } from './alike'
import { lifeSoFar, type LifeSoFar } from './happenings'
import { type Lived, type Onward, OnwardPath } from './path'

const MOST_PATHS = 150
const AT_ONCE = 25

/** What the lives of a build are foreseen with. */
export interface Ahead {
  /** Of the new build, by their names. */
  readonly journeys: Readonly<Record<string, Rehearsable>>
  /** What events look like, by their names. */
  readonly samples: Onward['samples']
  /** Of a customer, where they are known. */
  traitsOf?(customerId: string): Promise<Onward['traits']>
}

export interface Standing {
  readonly id: string
  readonly journey: string
  readonly past: Recorded
  /** What the new code made of it. */
  readonly made: readonly Made[]
  readonly graphs: Graphs
}

/** Foresees where the new code throws, for lives that go on with their histories. One that is alike to another fares like it. */
export class Foresight {
  private readonly lives = new Lives()

  constructor(private readonly ahead: Ahead) {}

  async fateOf(standing: Standing): Promise<Fate> {
    try {
      return await this.foresee(standing)
    } catch (error) {
      const because = `how it goes on could not be foreseen from its history: ${(error as Error).message}`
      return { is: 'unknown', because }
    }
  }

  private async foresee({ id, journey, past, made, graphs }: Standing): Promise<Fate> {
    const soFar = lifeSoFar(id, past.history, made, past.open)
    const traits = readsProfile(graphs.new) ? await this.ahead.traitsOf?.(soFar.input.customerId) : undefined
    const told = toldIn(soFar, traits)
    return this.lives.known(journey, told) ?? this.looked(journey, soFar, traits, told, graphs.old)
  }

  private async looked(
    journey: string,
    soFar: LifeSoFar,
    traits: Onward['traits'],
    told: readonly unknown[],
    old: JourneyGraph | undefined,
  ): Promise<Fate> {
    const { journeys, samples } = this.ahead
    const onward = { name: journey, journey: journeys[journey]!, soFar, traits, samples }
    const fate = await foreseen(onward, old)
    this.lives.remember(journey, told, fate)
    return fate
  }
}

const readsProfile = (graph: JourneyGraph | undefined): boolean =>
  !!graph?.nodes.some((node) => node.kind === 'step' && node.verb === 'profile')

/** Lives on from where a history stands, on many ways, until it is known whether the code throws on all, on some or on none. */
async function foreseen(onward: Onward, old: JourneyGraph | undefined): Promise<Fate> {
  const search = new Search()
  let passed = 0
  let thrown: Lived | undefined
  for (let walked = 0; walked < MOST_PATHS && !(thrown && passed > 0);) {
    const ways = search.next(AT_ONCE)
    if (ways.length === 0) break
    const lives = await Promise.all(ways.map(({ choices }) => new OnwardPath(onward, choices).walk()))
    for (const [index, lived] of lives.entries()) {
      search.branch(lived, ways[index]!)
      if (lived.error && !isKnown(lived.error, old)) thrown ??= lived
      else passed += 1
    }
    walked += ways.length
  }
  return fateBy(thrown, passed)
}

function fateBy(thrown: Lived | undefined, passed: number): Fate {
  if (!thrown) return { is: 'safe' }
  const words = `the new code throws ${thrown.error!.name}: ${thrown.error!.message}`
  if (passed === 0) return { is: 'breaks', because: `whatever comes but its end, ${words}`, throws: true }
  const story = thrown.story.join(', then ') || 'nothing else happens'
  return { is: 'unknown', because: `${words}; it comes to that where ${story}`, throws: true }
}

/** The build that runs throws it, too, and waits there for a fix. */
const isKnown = ({ message }: Error, old: JourneyGraph | undefined): boolean =>
  message !== '' &&
  !!old?.nodes.some(
    (node) => node.kind === 'end' && node.outcome === 'stuck' && node.words?.includes(message),
  )
