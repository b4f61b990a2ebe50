import { Problem } from '../sdk/problem'
import type { EnrollmentRow } from '../store/store'
import type { Api } from './deps'
import { toEnrollment, type EnrollmentDetail } from './shapes'
import type { EnrollmentStatus, TimelineEntry } from './temporal-gateway'

/** The enrollment by its workflow's own word; by the record once it has ended or while Temporal cannot answer. */
export async function enrollmentDetail(id: string, api: Api): Promise<EnrollmentDetail | undefined> {
  const row = await api.store.enrollments.get(id)
  if (row?.status === 'ended') return fromRecord(row)
  const live = await ask(id, api, row)
  if (live) return fromWorkflow(live.status, live.timeline)
  return row && fromRecord(row)
}

/** Throws when there is no record either: then nobody knows whether there is such an enrollment. */
async function ask(id: string, api: Api, row: EnrollmentRow | undefined) {
  try {
    const [status, timeline] = await Promise.all([api.temporal.status(id), api.temporal.timeline(id)])
    return status && { status, timeline }
  } catch (error) {
    if (row && error instanceof Problem) return undefined
    throw error
  }
}

/** A status just heard from the workflow, as an answer. */
export const fromWorkflow = (
  status: EnrollmentStatus,
  timeline: readonly TimelineEntry[],
): EnrollmentDetail => ({
  id: status.id,
  entry: status.entry,
  journey: status.journey,
  customerId: status.customerId,
  key: status.key,
  status: status.status,
  step: status.step,
  outcome: status.outcome,
  startedAt: status.startedAt,
  endedAt: status.status === 'ended' ? status.now : null,
  live: true,
  stage: status.stage,
  waits: status.waits.map(({ step, verb, since, until }) => ({ step, verb, since, until })),
  heldOut: status.heldOut,
  now: status.now,
  timeline: timeline.map((entry) => ({ ...entry })),
})

const fromRecord = (row: EnrollmentRow): EnrollmentDetail => ({
  ...toEnrollment(row),
  live: false,
  stage: null,
  waits: [],
  heldOut: row.outcome ? row.outcome.is === 'held out' : null,
  now: null,
  timeline: [],
})
