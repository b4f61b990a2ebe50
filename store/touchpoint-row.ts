import { createHash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import type { Row, Tx } from './schema'
import type { TouchpointRow } from './store'

/** The short hash under which a touchpoint is shown outside: the first 16 bytes of SHA-256, base64url. */
export const refOf = (touchpointId: string): string =>
  createHash('sha256').update(touchpointId).digest().subarray(0, 16).toString('base64url')

/** Whether the enrollment is known to have ended: nothing more is sent for it. */
export async function hasEnded(trx: Tx, enrollmentId: string, entry: number): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`select exists (
    select from enrollments where workflow_id = ${enrollmentId} and entry = ${entry} and status = 'ended'
  ) as ended`.execute(trx)
  return rows[0]!.ended
}

/** A day before the enrollment was recorded (clocks are set back), as an expression: its touchpoints are not older. 0: not known. */
export const recordingOf = (enrollmentId: string, entry: number): RawBuilder<number> => sql<number>`coalesce((
    select recorded_at - 86400000 from enrollments where workflow_id = ${enrollmentId} and entry = ${entry}
  ), 0)`

export const toTouchpoint = (row: Row<'touchpoints'>): TouchpointRow => ({
  id: row.id,
  ref: row.ref,
  enrollmentId: row.enrollment_id,
  entry: row.entry,
  journey: row.journey,
  customerId: row.customer_id,
  step: row.step,
  channel: row.channel,
  message: row.message,
  category: row.category,
  status: row.status,
  because: row.because,
  provider: row.provider,
  providerMessageId: row.provider_message_id,
  attempts: row.attempts,
  verdicts: row.verdicts,
  at: row.at,
  recordedAt: row.recorded_at,
})
