import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import { messageId, pageQuery } from '../fields'
import { pageFrom } from '../page'
import { ok, route, type Route } from '../route'
import { pageOf, storedEvent, toEvent } from '../shapes'

/** Events that could not be handled: they wait here with the reason, and block nobody. */
export const setAsideRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/events/set-aside',
    role: 'read',
    tag: 'Events',
    summary: 'Events set aside, each with its reason',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'Events', schema: pageOf(storedEvent) } },
    handle: async ({ query }, api) => ok(await pageFrom(api.store.events.listSetAside(query), toEvent)),
  }),
  route({
    method: 'post',
    path: '/v1/events/set-aside/replay',
    role: 'operate',
    tag: 'Events',
    summary: 'Try events set aside again: one by its messageId, or all',
    body: z.strictObject({ messageId: messageId.nullish() }),
    answers: { 200: { description: 'How many are tried again', schema: z.object({ replayed: z.int() }) } },
    problems: ['not-found'],
    async handle({ body }, api) {
      const replayed = await api.store.events.replay(body.messageId ?? undefined)
      if (replayed === 0 && body.messageId)
        throw new Problem('not-found', `No event "${body.messageId}" is set aside.`)
      return ok({ replayed })
    },
  }),
]
