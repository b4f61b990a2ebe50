import type { Api } from '../deps'
import { html, type Html } from '../html'
import type { Reply } from '../route'

export type Section = 'overview' | 'customers' | 'tasks' | 'limits' | 'mail'

/** A page of the console. */
export const page = <Status extends number>(
  status: Status,
  api: Api,
  section: Section,
  title: string,
  content: Html,
): Reply<Status> => ({
  status,
  headers: { 'Cache-Control': 'no-store' },
  body: html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Sojourn</title>
        <link rel="stylesheet" href="/console/style.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <header>
          <nav>
            <a class="name" href="/console">Sojourn</a>
            ${tab('overview', '/console', 'Overview', section)}
            ${tab('customers', '/console/customers', 'Customers', section)}
            ${tab('tasks', '/console/tasks', 'Tasks', section)}
            ${tab('limits', '/console/limits', 'Limits', section)}
            ${api.inbox && tab('mail', '/console/mail', 'Mail', section)}
            <span class="aside small"><a href="/docs">API</a></span>
            ${api.temporalUi && html`<a class="small" href="${api.temporalUi}">Temporal</a>`}
          </nav>
        </header>
        <main>${content}</main>
        <footer>Times are UTC</footer>
      </body>
    </html>`,
})

const tab = (section: Section, href: string, name: string, here: Section): Html =>
  section === here
    ? html`<a class="here" aria-current="page" href="${href}">${name}</a>`
    : html`<a href="${href}">${name}</a>`

/** `23 Nov 2026, 09:05 UTC`, with the exact instant on hover. */
export const time = (at: string | number): Html => {
  const exact = new Date(at).toISOString()
  const shown = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(new Date(at))
  return html`<time class="time" datetime="${exact}" title="${exact}">${shown}</time>`
}

const tones: Readonly<Record<string, string>> = {
  running: 'live', paused: 'warn', ended: '', converted: 'good', completed: '', exited: '', 'held out': '', failed: 'bad',
  stopped: 'bad', draft: 'warn', active: 'good', replaced: '', rejected: 'bad',
  open: 'live', claimed: 'warn', done: 'good', expired: 'bad', moot: '',
  sent: 'good', withheld: 'warn', unknown: 'bad', sending: 'live', retrying: 'warn', pending: 'live', handled: '', 'set-aside': 'bad',
} // prettier-ignore

export const pill = (word: string): Html => html`<span class="pill ${tones[word] ?? ''}">${word}</span>`

export const customerLink = (id: string): Html =>
  html`<a class="wrap" href="/console/customers/${encodeURIComponent(id)}">${id}</a>`

/** Rows under their heads in a card, or why there are none. */
export const table = (heads: Html, rows: readonly Html[], empty: string): Html =>
  rows.length === 0
    ? html`<div class="card">${nothing(empty)}</div>`
    : html`<div class="card">
        <table>
          <thead>
            <tr>
              ${heads}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>`

export const nothing = (words: string): Html => html`<p class="empty">${words}</p>`

/** A link to the older page, where there is one. */
export const older = (path: string, next: string | null): Html | null =>
  next === null
    ? null
    : html`<p class="more"><a href="${path}?cursor=${encodeURIComponent(next)}">Older</a></p>`
