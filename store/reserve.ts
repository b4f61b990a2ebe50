import { sql } from 'kysely'
import { newestConsent } from './consents'
import { customerIn } from './customers'
import { jsonText, storableTime } from './json'
import type { Row, Tx } from './schema'
import type { Judge, Reservation, TouchpointRequest } from './store'
import { hasEnded, refOf, toTouchpoint } from './touchpoint-row'
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
  const row = await find(trx, request.id)
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

const find = (trx: Tx, id: string): Promise<Found | undefined> =>
  trx
    .selectFrom('touchpoints')
    .selectAll()
    .select(now.as('wall_clock'))
    .where('id', '=', id)
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
  if (await hasEnded(trx, request.enrollmentId, request.entry)) return ended
  return judge({
    customer: await customerIn(trx, customerId),
    consent: await newestConsent(trx, customerId, request.channel, request.category),
  })
}

const ended: Judged = {
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
