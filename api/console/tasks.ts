import { z } from 'zod'
import type { QueueCounts, TaskRow } from '../../store/store'
import { pageQuery, plainText, word } from '../fields'
import { html, type Html } from '../html'
import { pageFrom } from '../page'
import { route } from '../route'
import { page, pill, table, time } from './layout'
import { deskPage } from './page'

export const agentName = z.union([z.literal(''), plainText(200)]).optional()

/** What waits for agents, the most urgent first. */
export const tasks = route({
  ...deskPage,
  path: '/console/tasks',
  summary: 'Tasks',
  query: z.object({
    queue: z.union([z.literal(''), word]).optional(),
    as: agentName,
    cursor: pageQuery.cursor,
  }),
  async handle({ query: { queue, as, cursor }, key }, api) {
    const agent = as || key?.name || 'dev'
    const listed = api.store.tasks.list({ queue: queue || undefined }, { limit: 50, cursor })
    const [{ items, next }, queues] = await Promise.all([
      pageFrom(listed, (row) => row),
      api.store.tasks.queues(),
    ])
    return page(
      200,
      api,
      'tasks',
      'Tasks',
      content({ items, next, queues, queue: queue || undefined, agent }),
    )
  },
})

interface Shown {
  readonly items: readonly TaskRow[]
  readonly next: string | null
  readonly queues: readonly QueueCounts[]
  readonly queue: string | undefined
  readonly agent: string
}

const content = ({ items, next, queues, queue, agent }: Shown): Html =>
  html` <h1>Tasks</h1>
    <p class="lead">Calls that journeys ask for, the most urgent first. You are <strong>${agent}</strong>.</p>
    <form class="search" action="/console/tasks">
      <input name="as" value="${agent}" aria-label="Your name" />
      <input type="hidden" name="queue" value="${queue}" />
      <button>This is me</button>
    </form>
    <p class="queues">
      ${tab(undefined, 'all', queue, agent)}
      ${queues.map((each) => tab(each.queue, `${each.queue} ${each.open + each.claimed}`, queue, agent))}
    </p>
    ${table(
      heads,
      items.map((item) => row(item, agent)),
      'Nothing waits here.',
    )}
    ${next !== null && html`<p class="more"><a href="${addressOf(queue, agent, next)}">More</a></p>`}`

const tab = (queue: string | undefined, words: string, here: string | undefined, agent: string): Html =>
  queue === here
    ? html`<a class="pill live" aria-current="page" href="${addressOf(queue, agent)}">${words}</a> `
    : html`<a class="pill" href="${addressOf(queue, agent)}">${words}</a> `

function addressOf(queue: string | undefined, as: string, cursor?: string): string {
  const query = new URLSearchParams({ as, ...(queue && { queue }), ...(cursor && { cursor }) })
  return `/console/tasks?${query.toString()}`
}

const heads = html`<th>Task</th>
  <th>Customer</th>
  <th>Queue</th>
  <th class="number">Priority</th>
  <th>Due</th>
  <th>Stands</th>`

const row = (
  { ref, step, journey, customerId, queue, priority, dueAt, status, agent }: TaskRow,
  as: string,
): Html =>
  html`<tr>
    <td>
      <a href="/console/tasks/${ref}?as=${encodeURIComponent(as)}"><strong>${step}</strong></a>
      <span class="soft small">${journey}</span>
    </td>
    <td><code>${customerId}</code></td>
    <td>${queue}</td>
    <td class="number">${priority}</td>
    <td>${time(dueAt)}</td>
    <td>${pill(status)} ${agent !== null && html`<span class="small">${agent}</span>`}</td>
  </tr>`
