import { Graph, layout } from '@dagrejs/dagre'
import type { GraphEdge, GraphNode, JourneyGraph } from '../../sdk'
import { inLines } from './lines'
import { wordsOfEdge, wordsOfNode } from './words'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A box, by its middle. */
export interface PlacedNode extends Point {
  readonly node: GraphNode
  readonly title: readonly string[]
  readonly below: readonly string[]
  readonly width: number
  readonly height: number
}

export interface PlacedEdge {
  readonly edge: GraphEdge
  readonly points: readonly Point[]
  readonly label?: Point & {
    readonly lines: readonly string[]
    readonly width: number
    readonly height: number
  }
}

export interface Placed {
  readonly width: number
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
}

// Pixels. A letter is taken as wider than most are, so that no reader's font makes texts run out of their boxes.
export const type = { title: 13, below: 11.5, label: 11, line: 16 } as const
const letter = 0.62
const padding = 14

/** Where everything stands: ranks from top to bottom, labels on their edges, nothing on top of another. */
export function place(journey: JourneyGraph): Placed {
  const graph = simplified(journey)
  const drawing = new Graph({ multigraph: true })
  drawing.setGraph({ rankdir: 'TB', nodesep: 36, edgesep: 18, ranksep: 34, marginx: 16, marginy: 16 })
  const boxes = graph.nodes.map(boxOf)
  for (const box of boxes) drawing.setNode(box.node.id, { ...box })
  graph.edges.forEach((edge, index) => {
    const { width, height } = labelOf(edge)
    drawing.setEdge(edge.from, edge.to, { width, height, labelpos: 'c' }, String(index))
  })
  layout(drawing)
  const { width = 0, height = 0 } = drawing.graph() as { width?: number; height?: number }
  const nodes = boxes.map((box) => ({ ...box, ...middleOf(drawing.node(box.node.id)) }))
  const edges = graph.edges.map((edge, index) =>
    placedEdge(edge, drawing.edge(edge.from, edge.to, String(index))),
  )
  return { width, height, nodes, edges }
}

/**
 * Ways back to an earlier stage would cross all that lies between: they end in a box that names the stage. And a step that
 * hands over to another journey says where to, so that it needs no end of its own.
 */
function simplified({ nodes, edges }: JourneyGraph): JourneyGraph {
  const stages = nodes.flatMap((node) => (node.kind === 'stage' ? [node.stage] : []))
  const places = new Map(nodes.map((node) => [node.id, 'stage' in node ? stages.indexOf(node.stage) : -1]))
  const back = new Map<string, GraphNode>()
  const led = edges.map((edge) => {
    const [from, to] = [places.get(edge.from)!, places.get(edge.to)!]
    if (!edge.to.startsWith('stage:') || to > from) return edge
    const id = `${edge.to} from ${stages[from]}`
    back.set(id, { kind: 'stage', id, stage: stages[to]! })
    return { ...edge, to: id }
  })
  const handover = new Set(nodes.flatMap((node) => (isHandover(node) ? [node.id] : [])))
  return {
    nodes: [...nodes.filter(({ id }) => !handover.has(id)), ...back.values()],
    edges: led.filter(({ to }) => !handover.has(to)),
  }
}

const isHandover = (node: GraphNode): boolean => node.kind === 'end' && node.outcome === 'continued'

/** Whether a stage's box only names where it goes on. */
export const isWayBack = ({ id, stage }: Extract<GraphNode, { kind: 'stage' }>): boolean =>
  id !== `stage:${stage}`

const middleOf = ({ x, y }: { x?: number; y?: number }): Point => ({ x: x ?? 0, y: y ?? 0 })

function boxOf(node: GraphNode): Omit<PlacedNode, 'x' | 'y'> {
  const words = wordsOfNode(node)
  const title = inLines(words.title, 34, 2)
  const below = words.below ? inLines(words.below, 38, 3) : []
  const width = Math.max(widthOf(title, type.title), widthOf(below, type.below)) + 2 * padding
  return { node, title, below, width, height: (title.length + below.length) * type.line + padding }
}

function labelOf(edge: GraphEdge): { lines: string[]; width: number; height: number } {
  const text = wordsOfEdge(edge)
  const lines = text === '' ? [] : inLines(text, 30, 3)
  return lines.length === 0
    ? { lines, width: 0, height: 0 }
    : { lines, width: widthOf(lines, type.label) + 8, height: lines.length * (type.line - 2) + 4 }
}

const widthOf = (lines: readonly string[], size: number): number =>
  Math.max(0, ...lines.map((line) => line.length)) * size * letter

function placedEdge(edge: GraphEdge, at: { points?: readonly Point[]; x?: number; y?: number }): PlacedEdge {
  const label = labelOf(edge)
  return {
    edge,
    points: at.points ?? [],
    ...(label.lines.length > 0 && { label: { ...label, ...middleOf(at) } }),
  }
}
