import { z } from 'zod'
import type { JourneyOutline, StepOutline } from '../../sdk'
import { Problem } from '../../sdk/problem'
import type { Api } from '../deps'
import { enroll } from '../enroll'
import { customerId, duration, key, messageId, pageQuery, properties, when, word } from '../fields'
import { journeyReport, journeyReportOf } from '../journey-report'
import { ok, route, type Route } from '../route'
import { enrollment, pageOf } from '../shapes'

const counts = z.object({
  running: z.int(),
  paused: z.int(),
  ended: z.int(),
  outcomes: z.record(z.string(), z.int()),
})

export const eventUse = z.object({ name: z.string(), conditions: z.looseObject({}) })

const journeyFields = {
  name: z.string(),
  description: z.string(),
  enrollOn: z.array(eventUse),
  key: z.string().nullable().describe('The property with one enrollment for each value'),
  reentry: z.union([z.enum(['once', 'after-end']), z.object({ after: z.string() })]),
  goal: z.object({ on: z.array(eventUse), within: z.string().nullable() }).nullable(),
  exitOn: z.array(eventUse),
  holdout: z.number(),
  category: z.enum(['marketing', 'transactional']),
  priority: z.number(),
  stages: z.array(z.string()),
  counts,
}

const journey = z.object(journeyFields).meta({ id: 'Journey' })

const step = z.object({
  id: z.string(),
  verb: z.string(),
  stage: z.string().nullable(),
  messages: z
    .array(z.object({ channel: z.string(), template: z.string(), endpoint: z.string().optional() }))
    .describe('What a send may send'),
  waiting: z.int().nullable().describe('Enrollments that wait here; null when Temporal does not answer'),
})

const journeyDetail = z.object({ ...journeyFields, steps: z.array(step) }).meta({ id: 'JourneyDetail' })

const params = z.object({ name: word })

export const journeyRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/journeys',
    role: 'read',
    tag: 'Journeys',
    summary: 'The journeys of the newest build, by name',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'Journeys', schema: pageOf(journey) } },
    async handle({ query: { limit, cursor = '' } }, api) {
      const outlines = await outlinesOf(api)
      const rest = outlines.filter(({ name }) => name > cursor)
      const items = await Promise.all(rest.slice(0, limit).map((outline) => toJourney(outline, api)))
      return ok({ items, next: rest.length > limit ? items.at(-1)!.name : null })
    },
  }),
  route({
    method: 'get',
    path: '/v1/journeys/{name}',
    role: 'read',
    tag: 'Journeys',
    summary: 'A journey: its definition, and how many wait at each step',
    params,
    answers: { 200: { description: 'The journey', schema: journeyDetail } },
    problems: ['not-found'],
    async handle({ params: { name } }, api) {
      const outline = await outlineOf(name, api)
      const waiting = await waitingAt(outline, api)
      return ok({
        ...(await toJourney(outline, api)),
        steps: outline.steps.map((each) => toStep(each, waiting)),
      })
    },
  }),
  route({
    method: 'get',
    path: '/v1/journeys/{name}/report',
    role: 'read',
    tag: 'Journeys',
    summary: 'What a journey does, against its holdout: conversions, and calls, chats and visits avoided',
    params,
    query: z.strictObject({
      within: duration
        .optional()
        .describe('How long after it began a conversion counts; default: the goal’s time'),
      since: when.optional().describe('Customers who first came then or later; default: all'),
    }),
    answers: { 200: { description: 'The report', schema: journeyReport } },
    problems: ['not-found'],
    handle: async ({ params, query }, api) =>
      ok(await journeyReportOf(api.store, await outlineOf(params.name, api), query)),
  }),
  route({
    method: 'post',
    path: '/v1/journeys/{name}/enrollments',
    role: 'operate',
    tag: 'Journeys',
    summary: 'Enroll a customer',
    description:
      'Waits a few seconds for the enrollment to begin. The same messageId (or Idempotency-Key) enrolls once, however often it is sent.',
    params,
    body: z.strictObject({
      customerId,
      key: key.nullish().describe('Where the journey has one enrollment per key'),
      properties: properties.nullish().describe('What the journey gets as its trigger'),
      messageId: messageId.nullish().describe('Instead of the Idempotency-Key header'),
    }),
    answers: {
      200: { description: 'This request enrolled the customer before', schema: enrollment },
      201: { description: 'Enrolled', schema: enrollment },
      202: {
        description: 'Stored; the enrollment has not begun yet',
        schema: z.object({ id: z.string(), messageId: z.string() }),
      },
    },
    problems: ['not-found', 'refused', 'message-id-taken'],
    handle: async ({ params, body, idempotencyKey }, api) =>
      enroll(
        await outlineOf(params.name, api),
        { ...body, messageId: body.messageId ?? idempotencyKey },
        api,
      ),
  }),
]

/** Throws the problem `not-found`. */
export async function outlineOf(name: string, api: Api): Promise<JourneyOutline> {
  const outline = (await outlinesOf(api)).find((each) => each.name === name)
  if (!outline) throw new Problem('not-found', `There is no journey "${name}".`)
  return outline
}

/** The newest build's journeys by name. */
export async function outlinesOf(api: Api): Promise<JourneyOutline[]> {
  const journeys = Object.values((await api.manifest())?.journeys ?? {})
  return journeys.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** Steps without a figure when Temporal does not answer: the rest of the journey is worth showing. */
const waitingAt = (outline: JourneyOutline, api: Api): Promise<Readonly<Record<string, number>>> =>
  api.temporal.countByStep(outline.name, outline.steps.map(({ id }) => id)).catch(() => ({})) // prettier-ignore

const toStep = ({ id, verb, stage, messages }: StepOutline, waiting: Readonly<Record<string, number>>) => ({
  id,
  verb,
  stage: stage ?? null,
  messages: messages ?? [],
  waiting: Object.hasOwn(waiting, id) ? waiting[id]! : null,
})

const toJourney = async (outline: JourneyOutline, api: Api) => ({
  name: outline.name,
  description: outline.description,
  enrollOn: outline.enrollOn,
  key: outline.key ?? null,
  reentry: outline.reentry,
  goal: outline.goal ? { on: outline.goal.on, within: outline.goal.within ?? null } : null,
  exitOn: outline.exitOn,
  holdout: outline.holdout,
  category: outline.category,
  priority: outline.priority,
  stages: outline.stages,
  counts: await api.store.enrollments.counts(outline.name),
})
