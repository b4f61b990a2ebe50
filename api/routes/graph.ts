import { z } from 'zod'
import type { JourneyGraph, JourneyOutline } from '../../sdk'
import { Problem } from '../../sdk/problem'
import type { Api } from '../deps'
import { word } from '../fields'
import { mermaidOf } from '../graph/mermaid'
import { svgOf } from '../graph/svg'
import { route } from '../route'
import { eventUse, outlineOf } from './journeys'

const types = {
  json: 'application/json',
  mermaid: 'text/vnd.mermaid',
  svg: 'image/svg+xml',
} as const

type Format = keyof typeof types
const formats = Object.keys(types) as Format[]

const node = z.looseObject({
  kind: z.enum(['start', 'stage', 'step', 'fork', 'join', 'end']),
  id: z.string(),
  step: z.string().optional(),
  verb: z.string().optional(),
  stage: z.string().optional(),
  does: z.string().optional(),
  given: z.record(z.string(), z.string()).optional(),
})

const edge = z.object({
  from: z.string(),
  to: z.string(),
  labels: z.array(z.string()).optional().describe('Outcomes of `from` that lead this way'),
  when: z.array(z.string()).optional().describe('Conditions on the way, as source text'),
})

const graph = z
  .object({
    journey: z.string(),
    goal: z.object({ on: z.array(eventUse), within: z.string().nullable() }).nullable(),
    exitOn: z.array(eventUse),
    nodes: z.array(node),
    edges: z.array(edge),
  })
  .meta({ id: 'JourneyGraph' })

/** An outline whose build has its graph. */
export type Drawn = JourneyOutline & { readonly graph: JourneyGraph }

export const graphRoute = route({
  method: 'get',
  path: '/v1/journeys/{name}/graph',
  role: 'read',
  tag: 'Journeys',
  summary: 'A journey as a graph: JSON, Mermaid or a picture, by Accept or by `format`',
  description: 'The goal and the exits may come anywhere; they are no edges.',
  params: z.object({ name: word }),
  query: z.strictObject({ format: z.enum(formats).optional() }),
  answers: {
    200: { description: 'The graph', schema: graph, otherTypes: [types.mermaid, types.svg] },
  },
  problems: ['not-found'],
  async handle({ params: { name }, query: { format }, types: asked }, api) {
    const drawn = await drawnOf(name, api)
    const chosen = format ?? preferred(asked) ?? 'json'
    return {
      status: 200 as const,
      type: types[chosen],
      headers: { Vary: 'Accept' },
      body: writers[chosen](drawn),
    }
  },
})

/** Throws the problem `not-found`, also for a build of before there were graphs. */
export async function drawnOf(name: string, api: Api): Promise<Drawn> {
  const { graph, ...outline } = await outlineOf(name, api)
  if (!graph)
    throw new Problem(
      'not-found',
      `The build that runs has no graph of ${name}: it is older than graphs are.`,
    )
  return { ...outline, graph }
}

/** The first of the asked types that there is. */
const preferred = (asked: readonly string[]): Format | undefined =>
  asked.map((type) => formats.find((each) => types[each] === type)).find((format) => format !== undefined)

const writers: Readonly<Record<Format, (drawn: Drawn) => unknown>> = {
  json: ({ name, goal, exitOn, graph }) => ({
    journey: name,
    goal: goal ? { on: goal.on, within: goal.within ?? null } : null,
    exitOn,
    ...graph,
  }),
  mermaid: mermaidOf,
  svg: svgOf,
}
