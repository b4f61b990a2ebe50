import { z } from 'zod'
import { clocksOf } from '../clock'
import type { Api, Limits } from '../deps'
import { glance, glanceAtBatch } from '../glance'
import { ok, route, type Route } from '../route'
import { batchBody, bodyOf, kinds, toEvent, type Kind, type Message } from '../segment'
import { refuseLarge } from '../size'

const accepted = { description: 'Every event is stored', schema: z.object({ success: z.literal(true) }) }

const summaries: Record<Kind, string> = {
  track: 'A customer did something',
  identify: 'Traits of a customer',
  page: 'A customer saw a page',
  screen: 'A customer saw a screen',
  group: 'A customer belongs to a group',
  alias: 'Two ids are one customer',
}

/** The Segment HTTP form. A 2xx means stored; nothing of a refused request is. */
export const ingestRoutes = (limits: Limits): readonly Route[] => [
  ...kinds.map((kind) =>
    route({
      method: 'post',
      path: `/v1/${kind}`,
      role: 'ingest',
      tag: 'Events',
      summary: summaries[kind],
      body: bodyOf(kind),
      glance: (body) => glance(kind, body),
      answers: { 200: accepted },
      handle: ({ body }, api) => accept([{ kind, message: body as Message }], api),
    }),
  ),
  route({
    method: 'post',
    path: '/v1/batch',
    role: 'ingest',
    tag: 'Events',
    summary: 'Many messages at once: all are stored, or none',
    body: batchBody(limits.batchEvents),
    glance: (body) => glanceAtBatch(body, limits.batchEvents),
    bodyLimit: limits.batchBytes,
    inspect: (body) => refuseLarge(body, limits.eventBytes),
    answers: { 200: accepted },
    handle: ({ body: { batch, sentAt } }, api) =>
      accept(
        batch.map((message) => ({ kind: message.type, message })),
        api,
        sentAt,
      ),
  }),
]

type Sent = readonly { readonly kind: Kind; readonly message: Message }[]

async function accept(sent: Sent, api: Api, sentAt?: number | null) {
  const ids = sent.map(({ message }) => (message.userId ?? message.anonymousId)!)
  const receipt = { receivedAt: Date.now(), sentAt, clockOf: await clocksOf(ids, api) }
  await api.store.events.append(sent.map(({ kind, message }) => toEvent(kind, message, receipt)))
  for (const [kind, count] of tally(sent)) api.metrics.count('sojourn_events_accepted_total', { kind }, count)
  return ok({ success: true as const })
}

function tally(sent: Sent): Map<Kind, number> {
  const counts = new Map<Kind, number>()
  for (const { kind } of sent) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}
