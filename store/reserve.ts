import { sql } from 'kysely'
import { customerIn } from './customers'
import { jsonText, storableTime } from './json'
import type { Row, Tx } from './schema'
import type { ContactFacts, Judge, Reservation, TouchpointRequest } from './store'
import { recordingOf, refOf, toTouchpoint } from './touchpoint-row'
import { lockCustomer, now } from './transact'

const LONGEST_PAUSE_MS = 5_000

type Found = Row<'touchpoints'> & { wall_clock: number }
type Judged = ReturnType<Judge>

/** Under the customer's lock, so that what the judge is told stays true until the row is there. */
export async function reserve(
  trx: Tx,
  request: TouchpointRequest,
  leaseMs: number,
  judge: Judge,
): Promise<Reservation> {
  const customerId = await lockCustomer(trx, request.customerId)
  const row = await find(trx, request)
  if (row?.status === 'sending') return begun(trx, row, leaseMs)
  if (row && row.status !== 'retrying') return { is: 'settled', touchpoint: toTouchpoint(row) }
  const judged = await judgement(trx, request, customerId, judge)
  const kept = row
    ? await retry(trx, row, judged, leaseMs)
    : await record(trx, request, customerId, judged, leaseMs)
  return judged.allows
    ? { is: 'reserved', attempt: kept.attempts }
    : { is: 'settled', touchpoint: toTouchpoint(kept) }
}

/** Not older than its enrollment: later partitions alone are read. */
const find = (trx: Tx, { id, enrollmentId, entry }: TouchpointRequest): Promise<Found | undefined> =>
  trx
    .selectFrom('touchpoints')
    .selectAll()
    .select(now.as('wall_clock'))
    .where('id', '=', id)
    .where('recorded_at', '>=', recordingOf(enrollmentId, entry))
    .executeTakeFirst()

/** Another attempt began: it may still be at it, or its process died with the end unknown. */
async function begun(trx: Tx, row: Found, leaseMs: number): Promise<Reservation> {
  const rest = row.lease_until! - row.wall_clock
  if (rest > 0) return { is: 'busy', retryMs: Math.min(rest, LONGEST_PAUSE_MS) }
  const { attempts } = await trx
    .updateTable('touchpoints')
    .set({ attempts: row.attempts + 1, lease_until: leased(leaseMs) })
    .where('id', '=', row.id)
    .returning('attempts')
    .executeTakeFirstOrThrow()
  return { is: 'interrupted', attempt: attempts }
}

const leased = (leaseMs: number) => sql<number>`${now} + ${leaseMs}::bigint`

async function judgement(
  trx: Tx,
  request: TouchpointRequest,
  customerId: string,
  judge: Judge,
): Promise<Judged> {
  const { ended, consent } = await standing(trx, request, customerId)
  return ended ? withdrawn : judge({ customer: await customerIn(trx, customerId), consent })
}

/** Whether the enrollment has ended, and the customer's last word on the channel and category; one round trip. */
async function standing(
  trx: Tx,
  { enrollmentId, entry, channel, category }: TouchpointRequest,
  customerId: string,
): Promise<{ ended: boolean; consent: ContactFacts['consent'] }> {
  const { rows } = await sql<{ ended: boolean; consent: ContactFacts['consent'] | null }>`select
    exists (
      select from enrollments where workflow_id = ${enrollmentId} and entry = ${entry} and status = 'ended'
    ) as ended,
    (
      select state from consents
      where customer_id = ${customerId} and channel = ${channel} and category = ${category}
      order by occurred_at desc, id desc limit 1
    ) as consent`.execute(trx)
  const { ended, consent } = rows[0]!
  return { ended, consent: consent ?? undefined }
}

const withdrawn: Judged = {
  allows: false,
  because: 'withdrawn',
  verdicts: [{ rule: 'enrollment', allows: false, because: 'it has ended' }],
}

const stateAfter = ({ allows, because, verdicts }: Judged, leaseMs: number) => ({
  status: allows ? ('sending' as const) : ('withheld' as const),
  because: allows ? null : because,
  verdicts: jsonText(verdicts),
  lease_until: allows ? leased(leaseMs) : null,
})

const retry = (trx: Tx, row: Found, judged: Judged, leaseMs: number): Promise<Row<'touchpoints'>> =>
  trx
    .updateTable('touchpoints')
    .set({ ...stateAfter(judged, leaseMs), attempts: row.attempts + (judged.allows ? 1 : 0) })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow()

const record = (
  trx: Tx,
  request: TouchpointRequest,
  customerId: string,
  judged: Judged,
  leaseMs: number,
): Promise<Row<'touchpoints'>> =>
  trx
    .insertInto('touchpoints')
    .values({
      id: request.id,
      ref: refOf(request.id),
      enrollment_id: request.enrollmentId,
      entry: request.entry,
      journey: request.journey,
      customer_id: customerId,
      step: request.step,
      channel: request.channel,
      message: request.message,
      category: request.category,
      provider: request.provider,
      attempts: judged.allows ? 1 : 0,
      at: storableTime(request.at),
      ...stateAfter(judged, leaseMs),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
