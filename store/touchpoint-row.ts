import { createHash } from 'node:crypto'
import { sql } from 'kysely'
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
  topic: row.topic,
  status: row.status,
  because: row.because,
  priority: row.priority,
  heldUntil: row.held_until,
  expiresAt: row.expires_at,
  provider: row.provider,
  providerMessageId: row.provider_message_id,
  attempts: row.attempts,
  verdicts: row.verdicts,
  address: row.address,
  receipts: row.receipts,
  at: row.at,
  recordedAt: row.recorded_at,
})
