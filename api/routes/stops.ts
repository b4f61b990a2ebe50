import { z } from 'zod'
import { channelNames, providerNames } from '../../channels'
import { Problem } from '../../sdk/problem'
import type { StopRow } from '../../store/store'
import { reasoned, signatureOf, toWord, word as orderWord } from '../author'
import type { Api } from '../deps'
import { pageQuery, word } from '../fields'
import { pageFrom } from '../page'
import { ok, route, type Route } from '../route'
import { pageOf } from '../shapes'
import { outlinesOf } from './journeys'

const scopes = ['everything', 'journey', 'channel', 'provider'] as const
type Scope = (typeof scopes)[number]

const stop = z
  .object({
    id: z.int(),
    scope: z.enum(scopes),
    name: z.string().nullable(),
    begun: orderWord,
    ended: orderWord.nullable(),
  })
  .meta({ id: 'Stop' })

const toStop = ({ id, scope, name, begun, ended }: StopRow): z.output<typeof stop> => ({
  id,
  scope,
  name,
  begun: toWord(begun)!,
  ended: toWord(ended),
})

/** Kill switches. They are read with the facts of every touchpoint, so they count at the next send. */
export const stopRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/stops',
    role: 'read',
    tag: 'Limits',
    summary: 'Kill switches, newest first',
    query: z.strictObject({
      ...pageQuery,
      inForce: z.enum(['true', 'false']).optional().describe('Left out: those that ended as well'),
    }),
    answers: { 200: { description: 'Stops', schema: pageOf(stop) } },
    handle: async ({ query: { inForce, ...page } }, api) =>
      ok(await pageFrom(api.store.stops.list(page, inForce && inForce === 'true'), toStop)),
  }),
  route({
    method: 'post',
    path: '/v1/stops',
    role: 'operate',
    tag: 'Limits',
    summary: 'Stop everything, a journey, a channel or a provider: its touchpoints are held',
    description: 'Counts at the next send. Nothing is lost, and nothing expires for it.',
    body: z.strictObject({ scope: z.enum(scopes), name: word.nullish(), ...reasoned }),
    answers: {
      200: { description: 'It was stopped before', schema: stop },
      201: { description: 'Stopped', schema: stop },
    },
    async handle(call, api) {
      const { scope, name, reason } = call.body
      await checkName(scope, name ?? null, api)
      const begun = await api.store.stops.begin({ scope, name: name ?? null }, signatureOf(call), reason)
      return { status: begun.new ? 201 : 200, body: toStop(begun.stop) }
    },
  }),
  route({
    method: 'post',
    path: '/v1/stops/{id}/end',
    role: 'operate',
    tag: 'Limits',
    summary: 'End a stop: what it held goes out, spread',
    params: z.object({ id: z.string().regex(/^\d{1,15}$/, { error: 'must be a number' }).transform(Number) }), // prettier-ignore
    body: z.strictObject(reasoned),
    answers: { 200: { description: 'The stop; one that had ended stays as it was', schema: stop } },
    problems: ['not-found'],
    async handle(call, api) {
      const ended = await api.store.stops.end(call.params.id, signatureOf(call), call.body.reason)
      if (!ended) throw new Problem('not-found', `There is no stop ${call.params.id}.`)
      return ok(toStop(ended))
    },
  }),
]

async function checkName(scope: Scope, name: string | null, api: Api): Promise<void> {
  if (scope === 'everything')
    return name === null ? undefined : refuse('must be left out: everything is meant')
  if (name === null) return refuse(`must say which ${scope}`)
  const known = await knownNames(scope, api)
  if (known.includes(name) || (scope === 'journey' && (await hasEnrollments(name, api)))) return
  refuse(`must be one of: ${known.join(', ') || 'there are none'}`)
}

async function knownNames(scope: Exclude<Scope, 'everything'>, api: Api): Promise<string[]> {
  switch (scope) {
    case 'journey':
      return (await outlinesOf(api)).map(({ name }) => name)
    case 'channel':
      return [...channelNames]
    case 'provider':
      return [...providerNames]
  }
}

/** A journey that the newest build no longer has may still run. */
const hasEnrollments = async (journey: string, api: Api): Promise<boolean> =>
  (await api.store.enrollments.list({ journey }, { limit: 1 })).items.length > 0

function refuse(message: string): never {
  throw new Problem('invalid-request', `name: ${message}.`, [{ path: 'name', message }])
}
