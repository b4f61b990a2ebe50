import { z } from 'zod'
import { suppressionReasons } from '../../sdk/contact'
import { Problem } from '../../sdk/problem'
import { suppressibleChannels, suppressionKey } from '../../store'
import type { Suppression } from '../../store/store'
import { authorOf } from '../author'
import { pageQuery, plainText } from '../fields'
import { pageFrom } from '../page'
import { ok, route, type Route } from '../route'
import { instant, iso, pageOf } from '../shapes'

const place = {
  channel: z
    .enum(suppressibleChannels, { error: `must be one of ${suppressibleChannels.join(', ')}` })
    .describe('A phone number is the same on sms, whatsapp and voice'),
  address: plainText(400).refine((text) => text.trim() !== '', { error: 'must not be blank' }),
}

const reason = z
  .enum(suppressionReasons, { error: `must be one of ${suppressionReasons.join(', ')}` })
  .describe('hard-bounce and legal stop everything, complaint and manual stop marketing')

const because = plainText(500)
const author = plainText(200).nullish().describe('Who asks for it; the key’s name is recorded in any case')

const suppression = z
  .object({
    address: z.string().describe('A hash: the address itself is not kept'),
    reason: z.enum(suppressionReasons),
    source: z.string(),
    by: z.string().nullable(),
    because: z.string().nullable(),
    at: instant,
    lifted: z.object({ at: instant, by: z.string(), because: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'Suppression' })

const ofOne = z.object({ suppressed: z.boolean(), items: z.array(suppression) })

/** Addresses that are not to be used, whoever's they are. Addresses come in bodies alone: paths and queries end in logs. */
export const suppressionRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/suppressions',
    role: 'read',
    tag: 'Consent',
    summary: 'Suppressions in force, newest first',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'Suppressions', schema: pageOf(suppression) } },
    handle: async ({ query }, api) => ok(await pageFrom(api.store.suppressions.inForce(query), shown)),
  }),
  route({
    method: 'post',
    path: '/v1/suppressions',
    role: 'operate',
    tag: 'Consent',
    summary: 'Use an address no more; it outlives the customer record',
    body: z.strictObject({ ...place, reason, because: because.nullish(), by: author }),
    answers: {
      200: { description: 'It was suppressed for this reason already', schema: ofOne },
      201: { description: 'It is suppressed from now on', schema: ofOne },
    },
    async handle(call, { store }) {
      const { channel, address, reason, because } = call.body
      const key = suppressionKey(channel, address)
      const found = { reason, source: 'api', by: authorOf(call), because: because ?? undefined }
      const isNew = await store.suppressions.suppress(key, found)
      return { status: isNew ? 201 : 200, body: asked(await store.suppressions.history(key)) }
    },
  }),
  route({
    method: 'post',
    path: '/v1/suppressions/lookup',
    role: 'read',
    tag: 'Consent',
    summary: 'Whether an address is suppressed, and its history',
    body: z.strictObject(place),
    answers: { 200: { description: 'What is known of the address', schema: ofOne } },
    handle: async ({ body: { channel, address } }, { store }) =>
      ok(asked(await store.suppressions.history(suppressionKey(channel, address)))),
  }),
  route({
    method: 'post',
    path: '/v1/suppressions/lift',
    role: 'admin',
    tag: 'Consent',
    summary: 'Use an address again: for one reason it was suppressed for, or all',
    body: z.strictObject({ ...place, reason: reason.nullish(), because, by: author }),
    answers: { 200: { description: 'Lifted; it stays on record', schema: ofOne } },
    problems: ['not-found'],
    async handle(call, { store }) {
      const { channel, address, reason, because } = call.body
      const key = suppressionKey(channel, address)
      const order = { reason: reason ?? undefined, by: authorOf(call), because }
      if ((await store.suppressions.lift(key, order)) === 0)
        throw new Problem('not-found', 'The address is not suppressed, or not for that reason.')
      return ok(asked(await store.suppressions.history(key)))
    },
  }),
]

const asked = (history: readonly Suppression[]): z.output<typeof ofOne> => ({
  suppressed: history.some(({ lifted }) => lifted === null),
  items: history.map(shown),
})

const shown = ({ at, lifted, ...rest }: Suppression): z.output<typeof suppression> => ({
  ...rest,
  at: iso(at),
  lifted: lifted && { ...lifted, at: iso(lifted.at) },
})
