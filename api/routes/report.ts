import { z } from 'zod'
import { addExact, isDuration, type Duration } from '../../sdk/time'
import { word, when } from '../fields'
import { journeyReport, journeyReportOf } from '../journey-report'
import { ok, route } from '../route'
import { outlineOf } from './journeys'

const DEFAULT_SINCE_MS = 90 * 86_400_000

/** What a journey adds, and which contacts it spares. */
export const reportRoute = route({
  method: 'get',
  path: '/v1/journeys/{name}/report',
  role: 'read',
  tag: 'Journeys',
  summary: 'What a journey does, against its holdout: conversions, and calls, chats and visits avoided',
  description: 'Of enrollments whose time is over, by the wall clock.',
  params: z.object({ name: word }),
  query: z.strictObject({
    since: when.optional().describe('Enrollments that began since then; left out: 90 days'),
    within: z
      .string()
      .refine(isDuration, { error: "must be a duration such as '14 days'" })
      .optional()
      .describe('How long after its begin a contact counts; left out: 14 days'),
  }),
  answers: { 200: { description: 'The report', schema: journeyReport } },
  problems: ['not-found'],
  async handle({ params: { name }, query }, api) {
    await outlineOf(name, api)
    const within = (query.within ?? '14 days') as Duration
    const since = query.since ?? Date.now() - DEFAULT_SINCE_MS
    return ok(await journeyReportOf(api.store, name, { since, within, withinMs: addExact(0, within) }))
  },
})
