import type { GraphEdge, JourneyGraph } from '../../../sdk'
import type { Problems } from '../problems'
import type { JourneySource } from '../source'
import type { Step } from '../steps'
import type { ReadGraph } from '.'
import { passableEdges, reachable } from './passing'

/** What the checks say of, and where. */
interface Checked {
  readonly source: JourneySource
  readonly steps: readonly Step[]
  /** Whether a goal or an exit may end it wherever it is. */
  readonly canEndAnywhere: boolean
}

/**
 * Tells of steps that nobody comes to, of sends that could come again at once, and of parts that never end. Steps that share
 * an id, which is a problem of its own, can't be told apart here.
 */
export function checkGraph(read: ReadGraph, checked: Checked, problems: Problems): void {
  if (new Set(checked.steps.map(idOf)).size < checked.steps.length) return
  neverReached(read.graph, checked, problems)
  sentAgainAtOnce(read, checked, problems)
  if (!checked.canEndAnywhere) withoutEnd(read.graph, checked, problems)
}

const idOf = (step: Step): string => `step:${step.id}`

/** Every stage may be come to: an operator moves customers, and those inside stay where a new build leads nobody. */
function neverReached({ nodes }: JourneyGraph, { steps }: Checked, problems: Problems): void {
  const drawn = new Set(nodes.map(({ id }) => id))
  for (const step of steps.filter((each) => !drawn.has(idOf(each)))) {
    problems.at(
      step.call,
      `never comes to the step '${step.id}': all that stands before it ends or goes round; take the step out, or let a condition lead to it`,
    )
  }
}

function sentAgainAtOnce(read: ReadGraph, { steps }: Checked, problems: Problems): void {
  const passable = passableEdges(read)
  for (const step of steps.filter(({ verb }) => verb === 'send' || verb === 'task')) {
    if (!comesBack(idOf(step), passable)) continue
    problems.at(
      step.call,
      `may send '${step.id}' again with no time in between: let a sleep, a sleepUntil or a waitFor with a time come on the way back to it`,
    )
  }
}

function comesBack(id: string, edges: readonly GraphEdge[]): boolean {
  const next = edges.filter(({ from }) => from === id).map(({ to }) => to)
  return reachable(next, edges).has(id)
}

function withoutEnd({ nodes, edges }: JourneyGraph, { source, steps }: Checked, problems: Problems): void {
  const back = edges.map(({ from, to }) => ({ from: to, to: from }))
  const ends = nodes.filter((node) => node.kind === 'end' && node.outcome !== 'stuck').map(({ id }) => id)
  const ending = reachable(ends, back)
  const trapped = new Set(nodes.flatMap(({ id, kind }) => (kind === 'end' || ending.has(id) ? [] : [id])))
  if (trapped.size === 0) return
  const first = steps.find((step) => trapped.has(idOf(step)))
  const where = first ? `from the step '${first.id}' on, ` : ''
  problems.at(
    first?.call ?? source.call,
    `has no way out: ${where}no end can be reached; return or break from the loop, or give the journey a goal or an exitOn`,
  )
}
