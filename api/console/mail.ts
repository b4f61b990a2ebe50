import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { Api, Inbox, InboxMail, InboxSummary } from '../deps'
import { html, type Html } from '../html'
import { route, type Route } from '../route'
import { nothing, page, table, time } from './layout'
import { consolePage } from './page'

const params = z.object({ id: z.string().max(200) })
const perPage = 50

/** The development inbox. */
export const mailRoutes: readonly Route[] = [
  route({
    ...consolePage,
    path: '/console/mail',
    summary: 'Mails',
    query: z.object({ to: z.string().optional(), before: z.string().max(200).optional() }),
    async handle({ query }, api) {
      const to = query.to?.trim() || undefined
      const mails = inboxOf(api).list({ to, before: query.before, limit: perPage })
      return page(200, api, 'mail', 'Mail', list(to, mails))
    },
  }),
  route({
    ...consolePage,
    path: '/console/mail/{id}',
    summary: 'A mail',
    params,
    async handle({ params: { id } }, api) {
      const mail = await inboxOf(api).get(id)
      if (!mail) return page(404, api, 'mail', 'No such mail', nothing('There is no such mail.'))
      return page(200, api, 'mail', mail.subject || 'Mail', view(mail))
    },
  }),
  route({
    ...consolePage,
    path: '/console/mail/{id}/html',
    summary: 'The HTML of a mail, for its frame',
    params,
    async handle({ params: { id } }, api) {
      const mail = await inboxOf(api).get(id)
      const headers = { 'Content-Security-Policy': framePolicy, 'Cache-Control': 'no-store' }
      return {
        status: mail ? (200 as const) : (404 as const),
        headers,
        body: `<base target="_blank">${mail?.html ?? ''}`,
      }
    },
  }),
]

/** A mail is a stranger's page: no scripts, no forms, nothing loaded from elsewhere. Its links open in a window of their own. */
const framePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

function inboxOf({ inbox }: Api): Inbox {
  if (!inbox) throw new Problem('not-found', 'This server has no inbox of its own.')
  return inbox
}

const list = (to: string | undefined, mails: readonly InboxSummary[]): Html =>
  html` <h1>Mail</h1>
    <p class="lead">What the local inbox took in. Nothing here ever left this machine.</p>
    <form class="search" action="/console/mail">
      <input name="to" value="${to}" placeholder="Recipient" aria-label="Recipient" /><button>Find</button>
    </form>
    ${table(heads, mails.map(row), to ? `No mail to “${to}”.` : 'No mail yet.')}
    ${mails.length === perPage && older(mails.at(-1)!.id, to)}`

const heads = html`<th>Subject</th>
  <th>To</th>
  <th>When</th>`

const older = (before: string, to: string | undefined): Html => {
  const query = new URLSearchParams({ before, ...(to ? { to } : {}) })
  return html`<p class="more"><a href="/console/mail?${query.toString()}">Older</a></p>`
}

const address = (id: string) => `/console/mail/${encodeURIComponent(id)}`

const row = ({ id, to, subject, receivedAt }: InboxSummary): Html =>
  html`<tr>
    <td class="wrap"><a href="${address(id)}">${subject || '(no subject)'}</a></td>
    <td class="wrap">${to.join(', ')}</td>
    <td>${time(receivedAt)}</td>
  </tr>`

const view = (mail: InboxMail): Html =>
  html` <h1>${mail.subject || '(no subject)'}</h1>
    <p class="lead">${time(mail.receivedAt)}</p>
    <div class="card padded">
      <dl>
        <dt>From</dt>
        <dd>${mail.from}</dd>
        <dt>To</dt>
        <dd>${mail.to.join(', ')}</dd>
        ${unsubscribe(mail)}
      </dl>
    </div>
    ${
      mail.html !== '' &&
      html`<h2>As HTML</h2>
        <div class="card">
          <iframe
            title="The mail as HTML"
            src="${address(mail.id)}/html"
            sandbox="allow-popups allow-popups-to-escape-sandbox"
          ></iframe>
        </div>`
    }
    ${
      mail.text !== '' &&
      html`<h2>As text</h2>
        <div class="card"><pre>${mail.text}</pre></div>`
    }`

function unsubscribe({ headers }: InboxMail): Html | undefined {
  const url = /<(https?:[^>]+)>/.exec(headers['list-unsubscribe'] ?? '')?.[1]
  return url === undefined
    ? undefined
    : html`<dt>Unsubscribe</dt>
        <dd><a href="${url}">${url}</a></dd>`
}
