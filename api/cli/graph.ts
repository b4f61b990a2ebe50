import type { JourneyGraph, JourneyOutline, Manifest } from '../../sdk'
import { mermaidOf } from '../graph/mermaid'
import { svgOf } from '../graph/svg'
import { Refused } from './refused'

export const graphFormats = ['mermaid', 'svg', 'json'] as const
export type GraphFormat = (typeof graphFormats)[number]

/** The graph of a journey, or of all of them; a picture holds one. Throws Refused. */
export function graphText({ journeys }: Manifest, format: GraphFormat, name: string | undefined): string {
  const wanted = Object.values(journeys).filter((each) => name === undefined || each.name === name)
  if (wanted.length === 0)
    throw new Refused(`There is no journey "${name}". There are ${Object.keys(journeys).join(', ')}.`)
  if (format === 'svg' && wanted.length > 1)
    throw new Refused(`A picture holds one journey: name one of ${Object.keys(journeys).join(', ')}.`)
  const drawn = wanted.map(withGraph)
  if (format === 'json') return JSON.stringify(drawn.map(plain), null, 2)
  return drawn
    .map((each) => (format === 'svg' ? svgOf(each) : `%% ${each.name}\n${mermaidOf(each)}`))
    .join('\n')
}

type Drawn = JourneyOutline & { readonly graph: JourneyGraph }

function withGraph({ graph, ...outline }: JourneyOutline): Drawn {
  if (!graph) throw new Refused(`The build has no graph of ${outline.name}: it is older than graphs are.`)
  return { ...outline, graph }
}

const plain = ({ name, goal, exitOn, graph }: Drawn): object => ({
  journey: name,
  goal: goal ?? null,
  exitOn,
  ...graph,
})
