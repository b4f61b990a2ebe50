import { z } from 'zod'
import type { JourneyOutline } from '../../sdk'
import type { TouchpointRow } from '../../store/store'
import type { Api } from '../deps'
import { html, type Html } from '../html'
import { route } from '../route'
import { outlinesOf } from '../routes/journeys'
import { customerLink, page, pill, table, time } from './layout'
import { consolePage } from './page'

/** Journeys with their figures, and the newest touchpoints. */
export const overview = route({
  ...consolePage,
  path: '/console',
  summary: 'Overview',
  query: z.object({}),
  async handle(_, api) {
    const [journeys, touchpoints] = await Promise.all([outlinesOf(api), api.store.touchpoints.latest(15)])
    const rows = await Promise.all(journeys.map((outline) => journeyRow(outline, api)))
    return page(200, api, 'overview', 'Overview', content(rows, touchpoints))
  },
})

const content = (rows: readonly Html[], touchpoints: readonly TouchpointRow[]): Html =>
  html` <h1>Journeys</h1>
    <p class="lead">What runs, how it ended so far, and whom it reached last.</p>
    ${table(journeyHeads, rows, 'No journeys yet: start a worker, and its journeys appear here.')}
    <h2>Latest touchpoints</h2>
    ${table(touchpointHeads, touchpoints.map(touchpointRow), 'Nobody has been reached yet.')}`

const journeyHeads = html`<th>Journey</th>
  <th class="number">Running</th>
  <th class="number">Paused</th>
  <th class="number">Ended</th>
  <th>Outcomes</th>`
const touchpointHeads = html`<th>When</th>
  <th>Customer</th>
  <th>Journey and step</th>
  <th>Message</th>
  <th>Status</th>`

async function journeyRow({ name, description }: JourneyOutline, api: Api): Promise<Html> {
  const { running, paused, ended, outcomes } = await api.store.enrollments.counts(name)
  const each = Object.entries(outcomes).map(
    ([outcome, count]) => html`${pill(outcome)} <span class="small">${count}</span> `,
  )
  return html`<tr>
    <td>
      <strong><a href="/console/journeys/${encodeURIComponent(name)}">${name}</a></strong>
      <div class="soft small">${description}</div>
    </td>
    <td class="number">${running}</td>
    <td class="number">${paused}</td>
    <td class="number">${ended}</td>
    <td>${each}</td>
  </tr>`
}

const touchpointRow = (row: TouchpointRow): Html =>
  html`<tr>
    <td>${time(row.at)}</td>
    <td>${customerLink(row.customerId)}</td>
    <td>${row.journey} <span class="soft">· ${row.step}</span></td>
    <td><code>${row.message}</code> <span class="soft small">${row.channel}</span></td>
    <td>${pill(row.status)}${row.because && html`<div class="soft small">${row.because}</div>`}</td>
  </tr>`
