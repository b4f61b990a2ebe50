import { z } from 'zod'
import { Problem } from '../../sdk/problem'
import type { EnrollmentFilter, EnrollmentRow, Page } from '../../store/store'
import type { Api } from '../deps'
import { enrollmentDetail as detailOf } from '../enrollment-detail'
import { customerIdText, enrollmentId, pageQuery, word } from '../fields'
import { pageFrom } from '../page'
import { ok, route, type Route } from '../route'
import { enrollment, enrollmentDetail, pageOf, toEnrollment } from '../shapes'

const query = z.strictObject({
  customerId: customerIdText.optional(),
  journey: word.optional(),
  status: z.enum(['running', 'paused', 'ended'], { error: 'must be running, paused or ended' }).optional(),
  step: word.optional().describe('Only enrollments that wait at this step now'),
  build: word.optional().describe('Only enrollments that began on this build'),
  ...pageQuery,
})

type Query = z.output<typeof query>

export const enrollmentRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/v1/enrollments',
    role: 'read',
    tag: 'Enrollments',
    summary: 'Enrollments, newest first',
    description: 'With `step` they come from Temporal’s list, which may be a moment behind.',
    query,
    answers: { 200: { description: 'Enrollments', schema: pageOf(enrollment) } },
    problems: ['temporal-unavailable'],
    handle: async ({ query }, api) =>
      ok(query.step === undefined ? await recorded(query, api) : await waiting(query.step, query, api)),
  }),
  route({
    method: 'get',
    path: '/v1/enrollments/{id}',
    role: 'read',
    tag: 'Enrollments',
    summary: 'An enrollment, from the running workflow itself where it answers',
    params: z.object({ id: enrollmentId }),
    answers: { 200: { description: 'The enrollment', schema: enrollmentDetail } },
    problems: ['not-found'],
    async handle({ params: { id } }, api) {
      const found = await detailOf(id, api)
      if (!found) throw new Problem('not-found', `There is no enrollment "${id}".`)
      return ok(found)
    },
  }),
]

async function recorded({ limit, cursor, ...filter }: Query, api: Api) {
  const page = await pageFrom(api.store.enrollments.list(recordedIn(filter), { limit, cursor }), (row) => row)
  const live = page.items.filter(({ status }) => status !== 'ended').map(({ id }) => id)
  // Where they wait is worth showing, and not worth failing for.
  const steps =
    live.length > 0
      ? await api.temporal.stepsOf(live).catch(() => new Map<string, string>())
      : new Map<string, string>()
  return withSteps(page, (row) => (row.status === 'ended' ? null : (steps.get(row.id) ?? null)))
}

async function waiting(step: string, { limit, cursor, ...filter }: Query, api: Api) {
  const { ids, next } = await api.temporal.listByStep(step, filter.journey, limit, cursor)
  if (ids.length === 0) return { items: [], next }
  const { items } = await api.store.enrollments.list({ ...recordedIn(filter), ids }, { limit: 200 })
  return withSteps({ items: items.filter(({ status }) => status !== 'ended'), next }, () => step)
}

const recordedIn = ({ customerId, journey, status, build }: EnrollmentFilter): EnrollmentFilter => ({
  build,
  customerId,
  journey,
  status,
})

const withSteps = ({ items, next }: Page<EnrollmentRow>, stepOf: (row: EnrollmentRow) => string | null) => ({
  items: items.map((row) => toEnrollment(row, stepOf(row))),
  next,
})
