import { z } from 'zod'
import type { CustomerRow, EnrollmentRow, Page } from '../../store/store'
import type { Api } from '../deps'
import { customerId, pageQuery } from '../fields'
import { html, type Html } from '../html'
import { route } from '../route'
import type { Enrollment } from '../shapes'
import { timeline, type TimelineEntry } from '../timeline'
import { clock, nameOf } from './customers'
import { nothing, older, page, pill, table, time } from './layout'
import { consolePage } from './page'

/** One customer: profile, running enrollments and everything that happened. */
export const customer = route({
  ...consolePage,
  path: '/console/customers/{id}',
  summary: 'A customer',
  params: z.object({ id: customerId }),
  query: z.object({ cursor: pageQuery.cursor }),
  async handle({ params: { id }, query: { cursor } }, api) {
    const row = await api.store.customers.get(id)
    if (!row) return page(404, api, 'customers', 'No such customer', nothing(`There is no customer “${id}”.`))
    const [live, happened] = await Promise.all([
      liveWithSteps(row.id, api),
      timeline(api.store, row.id, { limit: 50, cursor }),
    ])
    return page(200, api, 'customers', nameOf(row.traits) || row.id, content(row, live, happened))
  },
})

type Live = { readonly row: EnrollmentRow; readonly step: string | undefined }

async function liveWithSteps(id: string, { store, temporal }: Api): Promise<Live[]> {
  const rows = await store.enrollments.live(id)
  const steps =
    rows.length > 0 ? await temporal.stepsOf(rows.map((row) => row.id)).catch(() => undefined) : undefined
  return rows.map((row) => ({ row, step: steps?.get(row.id) }))
}

const content = (row: CustomerRow, live: readonly Live[], happened: Page<TimelineEntry>): Html =>
  html` <h1>${nameOf(row.traits) || row.id}</h1>
    <p class="lead"><code>${row.id}</code></p>
    <div class="two">
      <div>
        <h2>Profile</h2>
        <div class="card padded">${profile(row)}</div>
      </div>
      <div>
        <h2>Running enrollments</h2>
        ${table(heads, live.map(enrollmentRow), 'In no journey now.')}
        <h2>Timeline</h2>
        <div class="card">${entries(happened.items)}</div>
        ${older(`/console/customers/${encodeURIComponent(row.id)}`, happened.next)}
      </div>
    </div>`

const heads = html`<th>Journey</th>
  <th>Waits at</th>
  <th>Since</th>
  <th>Status</th>`

export const entries = (items: readonly TimelineEntry[]): Html =>
  items.length === 0
    ? nothing('Nothing happened yet.')
    : html`<ol class="timeline">
        ${items.map(entry)}
      </ol>`

const profile = ({ traits, groups, clockOffsetMs, createdAt }: CustomerRow): Html =>
  html`<dl>
    ${Object.entries(traits).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${plain(value)}</dd>`,
    )}
    ${
      groups.length > 0 &&
      html`<dt>groups</dt>
        <dd>${groups.join(', ')}</dd>`
    }
    <dt>clock</dt>
    <dd>${clock(clockOffsetMs)}</dd>
    <dt>since</dt>
    <dd>${time(createdAt)}</dd>
  </dl>`

const enrollmentRow = ({ row, step }: Live): Html =>
  html`<tr>
    <td><strong>${row.journey}</strong>${row.key !== null && html` <code>${row.key}</code>`}</td>
    <td>${step ?? html`<span class="soft">not known</span>`}</td>
    <td>${time(row.startedAt)}</td>
    <td>${pill(row.status === 'starting' ? 'running' : row.status)}</td>
  </tr>`

const entry = (entry: TimelineEntry): Html =>
  html`<li>
    ${time(entry.at)}
    <div class="wrap">${words(entry)}</div>
  </li>`

function words(entry: TimelineEntry): Html {
  switch (entry.what) {
    case 'event':
      return eventWords(entry.event)
    case 'touchpoint':
      return touchpointWords(entry.touchpoint)
    case 'operation':
      return html`<p>Operator: <strong>${entry.operation.action}</strong> by ${entry.operation.by}</p>
        ${entry.operation.reason && html`<p class="soft small">${entry.operation.reason}</p>`}`
    case 'ended':
      return endWords(entry.enrollment)
    case 'enrolled':
      return html`<p>Entered <strong>${entry.enrollment.journey}</strong></p>`
  }
}

function endWords({ journey, outcome }: Enrollment): Html {
  const { because, event } = (outcome ?? {}) as { because?: string; event?: string }
  return html`<p>
    Left <strong>${journey}</strong> ${pill(outcome?.is ?? 'ended')}
    <span class="soft small">${because ?? event}</span>
  </p>`
}

function eventWords(event: Extract<TimelineEntry, { what: 'event' }>['event']): Html {
  if (event.kind === 'enroll') return html`<p>Asked to enter <strong>${event.name}</strong></p>`
  const facts = Object.entries(event.properties).map(([name, value]) => `${name}: ${plain(value)}`)
  return html`<p>
      <span class="soft">${event.kind}</span> <strong>${event.name}</strong>
      ${event.state === 'set-aside' && html`${pill('set-aside')} <span class="soft small">${event.reason}</span>`}
    </p>
    ${facts.length > 0 && html`<p class="soft small">${shortened(facts.join(' · '), 400)}</p>`}`
}

const channelWords: Readonly<Record<string, string>> = { email: 'Email', sms: 'Text', voice: 'Call' }
const wordOf = (channel: string): string => channelWords[channel] ?? 'Webhook'

const touchpointWords = ({
  channel,
  message,
  status,
  because,
  journey,
  step,
}: Extract<TimelineEntry, { what: 'touchpoint' }>['touchpoint']): Html =>
  html`<p>
      ${wordOf(channel)} <strong>${message}</strong> ${pill(status)}
      ${because && html`<span class="soft small">${because}</span>`}
    </p>
    <p class="soft small">${journey} · ${step}</p>`

const plain = (value: unknown): string =>
  shortened(typeof value === 'string' ? value : JSON.stringify(value), 200)

const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}…` : text
