import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { CustomerRow, TaskChange, TaskRow } from '../../store/store'
import type { Api } from '../deps'
import { word } from '../fields'
import { html, type Html } from '../html'
import { grants } from '../keys'
import { route, type Call } from '../route'
import { changeTask, taskOf } from '../tasks'
import { timeline, type TimelineEntry } from '../timeline'
import { entries } from './customer'
import { nameOf } from './customers'
import { page, pill, time } from './layout'
import { deskPage } from './page'
import { agentName } from './tasks'

const EVENTS_SHOWN = 30
const params = z.object({ id: word })

/** One task: who is called, what to say, what happened before, and what may come of it. */
export const task = route({
  ...deskPage,
  path: '/console/tasks/{id}',
  summary: 'A task',
  params,
  query: z.object({ as: agentName }),
  handle: async ({ params: { id }, query: { as }, key }, api) =>
    shown(200, id, as || key?.name || 'dev', undefined, api),
})

const form = z.looseObject({
  as: z.string().optional(),
  outcome: z.string().optional(),
  text: z.string().optional(),
})

/** What the buttons of a task do. */
export const taskAction = route({
  ...deskPage,
  method: 'post',
  path: '/console/tasks/{id}/{action}',
  summary: 'Claims, releases, notes or closes a task',
  params: z.object({ id: word, action: z.enum(['claim', 'release', 'note', 'complete']) }),
  body: form,
  bodyType: 'form',
  answers: { ...deskPage.answers, 303: { description: 'Done', type: 'text/html' } },
  async handle(call, api) {
    refuseForeign(call)
    const { id } = call.params
    const agent = call.body.as?.trim().slice(0, 200) || call.key?.name || 'dev'
    try {
      for (const change of changesOf(call, agent)) await changeTask(id, change, { key: call.key?.name }, api)
    } catch (error) {
      if (!(error instanceof Problem) || error.code === 'not-found') throw error
      return shown(409, id, agent, error.detail, api)
    }
    const headers = { Location: `/console/tasks/${id}?as=${encodeURIComponent(agent)}` }
    return { status: 303, body: '', headers }
  },
})

/** A browser sends its credentials along with another site's form, too; and says whose it is. */
function refuseForeign({ headers }: Pick<Call, 'headers'>): void {
  const site = headers['sec-fetch-site'] ?? 'same-origin'
  if (site !== 'same-origin') throw new Problem('forbidden', 'The form is of another site.')
}

type Posted = Call<{ action: 'claim' | 'release' | 'note' | 'complete' }, unknown, z.output<typeof form>>

/** A note that was written goes before the outcome. */
function changesOf({ params: { action }, body, key }: Posted, agent: string): TaskChange[] {
  const supervisor = key === undefined || grants[key.role].includes('operate')
  const text = body.text?.trim().slice(0, 2_000)
  const noted: TaskChange[] = text ? [{ is: 'note', agent, text }] : []
  switch (action) {
    case 'claim':
      return [{ is: 'claim', agent }]
    case 'note':
      return noted
    case 'release':
      return [...noted, { is: 'release', agent, supervisor }]
    case 'complete':
      return [...noted, { is: 'complete', agent, supervisor: false, outcome: body.outcome ?? '', data: {} }]
  }
}

async function shown(status: 200 | 409, id: string, agent: string, notice: string | undefined, api: Api) {
  const row = await taskOf(id, api)
  const [customer, { items }] = await Promise.all([
    api.store.customers.get(row.customerId),
    timeline(api.store, row.customerId, { limit: EVENTS_SHOWN }),
  ])
  return page(status, api, 'tasks', row.step, content({ row, customer, agent, notice, happened: items }))
}

interface Shown {
  readonly row: TaskRow
  readonly customer: CustomerRow | undefined
  readonly agent: string
  readonly notice: string | undefined
  readonly happened: readonly TimelineEntry[]
}

const content = ({ row, customer, agent, notice, happened }: Shown): Html =>
  html` <h1>${nameOf(customer?.traits ?? {}) || row.customerId}</h1>
    <p class="lead">${row.step} · ${pill(row.status)} ${row.agent}</p>
    ${notice !== undefined && html`<p class="notice bad" role="alert">${notice}</p>`}
    <div class="two">
      <div>
        <div class="card padded">${facts(row, customer)}</div>
        <h2>What became of it</h2>
        <div class="card">${log(row)}</div>
      </div>
      <div>
        <h2>Script</h2>
        <div class="card"><pre>${row.script}</pre></div>
        ${buttons(row, agent)}
        <h2>Timeline</h2>
        <div class="card">${entries(happened)}</div>
      </div>
    </div>`

const facts = (row: TaskRow, customer: CustomerRow | undefined): Html =>
  html`<dl>
    <dt>phone</dt>
    <dd><strong>${String(customer?.traits.phone ?? 'none')}</strong></dd>
    <dt>customer</dt>
    <dd><code>${row.customerId}</code></dd>
    <dt>due</dt>
    <dd>${time(row.dueAt)}</dd>
    <dt>queue</dt>
    <dd>${row.queue}, priority ${row.priority}</dd>
    <dt>journey</dt>
    <dd>${row.journey}</dd>
    ${Object.entries(row.context).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${typeof value === 'string' ? value : JSON.stringify(value)}</dd>`,
    )}
  </dl>`

const log = ({ log, recordedAt }: TaskRow): Html =>
  html`<ol class="timeline">
    ${[...log].reverse().map(
      ({ at, did, by, words }) =>
        html`<li>
          ${time(at)}
          <div class="wrap">
            <strong>${did}</strong> ${by !== null && `by ${by}`} <span class="soft">${words}</span>
          </div>
        </li>`,
    )}
    <li>
      ${time(recordedAt)}
      <div><strong>opened</strong></div>
    </li>
  </ol>`

function buttons(row: TaskRow, agent: string): Html | undefined {
  if (row.status === 'open') return open(row, agent)
  if (row.status !== 'claimed') return undefined
  return row.agent === agent ? mine(row, agent) : taken(row)
}

const action = ({ ref }: TaskRow, name: string): string => `/console/tasks/${ref}/${name}`
const me = (agent: string): Html => html`<input type="hidden" name="as" value="${agent}" />`

const open = (row: TaskRow, agent: string): Html =>
  html`<form class="actions" method="post" action="${action(row, 'claim')}">
    ${me(agent)}<button>Claim it as ${agent}</button>
  </form>`

const taken = ({ agent }: TaskRow): Html => html`<p class="notice">${agent} has it.</p>`

const mine = (row: TaskRow, agent: string): Html =>
  html`<h2>What came of it?</h2>
    <form class="actions" method="post" action="${action(row, 'complete')}">
      ${me(agent)}
      <textarea name="text" rows="3" placeholder="Note" aria-label="Note"></textarea>
      ${row.outcomes.map((outcome) => html`<button name="outcome" value="${outcome}">${outcome}</button> `)}
      <button class="second" formaction="${action(row, 'note')}">Note only</button>
      <button class="second" formaction="${action(row, 'release')}">Give it back</button>
    </form>`
