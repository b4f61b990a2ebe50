import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import { word } from '../fields'
import { svgOf } from '../graph/svg'
import { html, Html } from '../html'
import { route } from '../route'
import { drawnOf } from '../routes/graph'
import { nothing, page } from './layout'
import { consolePage } from './page'

/** A journey as a picture. */
export const journey = route({
  ...consolePage,
  path: '/console/journeys/{name}',
  summary: 'A journey',
  params: z.object({ name: word }),
  async handle({ params: { name } }, api) {
    const drawn = await drawnOf(name, api).catch(words)
    if (typeof drawn === 'string') return page(404, api, 'overview', name, nothing(drawn))
    const content = html`<h1>${name}</h1>
      <p class="lead">${drawn.description}</p>
      <div class="card">${new Html(svgOf(drawn))}</div>`
    return page(200, api, 'overview', name, content)
  },
})

function words(error: unknown): string {
  if (error instanceof Problem) return error.message
  throw error
}
