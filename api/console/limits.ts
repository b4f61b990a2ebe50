import { z } from 'zod'
import type { Cap, Limits, QuietHours, Scope } from '../../sdk/contact'
import type { LimitsRevision, StopRow, Word } from '../../store/store'
import { html, type Html } from '../html'
import { route } from '../route'
import { page, pill, table, time } from './layout'
import { consolePage } from './page'

interface Shown {
  readonly current: LimitsRevision
  readonly history: readonly LimitsRevision[]
  readonly stops: readonly StopRow[]
  readonly held: Readonly<Record<string, number>>
}

/** What holds, who changed it, and what is stopped. */
export const limits = route({
  ...consolePage,
  path: '/console/limits',
  summary: 'Contact limits',
  query: z.object({}),
  async handle(_, api) {
    const { store } = api
    const [current, history, stops, held] = await Promise.all([
      store.limits.current(),
      store.limits.history({ limit: 20 }),
      store.stops.list({ limit: 200 }, true),
      store.held.counts(),
    ])
    const shown = { current, history: history.items, stops: stops.items, held }
    return page(200, api, 'limits', 'Limits', content(shown))
  },
})

const content = ({ current, history, stops, held }: Shown): Html =>
  html` <h1>Limits</h1>
    <p class="lead">
      Revision ${current.revision}${current.written === null && ', as it comes'}: what decides whether a
      customer may be contacted.
    </p>
    <h2>Stopped now</h2>
    ${table(stopHeads, stops.map(stopRow), 'Nothing is stopped.')}
    <h2>Held now</h2>
    ${heldNow(held)}
    <h2>Frequency caps</h2>
    ${table(capHeads, current.limits.caps.map(capRow), 'No cap: customers may get any number of messages.')}
    <h2>Quiet hours</h2>
    ${table(quietHeads, current.limits.quietHours.map(quietRow), 'No quiet hours.')}
    <h2>Everything else</h2>
    ${otherLimits(current.limits)}
    <h2>Changes</h2>
    ${table(changeHeads, history.map(changeRow), 'Nobody has changed the limits yet.')}`

const stopHeads = html`<th>What</th>
  <th>Since</th>
  <th>By</th>
  <th>Why</th>`

const stopRow = ({ scope, name, begun }: StopRow): Html =>
  html`<tr>
    <td>${pill('stopped')} <strong>${scope === 'everything' ? 'everything' : `${scope} ${name}`}</strong></td>
    <td>
      ${time(begun.at)}
      <div class="soft small">${age(begun.at)}</div>
    </td>
    <td>${whose(begun)}</td>
    <td class="wrap">${begun.because}</td>
  </tr>`

const heldNow = (held: Readonly<Record<string, number>>): Html => {
  const reasons = Object.entries(held)
  return html`<div class="card padded">
    ${
      reasons.length === 0
        ? html`<span class="soft">No touchpoint is held.</span>`
        : reasons.map(([reason, count]) => html`${pill(reason)} <span class="small">${count}</span> `)
    }
  </div>`
}

const capHeads = html`<th>Name</th>
  <th class="number">At most</th>
  <th>Within</th>
  <th>About</th>`

const capRow = (cap: Cap): Html =>
  html`<tr>
    <td><strong>${cap.name}</strong></td>
    <td class="number">${cap.most}</td>
    <td>${'rolling' in cap.window ? `any ${cap.window.rolling}` : `a calendar ${cap.window.calendar}`}</td>
    <td class="wrap">${about(cap)}</td>
  </tr>`

const quietHeads = html`<th>Name</th>
  <th>When</th>
  <th>Where</th>
  <th>About</th>`

const quietRow = (hours: QuietHours): Html =>
  html`<tr>
    <td><strong>${hours.name}</strong></td>
    <td>${whenQuiet(hours)}</td>
    <td class="wrap">${where(hours)}</td>
    <td class="wrap">${about(hours)}</td>
  </tr>`

const where = ({ countries, exceptCountries }: QuietHours): string =>
  [countries?.join(', ') ?? 'everywhere', exceptCountries && `but for ${exceptCountries.join(', ')}`]
    .filter(Boolean)
    .join(' ')

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const whenQuiet = ({ from, to, weekdays: days, onHolidays }: QuietHours): string =>
  onHolidays
    ? `holidays: ${onHolidays.join(', ')}`
    : `${from} to ${to}${days ? ` on ${days.map((day) => weekdays[day - 1]).join(', ')}` : ''}`

const about = ({ channels, categories = ['marketing'], journeys }: Scope): string =>
  [categories.join(' and '), channels && `by ${channels.join(', ')}`, journeys && `of ${journeys.join(', ')}`]
    .filter(Boolean)
    .join(' ')

const otherLimits = (limits: Limits): Html =>
  html`<div class="card padded">
    <dl>
      <dt>Silence</dt>
      <dd>${limits.silence.length === 0 ? 'allows' : limits.silence.map(silenceLine)}</dd>
      <dt>Held for</dt>
      <dd>${limits.holdFor}, unless the journey says otherwise</dd>
      <dt>Spread over</dt>
      <dd>${limits.spreadOver}</dd>
      <dt>Contested sends</dt>
      <dd>wait ${limits.arbitration.windowMs} ms for their competitors${weights(limits)}</dd>
      <dt>Holdout</dt>
      <dd>${Math.round(limits.holdout * 10_000) / 100} % of customers get no marketing</dd>
      <dt>Holidays</dt>
      <dd>${Object.keys(limits.holidays).join(', ') || 'none'}</dd>
    </dl>
  </div>`

const silenceLine = ({ channels, countries, means }: Limits['silence'][number]): Html =>
  html`<div>
    ${channels?.join(', ') ?? 'all channels'}${countries && ` in ${countries.join(', ')}`}: ${means}
  </div>`

const weights = ({ arbitration: { levers = {}, contexts = {} } }: Limits): string => {
  const each = Object.entries({ ...levers, ...contexts }).map(([name, percent]) => `${name} ${percent} %`)
  return each.length === 0 ? '' : `; on top: ${each.join(', ')}`
}

const changeHeads = html`<th class="number">Revision</th>
  <th>State</th>
  <th>Written</th>
  <th>Why</th>
  <th>Decided</th>`

const changeRow = ({ revision, state, written, decided }: LimitsRevision): Html =>
  html`<tr>
    <td class="number">${revision}</td>
    <td>${pill(state)}</td>
    <td>
      ${
        written &&
        html`${time(written.at)}
          <div class="small">${whose(written)}</div>`
      }
    </td>
    <td class="wrap">${written?.because}</td>
    <td>
      ${
        decided
          ? html`${time(decided.at)}
              <div class="small">${whose(decided)}: ${decided.because}</div>`
          : html`<span class="soft">${state === 'draft' ? 'waits for another key' : ''}</span>`
      }
    </td>
  </tr>`

const whose = ({ key, by }: Word): string => (by === null ? key : `${by} (key ${key})`)

/** `3 h 20 min ago`. */
function age(since: number): string {
  const minutes = Math.max(0, Math.floor((Date.now() - since) / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  if (days > 0) return `${days} d ${hours} h ago`
  return hours > 0 ? `${hours} h ${minutes % 60} min ago` : `${minutes} min ago`
}
