import { z } from 'zod'
import type { ReceiptKind } from '../../sdk'
import { Problem } from '../../sdk/problem'
import type { InboxItem, InboxMark } from '../../store/store'
import type { Api } from '../deps'
import { customerIdText } from '../fields'
import { inboxItem, toInboxItem } from '../inbox/shape'
import { inboxToken } from '../inbox/token'
import { ok, route, type Call, type Route } from '../route'
import { instant } from '../shapes'

const params = z.object({ id: customerIdText })
const MOST_SHOWN = 100
const LONGEST_MINUTES = 24 * 60

/** What a mark tells the journey; a dismissal tells nothing. */
const receipts: Readonly<Record<InboxMark, ReceiptKind | undefined>> = {
  seen: 'delivered',
  read: 'opened',
  clicked: 'clicked',
  dismissed: undefined,
}
const marks = Object.keys(receipts) as InboxMark[]

/** For the customer's own app: what journeys sent to their inbox. */
export const inboxRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/v1/customers/{id}/inbox-tokens',
    role: 'operate',
    tag: 'Inbox',
    summary: 'A token with which the customer’s app reads and marks this inbox',
    params,
    body: z.strictObject({ minutes: z.int().min(1).max(LONGEST_MINUTES).default(15) }),
    answers: {
      200: { description: 'The token', schema: z.object({ token: z.string(), expiresAt: instant }) },
    },
    handle({ params, body }, { secrets }) {
      const endsAt = Date.now() + body.minutes * 60_000
      const token = inboxToken({ customerId: params.id, endsAt }, secrets)
      return ok({ token, expiresAt: new Date(endsAt).toISOString() })
    },
  }),
  route({
    method: 'get',
    path: '/v1/customers/{id}/inbox',
    role: 'customer',
    tag: 'Inbox',
    summary: 'What is in the customer’s inbox, newest first: a hundred at most',
    params,
    answers: {
      200: {
        description: 'The items that are shown, and how many were not read',
        schema: z.object({ items: z.array(inboxItem), next: z.null(), unread: z.int() }),
      },
    },
    async handle({ params }, { store }) {
      const items = await store.inbox.shown(params.id, MOST_SHOWN)
      const unread = items.filter((item) => item.marks.read === null).length
      return ok({ items: items.map(toInboxItem), next: null, unread })
    },
  }),
  route({
    method: 'get',
    path: '/v1/customers/{id}/inbox/stream',
    role: 'customer',
    tag: 'Inbox',
    summary: 'The inbox as server-sent events: `item` as it is now, `gone` when it is shown no more',
    description: 'Begins with all that is shown, or after Last-Event-ID. It ends with its token.',
    params,
    answers: { 200: { description: 'Events, until either side ends them', type: 'text/event-stream' } },
    handle: ({ params, headers, token }, { inboxStreams }) => ({
      status: 200,
      body: undefined,
      headers: { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
      stream: (response) =>
        inboxStreams.open(
          { customerId: params.id, after: lastEvent(headers), endsAt: token?.endsAt },
          response,
        ),
    }),
  }),
  route({
    method: 'post',
    path: '/v1/customers/{id}/inbox/{item}/{mark}',
    role: 'customer',
    tag: 'Inbox',
    summary: 'Marks an item: seen, read, clicked or dismissed',
    description:
      'The first time of each counts. Journeys hear read as opened, clicked as clicked; clicked is read, and read is seen.',
    params: z.object({ id: customerIdText, item: z.string().max(100), mark: z.enum(marks) }),
    answers: { 200: { description: 'The item as it is now', schema: inboxItem } },
    problems: ['not-found'],
    async handle({ params }, api) {
      const item = await api.store.inbox.mark(params.id, params.item, params.mark)
      if (!item) throw new Problem('not-found', 'There is no such item in this inbox.')
      await tellJourneys(item, params.mark, api)
      return ok(toInboxItem(item))
    },
  }),
]

function lastEvent(headers: Call['headers']): number | undefined {
  const given = headers['last-event-id'] ?? ''
  return /^\d{1,15}$/.test(given) ? Number(given) : undefined
}

/** A repeat finds it told. */
async function tellJourneys({ ref, link, marks }: InboxItem, mark: InboxMark, { store }: Api): Promise<void> {
  const kind = receipts[mark]
  const url = mark === 'clicked' && link !== null ? link : undefined
  if (kind) await store.receipts.accept('inbox', [{ id: `${ref}:${mark}`, kind, at: marks[mark]!, ref, url }])
}
