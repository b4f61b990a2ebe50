import type { GraphEdge, JourneyGraph } from '../graph'
import type { JourneyOutline } from '../manifest'
import type { Walk } from './walk'
import { Walking } from './walking'

/** How much of a journey's graph was walked. */
export interface Coverage {
  readonly journey: string
  /** Ways of the graph: an edge, or each label of one. Edges that differ in nothing but a condition are one. */
  readonly ways: number
  /** Those nobody went, in the order of the graph: `first-project (stuck) → ask-for-help`. */
  readonly missed: readonly string[]
  /** Steps nobody came to. */
  readonly missedSteps: readonly string[]
}

/** What has lived: a story that was played, or what was explored. */
export interface Lives {
  readonly walks: readonly Walk[]
}

/**
 * How much of its graph these lives walked, by the outline of the build's manifest. An error that waits for a fix, the goal
 * and the exits are no ways. Throws a RangeError where the build has no graph of it.
 */
export function coverageOf({ name, graph }: JourneyOutline, ...lives: readonly Lives[]): Coverage {
  if (!graph) throw new RangeError(`There is no graph of ${name}`)
  const gone = new Set<string>()
  const marks = lives.flatMap(({ walks }) => walks.filter(({ journey }) => journey === name))
  for (const walk of marks)
    new Walking(graph, (edge, outcome) => goneIn(edge, outcome).forEach((way) => gone.add(way))).follow(
      walk.marks,
    )
  const ways = waysOf(graph)
  const reached = new Set(
    graph.edges.filter((edge) => waysIn(edge).some((way) => gone.has(way))).map(({ to }) => to),
  )
  return {
    journey: name,
    ways: ways.length,
    missed: ways.filter((way) => !gone.has(way)),
    missedSteps: graph.nodes.flatMap((node) =>
      node.kind === 'step' && !reached.has(node.id) ? [node.step] : [],
    ),
  }
}

const waysOf = ({ edges }: JourneyGraph): string[] => [
  ...new Set(edges.filter(({ to }) => !to.startsWith('end:stuck')).flatMap(waysIn)),
]

const waysIn = (edge: GraphEdge): string[] =>
  edge.labels?.map((label) => inWords(edge, label)) ?? [inWords(edge)]

/** Of branches, each edge is its own; of anything else the outcome tells. */
const goneIn = (edge: GraphEdge, outcome: string | undefined): string[] =>
  edge.labels && outcome !== undefined ? [inWords(edge, outcome)] : waysIn(edge)

const inWords = ({ from, to }: GraphEdge, label?: string): string =>
  `${plain(from)}${label === undefined ? '' : ` (${label})`} → ${plain(to)}`

const plain = (id: string): string => id.replace(/^step:/, '').replace(/^(stage|end|fork|join):/, '$1 ')

/** In one line, and one for each way that is missed, with the reason on record. */
export function coverageInWords(
  { journey, ways, missed }: Coverage,
  because: Readonly<Record<string, string>> = {},
): string {
  const lines = missed.map((way) => `  not: ${way}${because[way] ? `, since ${because[way]}` : ''}`)
  return [`${journey}: ${ways - missed.length} of ${ways} ways`, ...lines].join('\n')
}

/** What is wrong: a way missed without a reason, or a reason that is none. */
export function coverageFaults({ missed }: Coverage, because: Readonly<Record<string, string>>): string[] {
  const none = missed.filter((way) => !because[way]).map((way) => `nobody went ${way}`)
  const idle = Object.keys(because).filter((way) => !missed.includes(way))
  return [...none, ...idle.map((way) => `no reason is needed for ${way}: it was gone, or is no way`)]
}
