import { z } from 'zod'
import type { TouchpointRow } from '../../store/store'
import type { Api } from '../deps'
import { html, type Html } from '../html'
import { route, type Reply, type Route } from '../route'

const params = z.object({ token: z.string().max(300) })

const answers = {
  200: { description: 'A page for the customer', type: 'text/html' },
  404: { description: 'The link is not one of ours', type: 'text/html' },
}

/** Links in messages. Their addresses are signed; mail scanners follow them, so GET changes nothing. */
export const linkRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/unsubscribe/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'A page that asks the customer to confirm',
    params,
    answers,
    async handle({ params }, api) {
      const touchpoint = await touchpointOf(params.token, api)
      return touchpoint ? page(200, 'Unsubscribe', question(touchpoint)) : unknown()
    },
  }),
  route({
    method: 'post',
    path: '/unsubscribe/{token}',
    role: 'open',
    tag: 'Links',
    summary: 'Unsubscribes: the page’s form, or a mail program’s one click (RFC 8058)',
    params,
    body: z.looseObject({ from: z.unknown().optional() }),
    bodyType: 'form',
    answers,
    async handle({ params, body }, api) {
      const touchpoint = await touchpointOf(params.token, api)
      if (!touchpoint) return unknown()
      await withdraw(touchpoint, body.from === 'page' ? 'unsubscribe-link' : 'one-click', api)
      return page(
        200,
        'Unsubscribed',
        html`<p>You will get no more ${touchpoint.category} ${channelName(touchpoint)} from us.</p>`,
      )
    },
  }),
]

async function touchpointOf(token: string, api: Api): Promise<TouchpointRow | undefined> {
  const ref = api.links.verify(token)
  return ref === undefined ? undefined : api.store.touchpoints.byRef(ref)
}

async function withdraw(
  { customerId, channel }: TouchpointRow,
  source: string,
  { store }: Api,
): Promise<void> {
  const customer = await store.customers.get(customerId)
  const occurredAt = Date.now() + (customer?.clockOffsetMs ?? 0)
  await store.consents.record({
    customerId,
    channel,
    purpose: 'marketing',
    state: 'withdrawn',
    source,
    occurredAt,
  })
}

const channelName = ({ channel }: TouchpointRow) => (channel === 'email' ? 'emails' : 'messages')

const question = (touchpoint: TouchpointRow): Html =>
  html` <p>Do you want to get no more ${touchpoint.category} ${channelName(touchpoint)} from us?</p>
    <form method="post"><input type="hidden" name="from" value="page" /><button>Unsubscribe</button></form>`

const unknown = () =>
  page(
    404,
    'This link does not work',
    html`<p>It may have been cut off. Please use the whole link from the message.</p>`,
  )

const page = <Status extends number>(status: Status, title: string, content: Html): Reply<Status> => ({
  status,
  headers: { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' },
  body: html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <link rel="stylesheet" href="../console/style.css" />
      </head>
      <body class="plain">
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`,
})
