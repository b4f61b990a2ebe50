import { join } from 'node:path'
import {
  carriedBy,
  type Definition,
  type JourneyOutline,
  type Manifest,
  type SentMessage,
  type StepOutline,
} from '../../sdk'
import { armsOf, checkArmsSend } from './arms'
import { buildId } from './build-id'
import { endingEvents, outlineOfDefinition } from './definition'
import { checkAnswered, eventsAwaited, eventsUsed } from './events'
import { firstWait } from './first-wait'
import { checkGraph } from './graph/checks'
import { graphOf } from './graph'
import { importsOf } from './imports'
import { load } from './load'
import { messagesOf } from './messages'
import { Problems } from './problems'
import { type JourneySource, readJourneys } from './source'
import { type Step, stepsOf } from './steps'
import { scriptsOf } from './tasks'
import { traitsWatched } from './traits'

/** What defineJourney exports. */
interface DefinedJourney {
  readonly definition: Definition
  readonly stages: Readonly<Record<string, unknown>>
}

/**
 * Reads what a build's journeys are, without running them: definitions from the loaded module `index` of the
 * workflows folder, steps from the sources in its folder `journeys`.
 * Throws an Error with a sentence for everything that can't be read.
 */
export function outlineJourneys(workflowsFolder: string): Manifest {
  const problems = new Problems(workflowsFolder)
  const sources = readJourneys(workflowsFolder, problems)
  const defined = definedIn(load(join(workflowsFolder, 'index')))
  matchNames(sources, defined, problems)
  const journeys: Record<string, JourneyOutline> = {}
  for (const source of sources.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const journey = defined.get(source.name)
    if (journey) journeys[source.name] = outlineOf(source, journey, problems)
  }
  problems.throwIfAny()
  return { build: buildId(journeys, workflowsFolder), journeys }
}

function definedIn(module: Record<string, unknown>): Map<string, DefinedJourney> {
  const isJourney = (value: unknown) =>
    typeof value === 'function' && 'definition' in value && 'stages' in value
  return new Map(Object.entries(module).filter(([, value]) => isJourney(value)) as [string, never][])
}

/** The export's name is the journey's name, in its file and in the index. */
function matchNames(
  sources: JourneySource[],
  defined: Map<string, DefinedJourney>,
  problems: Problems,
): void {
  const names = sources.map(({ name }) => name)
  for (const name of defined.keys()) {
    if (names.includes(name)) continue
    problems.add(
      `The index exports the journey ${name}, but no file in journeys has export const ${name} = defineJourney(…)`,
    )
  }
  for (const { name, call } of sources) {
    if (!defined.has(name)) problems.at(call, `defines ${name}, which the index does not export`)
    if (names.indexOf(name) !== names.lastIndexOf(name))
      problems.at(call, `defines ${name}, and so does another file`)
  }
}

function outlineOf(
  source: JourneySource,
  { definition, stages }: DefinedJourney,
  problems: Problems,
): JourneyOutline {
  const imports = importsOf(source.call.getSourceFile(), problems)
  const steps = stepsOf(source, problems)
  const awaited = steps.flatMap((step) => {
    const events = eventsAwaited(step, imports, problems)
    checkAnswered(step, events, steps, problems)
    return events
  })
  const ending = endingEvents(definition).map(({ name, ofAnyKey }) => ({ name, anyKey: ofAnyKey }))
  const heard = [...ending, ...awaited, ...eventsUsed(source, imports)]
  const messages = new Map(
    steps.map((step) => {
      const sent = messagesOf(step, imports, problems).map((message) => carriedBy(definition, message))
      return [step, [...sent, ...scriptsOf(step, problems)]]
    }),
  )
  for (const step of steps) checkArmsSend(step, [...messages.values()].flat(), imports, problems)
  const drawn = graphOf(source, steps, messages, imports)
  checkGraph(drawn, { source, steps, canEndAnywhere: ending.length > 0 }, problems)
  const armsIn = (step: Step) => armsOf(step, definition.goal !== undefined, problems)
  const first = source.stages[0]
  return {
    name: source.name,
    description: source.description,
    ...outlineOfDefinition(definition),
    stages: Object.keys(stages),
    steps: steps.map((step) => outlineOfStep(step, messages.get(step)!, armsIn(step))),
    listensTo: namesOf(heard),
    listensToAnyKey: namesOf(heard.filter(({ anyKey }) => anyKey)),
    watchesTraits: sortedOnce(steps.flatMap((step) => traitsWatched(step, problems))),
    firstWait: first && firstWait(first, steps),
    graph: drawn.graph,
  }
}

const outlineOfStep = (
  { id, verb, stage }: Step,
  messages: readonly SentMessage[],
  arms: readonly string[],
): StepOutline => ({
  id,
  verb,
  stage,
  ...(messages.length > 0 && { messages }),
  ...(arms.length > 0 && { arms }),
})

const namesOf = (events: readonly { name: string }[]): string[] => sortedOnce(events.map(({ name }) => name))
const sortedOnce = (texts: string[]): string[] => [...new Set(texts)].sort()
