import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { LimitsChanged, LimitsDecided, LimitsRevision } from '../../store/store'
import { reasoned, signatureOf, toWord, word } from '../author'
import { pageQuery } from '../fields'
import { holdoutReport, holdoutReportOf } from '../holdout'
import { preview, previewOf } from '../limits-preview'
import { limits } from '../limits-schema'
import { warningsOn } from '../limits-warnings'
import { pageFrom } from '../page'
import { ok, route, type Route } from '../route'
import { instant, isoOrNull, pageOf } from '../shapes'
import { outlinesOf } from './journeys'

const states = ['draft', 'active', 'replaced', 'rejected'] as const

const revisionFields = {
  revision: z.int().describe('0: what the first start brings'),
  state: z.enum(states),
  basedOn: z.int().describe('The revision that held when it was written'),
  written: word.nullable(),
  decided: word.nullable().describe('Approved or rejected by another key'),
  replacedAt: instant.nullable(),
  limits,
}

const revision = z.object(revisionFields).meta({ id: 'LimitsRevision' })

const answered = z
  .object({ ...revisionFields, warnings: z.array(z.string()).describe('Names that nothing here bears') })
  .meta({ id: 'LimitsAnswer' })

const LIMITS_BYTES = 512 * 1024

const decisions = { approve: 'Approve a draft: it holds at once', reject: 'Reject a draft' } as const

export const limitsRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/limits',
    role: 'read',
    tag: 'Limits',
    summary: 'The contact limits that hold, with who wrote them, when and why',
    answers: { 200: { description: 'The active revision', schema: revision } },
    handle: async (_, api) => ok(toRevision(await api.store.limits.current())),
  }),
  route({
    method: 'get',
    path: '/v1/limits/history',
    role: 'read',
    tag: 'Limits',
    summary: 'Every revision there ever was, newest first: drafts, and what became of them',
    query: z.strictObject({ ...pageQuery, state: z.enum(states).optional() }),
    answers: { 200: { description: 'Revisions', schema: pageOf(revision) } },
    handle: async ({ query: { state, ...page } }, api) =>
      ok(await pageFrom(api.store.limits.history(page, state), toRevision)),
  }),
  route({
    method: 'put',
    path: '/v1/limits',
    role: 'admin',
    tag: 'Limits',
    summary: 'Change the contact limits',
    description:
      'A full document; it counts from the next send on, and what is held is asked for again. With LIMITS_APPROVAL it is a draft until another admin key approves. Give `basedOn`, the revision you read, so that nobody’s change is overwritten.',
    body: z.strictObject({
      limits,
      ...reasoned,
      basedOn: z.int().min(0).nullish().describe('The revision you read; 409 when another holds'),
    }),
    bodyLimit: LIMITS_BYTES,
    answers: {
      200: { description: 'It holds', schema: answered },
      202: { description: 'A draft: another key must approve', schema: answered },
    },
    problems: ['limits-changed'],
    async handle(call, api) {
      const { limits, reason, basedOn } = call.body
      const changed = await api.store.limits.change({
        limits,
        author: signatureOf(call),
        because: reason,
        basedOn: basedOn ?? undefined,
        approval: api.limitsApproval === true,
      })
      const kept = revisionIn(changed)
      const body = { ...toRevision(kept), warnings: await warningsOn(limits, api) }
      return { status: kept.state === 'draft' ? 202 : 200, body }
    },
  }),
  route({
    method: 'post',
    path: '/v1/limits/preview',
    role: 'admin',
    tag: 'Limits',
    summary: 'What these limits would have done to the last 30 days',
    description:
      'Judges what the ledger recorded once more, in order, by the rules’ own code. Of a large ledger a share of the customers is looked at. Changes nothing.',
    body: z.strictObject({ limits }),
    bodyLimit: LIMITS_BYTES,
    answers: { 200: { description: 'The preview', schema: preview } },
    handle: async ({ body }, api) => ok(await previewOf(body.limits, api)),
  }),
  route({
    method: 'get',
    path: '/v1/holdout',
    role: 'read',
    tag: 'Limits',
    summary: 'What all of marketing does: conversions of those kept out of it, and of the others',
    description: 'Reads the id of every customer: slow where there are millions.',
    answers: { 200: { description: 'The report', schema: holdoutReport } },
    handle: async (_, api) => ok(await holdoutReportOf(api.store, await outlinesOf(api))),
  }),
  ...(Object.keys(decisions) as (keyof typeof decisions)[]).map((decision) =>
    route({
      method: 'post',
      path: `/v1/limits/{revision}/${decision}`,
      role: 'admin',
      tag: 'Limits',
      summary: decisions[decision],
      description: 'By another key than the one that wrote it.',
      params: z.object({ revision: z.string().regex(/^\d{1,15}$/, { error: 'must be a number' }).transform(Number) }), // prettier-ignore
      body: z.strictObject(reasoned),
      answers: { 200: { description: 'The revision as it is now', schema: revision } },
      problems: ['not-found', 'needs-another-key', 'decided-before', 'limits-changed'],
      async handle(call, api) {
        const { revision } = call.params
        const answer = await api.store.limits.decide(revision, decision, signatureOf(call), call.body.reason)
        return ok(toRevision(revisionIn(answer)))
      },
    }),
  ),
]

/** Throws the problem that the answer stands for. */
function revisionIn(answer: LimitsChanged | LimitsDecided): LimitsRevision {
  switch (answer.is) {
    case 'kept':
      return answer.revision
    case 'outdated':
      throw new Problem('limits-changed', `Revision ${answer.active} holds now.`)
    case 'own':
      throw new Problem('needs-another-key', 'This key wrote the draft.')
    case 'decided':
      throw new Problem('decided-before', `The revision is ${answer.state}.`)
    case 'unknown':
      throw new Problem('not-found', 'There is no such revision of the limits.')
  }
}

const toRevision = (row: LimitsRevision): z.output<typeof revision> => ({
  revision: row.revision,
  state: row.state,
  basedOn: row.basedOn,
  written: toWord(row.written),
  decided: toWord(row.decided),
  replacedAt: isoOrNull(row.replacedAt),
  limits: row.limits as z.output<typeof limits>,
})
