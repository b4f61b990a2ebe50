import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { DecisionPlace, DecisionRow, SettingsRevision } from '../../store/store'
import { reasoned, signatureOf, toWord, word as orderWord } from '../author'
import { decisionReport, evaluation, evaluationOf, reportOf } from '../decision-report'
import { periods, regretOf, regretReport, upliftOf, upliftReport } from '../decision-regret'
import type { Api } from '../deps'
import { customerIdText, pageQuery, word } from '../fields'
import { pageFrom } from '../page'
import { POLICY_TEXTS, policyIn } from '../policy-text'
import { ok, route, type Route } from '../route'
import { instant, iso, isoOrNull, pageOf } from '../shapes'
import { outlinesOf } from './journeys'

const figures = (least: number, of: string) =>
  z
    .record(word, z.number({ error: 'must be a number' }).min(least, { error: `must be at least ${least}` }))
    .describe(of)

const settings = z
  .strictObject({
    stopped: z.boolean().describe('true: nothing is decided; everybody gets what the journey says otherwise'),
    off: z.array(word).describe('Arms that are not offered'),
    levers: figures(-100, 'In percent on top of what the journey says, by arm'),
    weights: figures(
      0,
      'In place of a fixed policy’s shares, by arm; also where a model falls back to it',
    ).optional(),
    modelOff: z.boolean().describe('true: no model is asked; its fallback chooses').optional(),
  })
  .meta({ id: 'DecisionSettings' })

const revision = z
  .object({
    revision: z.int().describe('0: none was written'),
    settings,
    written: orderWord.nullable(),
  })
  .meta({ id: 'DecisionSettingsRevision' })

const decision = z
  .object({
    id: z.string(),
    journey: z.string(),
    step: z.string(),
    arm: z.string(),
    how: z.enum(['policy', 'kept', 'otherwise']),
    propensity: z.number().describe('The chance with which the arm was drawn'),
    policy: z.looseObject({ is: z.string() }),
    version: z.string(),
    learned: z.int().describe('How many settled decisions the policy had learned from'),
    settings: z.int().describe('The revision of the settings'),
    context: z.looseObject({}),
    arms: z.array(z.looseObject({ arm: z.string(), propensity: z.number(), score: z.number() })),
    model: z
      .looseObject({ is: z.enum(['used', 'fell-back']) })
      .nullable()
      .describe('What became of asking a model: `version`, or `to` which policy it fell back, and `because`'),
    lookup: z
      .looseObject({ is: z.enum(['found', 'no-row', 'unread']) })
      .nullable()
      .describe('What became of looking the customer up in a database of yours, and why; no values'),
    shadow: z
      .looseObject({ is: z.enum(['chose', 'failed']) })
      .nullable()
      .describe('What a policy in the shadow of this one would have chosen, with which chances; or why not'),
    passedOver: z.array(
      z.object({
        arm: z.string(),
        because: z.string(),
        rule: z.string().optional().describe('Withheld: the contact rule that would not let its message out'),
        said: z.string().optional().describe('What the rule said, with its figures'),
      }),
    ),
    at: instant,
    closesAt: instant.describe('Rewards that come later do not count'),
    state: z.enum(['open', 'closed']),
    reward: z.number().nullable(),
    rewardedAt: instant.nullable(),
    rewardedBy: z.string().nullable().describe('The messageId'),
  })
  .meta({ id: 'Decision' })

const place = z.object({ name: word, step: word })

export const decisionRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/journeys/{name}/decisions',
    role: 'read',
    tag: 'Decisions',
    summary: 'What a journey decided: arms, shares and rewards',
    params: z.object({ name: word }),
    answers: {
      200: { description: 'A report for each step', schema: z.object({ items: z.array(decisionReport) }) },
    },
    handle: async ({ params }, api) => ok({ items: await reportOf(api.store, params.name) }),
  }),
  route({
    method: 'get',
    path: '/v1/journeys/{name}/decisions/{step}/evaluation',
    role: 'read',
    tag: 'Decisions',
    summary: 'What another policy would have brought, from the log',
    params: place,
    query: z.strictObject({ policy: word.describe(`One of: ${POLICY_TEXTS}`) }),
    answers: { 200: { description: 'Estimates, and what speaks against them', schema: evaluation } },
    async handle({ params: { name, step }, query }, api) {
      const policy = policyIn(query.policy)
      if (!policy) refuse('policy', `must be one of: ${POLICY_TEXTS}`)
      return ok(await evaluationOf(api.store, { journey: name, step }, policy))
    },
  }),
  route({
    method: 'get',
    path: '/v1/journeys/{name}/decisions/{step}/regret',
    role: 'read',
    tag: 'Decisions',
    summary: 'Arms, rewards and estimated regret, day by day or week by week',
    params: place,
    query: z.strictObject({
      by: z.enum(periods, { error: `must be ${periods.join(' or ')}` }).default('week'),
    }),
    answers: { 200: { description: 'The report, the earliest period first', schema: regretReport } },
    handle: async ({ params, query }, api) => ok(await regretOf(api.store, placeOf(params), query.by)),
  }),
  route({
    method: 'get',
    path: '/v1/journeys/{name}/decisions/{step}/uplift',
    role: 'read',
    tag: 'Decisions',
    summary: 'Whether an arm moves those whom the policy expects it to move, beside another arm',
    params: place,
    query: z.strictObject({ arm: word, against: word.describe('Such as an arm that does nothing') }),
    answers: { 200: { description: 'The Qini curve and what it comes to', schema: upliftReport } },
    handle: async ({ params, query: { arm, against } }, api) =>
      ok(await upliftOf(api.store, placeOf(params), arm, against)),
  }),
  route({
    method: 'get',
    path: '/v1/journeys/{name}/decisions/{step}/settings',
    role: 'read',
    tag: 'Decisions',
    summary: 'The settings of a decision that hold, with who wrote them, when and why',
    params: place,
    answers: { 200: { description: 'The settings', schema: revision } },
    handle: async ({ params }, api) => ok(toRevision(await api.store.decisions.settings(placeOf(params)))),
  }),
  route({
    method: 'get',
    path: '/v1/journeys/{name}/decisions/{step}/settings/history',
    role: 'read',
    tag: 'Decisions',
    summary: 'Every revision of the settings, newest first',
    params: place,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'Revisions', schema: pageOf(revision) } },
    handle: async ({ params, query }, api) =>
      ok(await pageFrom(api.store.decisions.settingsHistory(placeOf(params), query), toRevision)),
  }),
  route({
    method: 'put',
    path: '/v1/journeys/{name}/decisions/{step}/settings',
    role: 'operate',
    tag: 'Decisions',
    summary: 'Switch arms off, change their weights, or stop deciding',
    description: 'A full document; it counts from the next decision on.',
    params: place,
    body: z.strictObject({
      settings,
      ...reasoned,
      basedOn: z.int().min(0).nullish().describe('The revision you read; 409 when another holds'),
    }),
    answers: { 200: { description: 'They hold', schema: revision } },
    problems: ['not-found', 'settings-changed'],
    async handle(call, api) {
      const { settings, reason: because, basedOn } = call.body
      await checkArms(call.params, settings, api)
      const change = { settings, author: signatureOf(call), because, basedOn: basedOn ?? undefined }
      const changed = await api.store.decisions.changeSettings(placeOf(call.params), change)
      if (changed.is === 'outdated')
        throw new Problem('settings-changed', `Revision ${changed.active} holds now.`)
      return ok(toRevision(changed.revision))
    },
  }),
  route({
    method: 'get',
    path: '/v1/customers/{id}/decisions',
    role: 'read',
    tag: 'Decisions',
    summary: 'What was decided for a customer, newest first, and why',
    params: z.object({ id: customerIdText }),
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'Decisions', schema: pageOf(decision) } },
    handle: async ({ params: { id }, query }, api) =>
      ok(await pageFrom(api.store.decisions.ofCustomer(id, query), toDecision)),
  }),
]

const placeOf = ({ name, step }: z.output<typeof place>): DecisionPlace => ({ journey: name, step })

/** Throws a Problem when the newest build has no such decision, or it no such arm. */
async function checkArms(
  { name, step }: z.output<typeof place>,
  { off, levers, weights = {} }: z.output<typeof settings>,
  api: Api,
): Promise<void> {
  const journey = (await outlinesOf(api)).find((each) => each.name === name)
  const arms = journey?.steps.find(({ id }) => id === step)?.arms
  if (!arms) throw new Problem('not-found', `There is no decision "${step}" in a journey "${name}".`)
  const unknown = [...off, ...Object.keys(levers), ...Object.keys(weights)].find((arm) => !arms.includes(arm))
  if (unknown !== undefined) refuse('settings', `knows no arm "${unknown}"; there are: ${arms.join(', ')}`)
}

function refuse(path: string, message: string): never {
  throw new Problem('invalid-request', `${path}: ${message}.`, [{ path, message }])
}

const toRevision = ({
  revision: number,
  settings,
  written,
}: SettingsRevision): z.output<typeof revision> => ({
  revision: number,
  settings: settings as z.output<typeof revision>['settings'],
  written: toWord(written),
})

function toDecision(row: DecisionRow): z.output<typeof decision> {
  const { enrollmentId: _, entry: _at, customerId: _of, rewardRule: _rule, ...told } = row
  const { recordedAt: _when, position: _where, ...shown } = told
  return {
    ...shown,
    policy: { ...row.policy },
    model: row.model ? { ...row.model } : null,
    lookup: row.lookup ? { ...row.lookup } : null,
    shadow: row.shadow ? { ...row.shadow } : null,
    context: { ...row.context },
    arms: row.arms.map((each) => ({ ...each })),
    passedOver: row.passedOver.map((each) => ({ ...each })),
    at: iso(row.at),
    closesAt: iso(row.closesAt),
    rewardedAt: isoOrNull(row.rewardedAt),
  }
}
