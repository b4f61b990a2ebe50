import type { EndNode, GraphEdge, GraphNode, JourneyGraph } from '../../../sdk'
import { type Condition, merged, type Path } from './path'
import type { StepFacts } from './step-node'

/** The graph as far as it was read. */
export class GraphBuilder {
  private readonly nodes = new Map<string, GraphNode>([['start', { kind: 'start', id: 'start' }]])
  private readonly arrivals = new Map<string, readonly Path[]>()

  add(node: GraphNode): string {
    if (!this.nodes.has(node.id)) this.nodes.set(node.id, node)
    return node.id
  }

  end(outcome: EndNode['outcome'], words?: string): string {
    const id = words === undefined ? `end:${outcome}` : `end:${outcome}: ${words}`
    return this.add({ kind: 'end', id, outcome, ...(words !== undefined && { words }) })
  }

  /** Ways that come to the same node are one, where only what they know tells them apart. */
  link(paths: readonly Path[], to: string): void {
    const arriving = paths.map((path) => ({ ...path, facts: new Map() }))
    this.arrivals.set(to, merged([...(this.arrivals.get(to) ?? []), ...arriving]))
  }

  graph(steps: ReadonlyMap<string, StepFacts>): JourneyGraph {
    const nodes = [...this.nodes.values()]
    const place = new Map(nodes.map(({ id }, index) => [id, index]))
    const drawn = [...this.arrivals].flatMap(([to, paths]) => edgesTo(to, paths, steps))
    const edges = drawn.map((edge) => (isOnlyWay(edge, drawn) ? withoutCondition(edge) : edge))
    return { nodes, edges: edges.sort((one, other) => place.get(one.from)! - place.get(other.from)!) }
  }
}

/** One edge for all ways that say the same of their conditions. */
function edgesTo(to: string, paths: readonly Path[], steps: ReadonlyMap<string, StepFacts>): GraphEdge[] {
  const found = new Map<string, GraphEdge>()
  for (const { from, labels, when } of paths) {
    const words = wordsOf(when)
    const key = JSON.stringify([from, words])
    const all = labels && [...(found.get(key)?.labels ?? []), ...labels]
    found.set(key, { from, to, ...(all && { labels: all }), ...(words.length > 0 && { when: words }) })
  }
  return [...found.values()].map((edge) => shown(edge, steps.get(edge.from)))
}

const isOnlyWay = ({ from }: GraphEdge, edges: readonly GraphEdge[]): boolean =>
  edges.filter((each) => each.from === from).length === 1

const withoutCondition = ({ when: _, ...edge }: GraphEdge): GraphEdge => edge

/** What was met, in order; a condition that was not met says nothing where a later one was. */
function wordsOf(when: readonly Condition[]): string[] {
  const texts = when.map(({ text }) => text)
  const met = texts.filter((text) => text !== undefined)
  return when.length > 0 && texts.at(-1) === undefined ? [...met, 'else'] : met
}

const alwaysLabelled = new Set(['waitFor', 'split', 'revision', 'parallel'])

/** Labels in the order of the source; all outcomes of a send or a call say nothing, since the source does not ask. */
function shown(edge: GraphEdge, step: StepFacts | undefined): GraphEdge {
  const { labels, ...rest } = edge
  if (!labels || !step?.outcomes) return edge
  const ordered = step.outcomes.filter((label) => labels.includes(label))
  const asks = alwaysLabelled.has(step.node.verb) || ordered.length < step.outcomes.length
  return asks ? { ...rest, labels: withoutSkip(ordered, step) } : rest
}

/** A wait without a timeout says `timeout` when an operator skips it: a way of its own only where the source makes it one. */
function withoutSkip(labels: readonly string[], { node }: StepFacts): readonly string[] {
  const skipOnly = node.verb === 'waitFor' && node.given['timeout'] === undefined && labels.length > 1
  return skipOnly ? labels.filter((label) => label !== 'timeout') : labels
}
