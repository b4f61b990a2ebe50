import { z } from 'zod'
import type { CustomerRow } from '../../store/store'
import type { Api } from '../deps'
import { customerId, pageQuery } from '../fields'
import { html, type Html } from '../html'
import { pageFrom } from '../page'
import { route } from '../route'
import { customerLink, older, page, pill, table, time } from './layout'
import { consolePage } from './page'

/** Customers, and the way to one by id. */
export const customers = route({
  ...consolePage,
  path: '/console/customers',
  summary: 'Customers',
  query: z.object({ id: z.union([z.literal(''), customerId]).optional(), cursor: pageQuery.cursor }),
  async handle({ query: { id, cursor } }, api) {
    const found = id
      ? await byId(id, api)
      : await pageFrom(api.store.customers.list({ limit: 50, cursor }), (row) => row)
    return page(200, api, 'customers', 'Customers', content(id, found.items, found.next))
  },
})

async function byId(id: string, { store }: Api) {
  const row = await store.customers.get(id)
  return { items: row ? [row] : [], next: null }
}

const content = (wanted: string | undefined, rows: readonly CustomerRow[], next: string | null): Html =>
  html` <h1>Customers</h1>
    <p class="lead">Everybody an event was ever about.</p>
    <form class="search" action="/console/customers">
      <input name="id" value="${wanted}" placeholder="Customer id" aria-label="Customer id" /><button>
        Find
      </button>
    </form>
    ${table(heads, rows.map(row), wanted ? `There is no customer “${wanted}”.` : 'No customers yet: send an event, and they appear here.')}
    ${older('/console/customers', next)}`

const heads = html`<th>Customer</th>
  <th>Name</th>
  <th>Groups</th>
  <th>Clock</th>
  <th>Last change</th>`

const row = ({ id, traits, groups, clockOffsetMs, updatedAt }: CustomerRow): Html =>
  html`<tr>
    <td>${customerLink(id)}</td>
    <td>${nameOf(traits)}</td>
    <td>${groups.join(', ')}</td>
    <td>${clock(clockOffsetMs)}</td>
    <td>${time(updatedAt)}</td>
  </tr>`

/** What a person would call the customer, where the profile tells. */
export const nameOf = ({ name, firstName, lastName, email }: Record<string, unknown>): string => {
  const parts =
    typeof name === 'string' ? [name] : [firstName, lastName].filter((part) => typeof part === 'string')
  return parts.length > 0 ? parts.join(' ') : typeof email === 'string' ? email : ''
}

export const clock = (aheadMs: number): Html =>
  aheadMs === 0
    ? html`<span class="soft">now</span>`
    : pill(`${Math.round(aheadMs / 8_640_000) / 10} days ahead`)
