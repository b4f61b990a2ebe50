import ts from 'typescript'
import type { JourneyGraph, SentMessage } from '../../../sdk'
import type { Imports } from '../imports'
import { textsOf } from '../expressions'
import { asBody, type JourneySource, type StageSource } from '../source'
import type { Step } from '../steps'
import { GraphBuilder } from './builder'
import { Names } from './names'
import type { Path, Valued } from './path'
import type { Reading } from './reading'
import { textOf } from './source-text'
import { runReturning } from './statements'
import { type StepFacts, stepFacts } from './step-node'

/** A journey's graph, with what the checks need of each step. */
export interface ReadGraph {
  readonly graph: JourneyGraph
  readonly steps: ReadonlyMap<string, StepFacts>
}

/**
 * Draws a journey from its source, along every way that the source leaves open: outcomes of steps are followed through
 * variables; of other conditions either answer may be.
 */
export function graphOf(
  journey: JourneySource,
  steps: readonly Step[],
  messages: ReadonlyMap<Step, readonly SentMessage[]>,
  imports: Imports,
): ReadGraph {
  const known = new Map(
    steps.map((step) => [step.call as ts.Node, stepFacts(step, messages.get(step) ?? [], imports)]),
  )
  const graph = new GraphBuilder()
  const stages = journey.stages.map(({ name }) => name)
  journey.stages.forEach((stage, index) => {
    const from = index === 0 ? 'start' : undefined
    drawStage(stage, beginning(graph, journey, stage.name, from), { graph, steps: known, stages })
  })
  const byId = new Map([...known.values()].map((facts) => [facts.node.id, facts]))
  return { graph: graph.graph(byId), steps: byId }
}

interface Drawing extends Pick<Reading, 'graph' | 'steps'> {
  readonly stages: readonly string[]
}

/** A journey of one piece begins at its start; stages begin at nodes of their own. */
function beginning(
  graph: GraphBuilder,
  journey: JourneySource,
  stage: string,
  before: string | undefined,
): Path {
  const plain = (from: string): Path => ({ from, when: [], facts: new Map() })
  if (asBody(journey.call.arguments[1])) return plain('start')
  const node = graph.add({ kind: 'stage', id: `stage:${stage}`, stage })
  if (before) graph.link([plain(before)], node)
  return plain(node)
}

function drawStage(stage: StageSource, entered: Path, drawing: Drawing): void {
  const reading: Reading = {
    ...drawing,
    stage: stage.name,
    names: new Names(stage.body),
    exits: {
      return: () => undefined,
      throw: (paths, written) => drawing.graph.link(paths, thrown(written, drawing.graph)),
      jump: () => undefined,
      passed: () => undefined,
    },
  }
  for (const each of runReturning(stage.body, [entered], reading)) leave(each, drawing)
}

/** Only this failure ends an enrollment; any other error waits at the step for a fix. */
const thrown = (written: ts.Expression, graph: GraphBuilder): string =>
  graph.end(written.getText().includes('ApplicationFailure') ? 'failed' : 'stuck', textOf(written))

/** A stage returns the name of the next, or how the journey ends. */
function leave(
  { path, value, written }: Valued & { readonly written?: ts.Expression },
  { graph, stages }: Drawing,
): void {
  const names = value?.of === 'text' ? value.may : written && textsOf(written)
  const next = names?.filter((name) => stages.includes(name)) ?? []
  if (value?.of === 'ending') graph.link([path], graph.end(value.outcome, value.words))
  else if (value?.of === 'nothing' || !written) graph.link([path], graph.end('completed'))
  else if (next.length > 0) next.forEach((name) => graph.link([path], stageNode(graph, name)))
  else openEnd(path, written, { graph, stages })
}

/** What is returned can't be read: it may be any of the stages, or an ending. */
function openEnd(
  path: Path,
  written: ts.Expression,
  { graph, stages }: Pick<Drawing, 'graph' | 'stages'>,
): void {
  if (stages.length > 1) stages.forEach((name) => graph.link([path], stageNode(graph, name)))
  graph.link([path], graph.end('ended', textOf(written)))
}

const stageNode = (graph: GraphBuilder, stage: string): string =>
  graph.add({ kind: 'stage', id: `stage:${stage}`, stage })
