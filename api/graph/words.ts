import type { GraphEdge, GraphNode, JourneyOutline } from '../../sdk'

/** What a node says: its name, and what it does. */
export interface Words {
  readonly title: string
  readonly below?: string
}

export function wordsOfNode(node: GraphNode): Words {
  switch (node.kind) {
    case 'start':
      return { title: 'start' }
    case 'stage':
      return { title: `stage ${node.stage}` }
    case 'step':
      return { title: node.step, below: [node.verb, node.does].filter(Boolean).join(': ') }
    case 'fork':
      return { title: node.until === 'first' ? 'the first of' : 'all of' }
    case 'join':
      return { title: 'all have ended' }
    case 'end':
      return { title: node.outcome === 'continued' ? 'goes on in' : node.outcome, below: node.words }
  }
}

export const wordsOfEdge = ({ labels = [], when = [] }: GraphEdge): string =>
  [labels.join(', '), when.join(' and ')].filter(Boolean).join(': ')

/** What may end the journey wherever a customer is. */
export function wordsOfEndings({ goal, exitOn }: Pick<JourneyOutline, 'goal' | 'exitOn'>): string[] {
  const names = (events: JourneyOutline['exitOn']): string => events.map(({ name }) => name).join(' or ')
  const within = goal?.within === undefined ? '' : ` within ${goal.within}`
  return [
    ...(goal ? [`Anywhere, ${names(goal.on)}${within}: converted`] : []),
    ...(exitOn.length > 0 ? [`Anywhere, ${names(exitOn)}: exited`] : []),
  ]
}
