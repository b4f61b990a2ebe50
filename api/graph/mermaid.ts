import type { GraphEdge, GraphNode, JourneyGraph, JourneyOutline } from '../../sdk'
import { wordsOfEdge, wordsOfEndings, wordsOfNode } from './words'

type Drawn = Pick<JourneyOutline, 'name' | 'goal' | 'exitOn'> & { readonly graph: JourneyGraph }

/** The graph as a Mermaid flowchart. Nodes are numbered: ids of steps may hold what Mermaid's may not. */
export function mermaidOf({ graph, ...journey }: Drawn): string {
  const names = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]))
  const endings = wordsOfEndings(journey)
  return [
    'flowchart TD',
    ...(endings.length > 0 ? [`  anywhere[${quoted(endings.join('\n'))}]`] : []),
    ...graph.nodes.map((node) => `  ${names.get(node.id)}${shape(node)}`),
    ...graph.edges.map((edge) => `  ${names.get(edge.from)} ${arrow(edge)} ${names.get(edge.to)}`),
    '',
  ].join('\n')
}

function shape(node: GraphNode): string {
  const { title, below } = wordsOfNode(node)
  const text = quoted([title, below].filter(Boolean).join('\n'))
  switch (node.kind) {
    case 'start':
    case 'end':
      return `([${text}])`
    case 'stage':
      return `[[${text}]]`
    case 'fork':
    case 'join':
      return `{{${text}}}`
    case 'step':
      return node.verb === 'send' ? `[${text}]` : `(${text})`
  }
}

function arrow(edge: GraphEdge): string {
  const words = wordsOfEdge(edge)
  return words === '' ? '-->' : `-->|${quoted(words)}|`
}

/** Everything but letters, figures and the plainest signs is written as the number of its character. */
const quoted = (text: string): string =>
  `"${text.split('\n').map((line) => line.replace(/[^\p{L}\p{N} .,:()'=/·-]/gu, numbered)).join('<br/>')}"` // prettier-ignore

const numbered = (character: string): string => (/\s/.test(character) ? ' ' : `#${character.codePointAt(0)};`)
