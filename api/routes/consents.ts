import { z } from 'zod'
import { purposes } from '../../catalog/topics'
import { clean, depthOf } from '../../sdk/clean'
import { consentBases, contactChannels } from '../../sdk/contact'
import { Problem } from '../../sdk/problem'
import type { Consent, NewConsent } from '../../store/store'
import type { Api } from '../deps'
import { customerIdText, pageQuery, plainText, properties, when } from '../fields'
import { pageFrom } from '../page'
import { ok, route, type Route } from '../route'
import { instant, iso } from '../shapes'
import { customerOf } from './customers'

const params = z.object({ id: customerIdText })

/** How far a sender's clock may be ahead of the customer's. */
const TOLERANCE_MS = 5 * 60_000
const PROOF_BYTES = 4_096

const proof = properties
  .refine((object) => depthOf(object, 4) <= 4, { error: 'must be nested at most 4 levels deep' })
  .refine((object) => Buffer.byteLength(JSON.stringify(object)) <= PROOF_BYTES, {
    error: `must have at most ${PROOF_BYTES} bytes as JSON`,
  })

const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` })

const said = z
  .strictObject({
    channel: oneOf(contactChannels),
    purpose: oneOf(purposes).describe('`marketing`, or a topic of catalog/topics'),
    state: oneOf(['granted', 'withdrawn']),
    basis: oneOf(consentBases).nullish().describe('What a yes rests on; default: consent'),
    source: plainText(200).nullish().describe('Where it was said; default: api'),
    occurredAt: when.nullish().describe('When it was said, by the customer’s clock; default: now'),
    proof: proof.nullish().describe('What shows it: a form’s address and version, …'),
  })
  .refine(({ state, basis }) => state === 'granted' || basis == null, {
    path: ['basis'],
    error: 'must be left out of a withdrawal',
  })

type Said = z.output<typeof said>

const word = z
  .object({
    channel: z.string(),
    purpose: z.string(),
    state: z.enum(['granted', 'withdrawn']),
    basis: z.enum(consentBases).nullable(),
    source: z.string(),
    occurredAt: instant.describe('By the customer’s clock'),
    recordedAt: instant,
    proof: z.looseObject({}).nullable(),
  })
  .meta({ id: 'Consent' })

const now = z.array(word).describe('The word that counts on each channel and purpose')

/** The customer's word on being contacted: never changed, only added to. */
export const consentRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/customers/{id}/consents',
    role: 'read',
    tag: 'Consent',
    summary: 'What a customer agreed to: as it is now, and all that was ever said, newest first',
    params,
    query: z.strictObject(pageQuery),
    answers: {
      200: {
        description: 'Consents',
        schema: z.object({ now, items: z.array(word), next: z.string().nullable() }),
      },
    },
    problems: ['not-found'],
    async handle({ params, query }, api) {
      const { id } = await customerOf(params.id, api)
      const history = await pageFrom(api.store.consents.history(id, query), toWord)
      return ok({ now: await currentOf(id, api), ...history })
    },
  }),
  route({
    method: 'put',
    path: '/v1/customers/{id}/consents',
    role: 'operate',
    tag: 'Consent',
    summary: 'Add what a customer said: all of it, or nothing',
    description:
      'The latest `occurredAt` on a channel and purpose counts, of equal ones the later in the list. A customer who is not known yet is created, as by identify. The same words again add nothing.',
    params,
    body: z.strictObject({
      consents: z
        .array(said, { error: 'must be a list' })
        .min(1, { error: 'must not be empty' })
        .max(100, { error: 'must hold at most 100' }),
    }),
    answers: { 200: { description: 'As it is now', schema: z.object({ now }) } },
    problems: ['being-deleted'],
    async handle({ params: { id }, body: { consents } }, api) {
      const clock = Date.now() + ((await api.store.customers.get(id))?.clockOffsetMs ?? 0)
      refuseFuture(consents, clock)
      await api.store.customers.identify(id, {}, clock)
      await api.store.consents.record(consents.map((each) => toConsent(id, each, clock)))
      return ok({ now: await currentOf(id, api) })
    },
  }),
]

function refuseFuture(consents: readonly Said[], clock: number): void {
  const errors = consents.flatMap(({ occurredAt }, index) =>
    occurredAt != null && occurredAt > clock + TOLERANCE_MS
      ? [
          {
            path: `consents[${index}].occurredAt`,
            message: `must not be after ${iso(clock)}, the customer’s now`,
          },
        ]
      : [],
  )
  if (errors[0]) throw new Problem('invalid-request', `${errors[0].path}: ${errors[0].message}.`, errors)
}

const toConsent = (customerId: string, each: Said, clock: number): NewConsent => ({
  customerId,
  channel: each.channel,
  purpose: each.purpose,
  state: each.state,
  ...(each.state === 'granted' && { basis: each.basis ?? 'consent' }),
  source: each.source ?? 'api',
  occurredAt: each.occurredAt ?? clock,
  ...(each.proof && { proof: clean(each.proof) }),
})

const currentOf = async (id: string, { store }: Api) => (await store.consents.current(id)).map(toWord)

const toWord = ({ customerId: _, ...consent }: Consent): z.output<typeof word> => ({
  ...consent,
  occurredAt: iso(consent.occurredAt),
  recordedAt: iso(consent.recordedAt),
})
