import type { GraphEdge, JourneyGraph } from '../../../sdk'
import type { ReadGraph } from '.'

interface Arrow {
  readonly from: string
  readonly to: string
}

/** All that can be come to from these nodes, themselves included. */
export function reachable(from: readonly string[], edges: readonly Arrow[]): Set<string> {
  const seen = new Set<string>()
  const open = [...from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    open.push(...edges.filter((edge) => edge.from === id).map(({ to }) => to))
  }
  return seen
}

/** The edges that may be passed while no time passes. */
export function passableEdges({ graph, steps }: ReadGraph): GraphEdge[] {
  const steady = graph.edges.filter(({ from, labels }) => {
    const { atOnce } = steps.get(from) ?? {}
    return !atOnce || (labels ?? atOnce).some((label) => atOnce.includes(label))
  })
  return withoutWaitingJoins(graph, steady)
}

/** Where things run side by side, it goes on at once only if all of them may come to their end at once. */
function withoutWaitingJoins(graph: JourneyGraph, edges: GraphEdge[]): GraphEdge[] {
  const waiting = graph.nodes.find(
    ({ id, kind }) => kind === 'join' && edges.some(({ from }) => from === id) && waits(id, graph, edges),
  )
  if (!waiting) return edges
  return withoutWaitingJoins(graph, edges.filter(({ from }) => from !== waiting.id)) // prettier-ignore
}

/** Whether one of its branches can't come to the join while no time passes. */
function waits(join: string, graph: JourneyGraph, edges: readonly GraphEdge[]): boolean {
  const before = edges.filter(({ from }) => from !== join)
  return branchesInto(join, graph).some((starts) => !reachable(starts, before).has(join))
}

/** For each branch of a fork, where it begins. */
function branchesInto(join: string, graph: JourneyGraph): string[][] {
  const name = join.slice('join:'.length)
  const entering = graph.edges.filter(({ from }) => from === `fork:${name}` || from === `step:${name}`)
  const labels = [...new Set(entering.map(({ labels }) => String(labels)))]
  if (labels.length > 1)
    return labels.map((label) => entering.filter((edge) => String(edge.labels) === label).map(({ to }) => to))
  return entering.map(({ to }) => [to])
}
