import { sql } from 'kysely'
import type { KeptReceipt, ReceiptKind } from '../sdk'
import { jsonText } from './json'
import type { Db, Row } from './schema'
import type { TouchpointRow } from './store'
import { toTouchpoint } from './touchpoint-row'

/** A mail may be opened any number of times. */
const MOST = 50

/** What only a message that was handed over can bring about. */
const proofs: readonly ReceiptKind[] = ['delivered', 'bounced', 'deferred', 'opened', 'clicked', 'complained']

/** Notes a receipt at its touchpoint, once. */
export async function note(
  db: Db,
  touchpointId: string,
  receipt: KeptReceipt,
  providerMessageId: string | undefined,
): Promise<TouchpointRow | undefined> {
  const proves = proofs.includes(receipt.kind)
  const settles = sql<boolean>`(${proves} and status in ('sending', 'retrying', 'unknown'))`
  const { rows } = await sql<Row<'touchpoints'>>`update touchpoints set
      receipts = case
        when receipts @> ${jsonText([{ id: receipt.id }])}::jsonb then receipts
        when jsonb_array_length(receipts) >= ${MOST} then (receipts - 0) || ${jsonText([receipt])}::jsonb
        else receipts || ${jsonText([receipt])}::jsonb
      end,
      because = case when ${settles} then null else because end,
      lease_until = case when ${settles} then null else lease_until end,
      provider_message_id = case when ${settles} then coalesce(${providerMessageId ?? null}, provider_message_id)
        else provider_message_id end,
      status = case when ${settles} then 'sent' else status end
    where id = ${touchpointId} returning *`.execute(db)
  return rows[0] && toTouchpoint(rows[0])
}
