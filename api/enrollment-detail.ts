import { Problem } from '../sdk/problem'
import type { EnrollmentRow } from '../store/store'
import type { Api } from './deps'
import { clocksOf } from './clock'
import { iso, toEnrollment, type EnrollmentDetail } from './shapes'
import type { EnrollmentStatus, TimelineEntry } from './temporal-gateway'

/** The enrollment by its workflow's own word; by the record once it has ended or while Temporal cannot answer. */
export async function enrollmentDetail(id: string, api: Api): Promise<EnrollmentDetail | undefined> {
  const row = await api.store.enrollments.get(id)
  if (row?.status === 'ended') return fromRecord(row)
  const live = await ask(id, api, row)
  if (live) return fromWorkflow(live.status, live.timeline, api)
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

/** A status just heard from the workflow, as an answer. Its clock stands still between tasks: `now` is the customer's. */
export async function fromWorkflow(
  { asOf, waits, startedAheadMs: _, ...status }: EnrollmentStatus,
  timeline: readonly TimelineEntry[],
  api: Api,
): Promise<EnrollmentDetail> {
  const ended = status.status === 'ended'
  const ahead = (await clocksOf([status.customerId], api))(status.customerId)
  return {
    ...status,
    live: true,
    endedAt: ended ? asOf : null,
    now: ended ? asOf : iso(Date.now() + ahead),
    waits: waits.map(({ step, verb, since, until }) => ({ step, verb, since, until })),
    timeline: timeline.map((entry) => ({ ...entry })),
  }
}

function fromRecord(row: EnrollmentRow): EnrollmentDetail {
  const { enrolledBy: _, ...told } = toEnrollment(row)
  return {
    ...told,
    live: false,
    stage: null,
    waits: [],
    heldOut: row.outcome ? row.outcome.is === 'held out' : null,
    now: null,
    timeline: [],
  }
}
