import type { EndNode, GraphEdge, GraphNode, JourneyGraph } from '../graph'
import type { Outcome } from '../outcome'
import type { Mark } from './walk'

/** Where an enrollment stands in the graph. */
interface Standing {
  readonly node: string
  /** With what it left the step; undefined where the step tells nothing, or goes on in branches. */
  readonly outcome?: string
  /** Steps side by side begin here: it is left several times, once with each of its branches. */
  readonly left?: Set<string>
}

interface Came {
  readonly standing: Standing
  readonly edges: readonly GraphEdge[]
}

/** Follows what an enrollment did through the graph of its journey, and tells of every edge on its way. */
export class Walking {
  private standing: Standing[] = [{ node: 'start' }]
  private stopped: string[] = []
  private readonly nodes: ReadonlyMap<string, GraphNode>

  constructor(
    private readonly graph: JourneyGraph,
    private readonly passed: (edge: GraphEdge, outcome: string | undefined) => void,
  ) {
    this.nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  }

  follow(marks: readonly Mark[]): void {
    for (const mark of marks) this.on(mark)
  }

  private on(mark: Mark): void {
    switch (mark.is) {
      case 'begins':
        return this.begins(`step:${mark.step}`)
      case 'ends':
        if (!this.isSeveral(`step:${mark.step}`))
          this.standing.push({ node: `step:${mark.step}`, outcome: mark.outcome })
        return
      case 'stops':
        return void this.stopped.push(`step:${mark.step}`)
      case 'stage':
        this.arrive(`stage:${mark.stage}`)
        this.standing = [{ node: `stage:${mark.stage}` }]
        return
      case 'over':
        return this.over(mark.outcome)
    }
  }

  private begins(step: string): void {
    this.arrive(step)
    if (this.isSeveral(step)) this.standing.push({ node: step, left: new Set() })
  }

  /** From where it stood last, of all places that lead here. */
  private arrive(to: string): void {
    const ways = this.waysTo(to, [], new Set())
    const place = ({ standing }: Came): number => this.standing.indexOf(standing)
    const way = ways.sort((one, other) => place(other) - place(one))[0]
    if (!way) return
    for (const edge of way.edges) this.pass(edge, way.standing)
    if (!way.standing.left) this.leave(way.standing)
    for (const { to: node } of way.edges.slice(0, -1)) this.through(node)
  }

  /** Back through what is no step, to where it stands. */
  private waysTo(to: string, after: readonly GraphEdge[], seen: ReadonlySet<string>): Came[] {
    return this.edgesTo(to).flatMap((edge) => {
      const edges = [edge, ...after]
      const here = this.standing.filter((each) => each.node === edge.from && fits(each, edge))
      const isBetween = /^(fork|join|stage):/.test(edge.from) && !seen.has(edge.from)
      const further = isBetween ? this.waysTo(edge.from, edges, new Set([...seen, edge.from])) : []
      return [...here.map((standing) => ({ standing, edges })), ...further]
    })
  }

  /** A fork is left by every step of it; at a join, all that came are there. */
  private through(node: string): void {
    if (node.startsWith('fork:')) this.standing.push({ node, left: new Set() })
    if (!node.startsWith('join:')) return
    for (const edge of this.edgesTo(node))
      for (const each of this.standing.filter((one) => one.node === edge.from && fits(one, edge))) {
        this.pass(edge, each)
        if (!each.left) this.leave(each)
      }
    const name = node.slice('join:'.length)
    this.standing = this.standing.filter(
      (each) => each.node !== `fork:${name}` && each.node !== `step:${name}`,
    )
  }

  /** What ends it from outside, a goal or an exit, is no edge. */
  private over(outcome: Outcome): void {
    const ends = this.graph.nodes.filter((node): node is EndNode => node.kind === 'end')
    const from = [...this.standing]
    for (const end of bestOf(
      ends.filter((each) => this.leadsTo(each)),
      outcome,
    )) {
      this.arrive(end.id)
      this.standing = [...from]
    }
    for (const end of ends)
      for (const edge of this.edgesTo(end.id))
        if (this.stopped.includes(edge.from) && isLeftFor(end, outcome)) this.passed(edge, edge.labels?.[0])
  }

  private leadsTo({ id }: EndNode): boolean {
    return this.waysTo(id, [], new Set()).length > 0
  }

  private edgesTo(to: string): readonly GraphEdge[] {
    return this.graph.edges.filter((edge) => edge.to === to)
  }

  private pass(edge: GraphEdge, standing: Standing): void {
    if (edge.from === standing.node) edge.labels?.forEach((label) => standing.left?.add(label))
    this.passed(edge, edge.from === standing.node ? standing.outcome : undefined)
  }

  private leave(standing: Standing): void {
    this.standing = this.standing.filter((each) => each !== standing)
  }

  private isSeveral(step: string): boolean {
    const node = this.nodes.get(step)
    return node?.kind === 'step' && node.verb === 'parallel'
  }
}

const fits = ({ outcome, left }: Standing, { labels }: GraphEdge): boolean =>
  !labels ||
  (left ? !labels.some((label) => left.has(label)) : outcome !== undefined && labels.includes(outcome))

/** The ends that these words fit best; words that are no text but source may be any. */
function bestOf(ends: readonly EndNode[], { is, ...outcome }: Outcome): readonly EndNode[] {
  const because = 'because' in outcome ? outcome.because : undefined
  const alike = ends.filter((end) => end.outcome === is || end.outcome === 'ended')
  const same = alike.filter(({ words }) => words === because)
  const shaped = alike.filter(
    ({ words }) => because !== undefined && words !== undefined && shapeOf(words).test(because),
  )
  return (
    [same, shaped, alike.filter(({ words }) => words !== undefined)].find((found) => found.length > 0) ?? []
  )
}

/** A template, with anything in its gaps. */
const shapeOf = (words: string): RegExp =>
  new RegExp(
    `^${words
      .split(/\$\{[^}]*\}/)
      .map(escaped)
      .join('[^]*')}$`,
  )

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function isLeftFor({ outcome: end, words }: EndNode, outcome: Outcome): boolean {
  if (outcome.is !== 'completed') return false
  return outcome.because === (end === 'continued' ? `continues as ${words}` : words)
}
