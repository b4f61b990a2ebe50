import { z } from 'zod'
import { clocksOf } from '../clock'
import type { Api, Limits } from '../deps'
import { ok, route, type Route } from '../route'
import { batchBody, bodyOf, kinds, refuseLarge, toEvent, type Kind, type Message } from '../segment'

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
    bodyLimit: limits.batchBytes,
    inspect: (body) => refuseLarge(body, limits.eventBytes),
    answers: { 200: accepted },
    handle: ({ body }, api) =>
      accept(
        body.batch.map((message) => ({
          kind: message.type,
          message: { sentAt: body.sentAt, ...present(message) },
        })),
        api,
      ),
  }),
]

// The batch's sentAt stands for its messages, unless one has its own.
const present = ({ sentAt, ...message }: Message) => ({ ...message, ...(sentAt == null ? {} : { sentAt }) })

async function accept(messages: readonly { kind: Kind; message: Message }[], api: Api) {
  const ids = messages.map(({ message }) => (message.userId ?? message.anonymousId)!)
  const receipt = { receivedAt: Date.now(), clockOf: await clocksOf(ids, api) }
  await api.store.events.append(messages.map(({ kind, message }) => toEvent(kind, message, receipt)))
  for (const { kind } of messages) api.metrics.count('sojourn_events_accepted_total', { kind })
  return ok({ success: true as const })
}
