import type { Client } from '@temporalio/client'
import type { JourneyGraph } from '../../sdk'
import { grouped } from '../../sdk/grouped'
import { adviceOn, mend } from './advice'
import { upperBound } from './bound'
import { differencesOf } from './difference'
import { type Fate, type Graphs, judge, placeOf } from './judge'
import { type Ahead, Foresight } from './onward'
import { historiesOf, type Inside, insideOf, sampled } from './population'
import { type Replayed, replayed } from './replaying'
import type { WorkingCopy } from './working-copy'

export type Verdict = 'safe' | 'breaks' | 'unknown'

export interface StepReport {
  readonly step: string
  readonly safe: number
  readonly breaks: number
  readonly unknown: number
  /** Why, each reason once. */
  readonly because: readonly string[]
}

export interface JourneyReport {
  readonly journey: string
  readonly verdict: Verdict
  readonly running: number
  readonly looked: number
  readonly safe: number
  readonly breaks: number
  readonly unknown: number
  /** In a sample: the largest share of all running that may break, with 95 % confidence; unknown ones count as if they did. */
  readonly mayBreak?: number
  readonly differences: readonly string[]
  /** By where they stand. */
  readonly steps: readonly StepReport[]
  readonly advice: readonly string[]
}

export interface Checking {
  readonly client: Client
  readonly taskQueue: string
  readonly build: WorkingCopy
  /** The graphs of the build that runs, by journey; a journey it has without a graph is undefined. */
  readonly deployed: ReadonlyMap<string, JourneyGraph | undefined>
  /** Of each journey at most so many are looked at. */
  readonly sample?: number
  /** What events look like, by their names. */
  readonly samples: Ahead['samples']
  readonly traitsOf?: Ahead['traitsOf']
  progress(done: number, all: number): void
}

/** Compares a new build with the one that runs, and with every enrollment inside. */
export async function check(checking: Checking): Promise<JourneyReport[]> {
  const inside = await insideOf(checking.client, checking.taskQueue)
  const chosen = [...grouped(inside, ({ journey }) => journey)].map(([journey, all]) => ({
    journey,
    running: all.length,
    chosen: sampled(all, checking.sample ?? all.length),
  }))
  const fates = await fatesOf(chosen.flatMap((each) => each.chosen), checking) // prettier-ignore
  const running = new Map(chosen.map(({ journey, running }) => [journey, running]))
  const names = new Set([
    ...Object.keys(checking.build.manifest.journeys),
    ...checking.deployed.keys(),
    ...running.keys(),
  ])
  return [...names].sort().map((name) => {
    const found = fates.filter(({ journey }) => journey === name)
    return reportOf(name, running.get(name) ?? 0, found, graphsOf(name, checking))
  })
}

interface Found {
  readonly journey: string
  readonly step: string
  readonly fate: Fate
}

async function fatesOf(chosen: readonly Inside[], checking: Checking): Promise<Found[]> {
  const journeys = new Map(chosen.map(({ id, journey }) => [id, journey]))
  const found: Found[] = []
  const fateOf = fates(checking)
  const because = 'its history could not be read'
  const missed = ({ journey }: Inside): void =>
    void found.push({ journey, step: 'somewhere', fate: { is: 'unknown', because } })
  for await (const one of replayed(
    checking.build.workflowBundle,
    historiesOf(checking.client, chosen, missed),
  )) {
    const journey = journeys.get(one.id)!
    found.push({ journey, step: placeOf(one.past), fate: await fateOf(journey, one) })
    checking.progress(found.length, chosen.length)
  }
  return found
}

/** Judges what became of histories, and where they go on unharmed, how they live on. */
export function fates({
  build,
  deployed,
  samples,
  traitsOf,
}: Pick<Checking, 'build' | 'deployed' | 'samples' | 'traitsOf'>) {
  const foresight = new Foresight({ journeys: build.journeys, samples, traitsOf })
  return async (journey: string, one: Replayed): Promise<Fate> => {
    if ('error' in one) return { is: 'breaks', because: one.error }
    const graphs = graphsOf(journey, { build, deployed })
    const fate = judge(one.past, one.made, graphs)
    return fate.is === 'safe' ? foresight.fateOf({ ...one, journey, graphs }) : fate
  }
}

const graphsOf = (name: string, { build, deployed }: Pick<Checking, 'build' | 'deployed'>): Graphs => ({
  old: deployed.get(name),
  new: build.manifest.journeys[name]?.graph,
})

function reportOf(journey: string, running: number, found: readonly Found[], graphs: Graphs): JourneyReport {
  const count = (is: Verdict): number => found.filter(({ fate }) => fate.is === is).length
  const counts = { safe: count('safe'), breaks: count('breaks'), unknown: count('unknown') }
  const verdict = counts.breaks > 0 ? 'breaks' : counts.unknown > 0 ? 'unknown' : 'safe'
  const steps = [...new Set(found.map(({ step }) => step))].sort().map((step) => stepReport(step, found))
  return {
    journey,
    verdict,
    running,
    looked: found.length,
    ...counts,
    ...(found.length < running &&
      found.length > 0 && { mayBreak: upperBound(counts.breaks + counts.unknown, found.length) }),
    differences: differencesIn(graphs),
    steps,
    advice: adviceFor(found.map(({ fate }) => fate), graphs), // prettier-ignore
  }
}

function adviceFor(fates: readonly Fate[], graphs: Graphs): string[] {
  const throws = fates.some((fate) => 'throws' in fate)
  const breaks = fates.some((fate) => fate.is === 'breaks' && !fate.throws)
  return [...(throws ? [mend] : []), ...(breaks ? adviceOn(graphs) : [])]
}

function differencesIn({ old, new: now }: Graphs): string[] {
  if (!old)
    return now
      ? ['the build that runs does not have it, or has no graph of it']
      : ['it is not in the new build']
  return now ? differencesOf(old, now) : ['the journey is removed']
}

function stepReport(step: string, all: readonly Found[]): StepReport {
  const here = all.filter((each) => each.step === step).map(({ fate }) => fate)
  const because = here.flatMap((fate) => ('because' in fate ? [fate.because] : []))
  const count = (is: Verdict): number => here.filter((fate) => fate.is === is).length
  return {
    step,
    safe: count('safe'),
    breaks: count('breaks'),
    unknown: count('unknown'),
    because: [...new Set(because)],
  }
}
