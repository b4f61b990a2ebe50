import { sql } from 'kysely'
import { receiptEvents, type IncomingEvent, type Receipt, type ReceiptFact } from '../sdk'
import type { Append } from './append'
import { jsonText, storableTime } from './json'
import { note } from './receipt-notes'
import type { Db, Row, Tx } from './schema'
import type { AcceptedReceipts, ReceiptStore } from './store'
import { suppressionKey } from './suppressions'
import { transact } from './transact'
import type { Wake } from './wake'

/** How long a receipt waits for its touchpoint. */
const STRAY_FOR_MS = 24 * 60 * 60_000
const SOONEST_MS = 500
const LATEST_MS = 10 * 60_000
const LONGEST_ID = 200

export const receiptStore = (db: Db, wake: Wake, append: Append): ReceiptStore => ({
  async accept(provider, receipts) {
    if (receipts.length === 0) return { added: 0, customerIds: [] }
    const accepted = await transact(db, (trx) => accept(trx, provider, receipts, append))
    if (accepted.added > 0) wake.appended()
    return accepted
  },
  async place(limit) {
    const placed = await transact(db, (trx) => place(trx, limit, append))
    if (placed > 0) wake.appended()
    return placed
  },
  note: (touchpointId, receipt, providerMessageId) => note(db, touchpointId, receipt, providerMessageId),
})

async function accept(
  trx: Tx,
  provider: string,
  receipts: readonly Receipt[],
  append: Append,
): Promise<AcceptedReceipts> {
  const placeOf = await places(trx, provider, receipts)
  const events = receipts.flatMap((receipt) => {
    const found = placeOf(receipt)
    return found ? [eventOf(provider, receipt, found)] : []
  })
  const added = events.length > 0 ? await append(trx, events) : 0
  const strays = receipts.filter((receipt) => !placeOf(receipt))
  return {
    added: added + (await keepStrays(trx, provider, strays)),
    customerIds: [...new Set(events.map(({ customerId }) => customerId))],
  }
}

async function keepStrays(trx: Tx, provider: string, strays: readonly Receipt[]): Promise<number> {
  if (strays.length === 0) return 0
  const values = strays.map((receipt) => ({
    message_id: messageIdOf(provider, receipt),
    provider,
    receipt: jsonText(receipt),
  }))
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('stray_receipts')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  for (const receipt of strays) await stopStranger(trx, provider, receipt)
  return Number(numInsertedOrUpdatedRows)
}

/** There is no customer whose consent could be withdrawn, and the wish counts all the same. */
async function stopStranger(trx: Tx, provider: string, receipt: Receipt): Promise<void> {
  const address = receipt.kind === 'unsubscribed' ? addressOf(receipt) : undefined
  if (address === undefined) return
  await trx
    .insertInto('suppressions')
    .values({ address, reason: 'manual', source: provider, by: null, because: 'asked to stop' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function place(trx: Tx, limit: number, append: Append): Promise<number> {
  const { rows } = await sql<Row<'stray_receipts'>>`select * from stray_receipts
    where look_again_at <= wall_clock() order by look_again_at limit ${limit} for update skip locked`.execute(
    trx,
  )
  let placed = 0
  for (const provider of new Set(rows.map((row) => row.provider))) {
    const own = rows.filter((row) => row.provider === provider)
    placed += await placeOwn(trx, provider, own, append)
  }
  return placed
}

async function placeOwn(
  trx: Tx,
  provider: string,
  strays: readonly Row<'stray_receipts'>[],
  append: Append,
): Promise<number> {
  const placeOf = await places(
    trx,
    provider,
    strays.map(({ receipt }) => receipt),
  )
  const events = strays.flatMap(({ receipt }) => {
    const found = placeOf(receipt)
    return found ? [eventOf(provider, receipt, found)] : []
  })
  if (events.length > 0) await append(trx, events)
  await sql`delete from stray_receipts where message_id = any(${events.map(({ messageId }) => messageId)}::text[])
    or (message_id = any(${strays.map((row) => row.message_id)}::text[]) and received_at < wall_clock() - ${STRAY_FOR_MS}::bigint)`.execute(
    trx,
  )
  // Asked for again when it is twice as old.
  await sql`update stray_receipts
    set look_again_at = wall_clock() + least(greatest(wall_clock() - received_at, ${SOONEST_MS}), ${LATEST_MS})
    where message_id = any(${strays.map((row) => row.message_id)}::text[])`.execute(trx)
  return events.length
}

/** A touchpoint that a receipt means, and how far its customer's clock is ahead. */
type Place = Pick<
  Row<'touchpoints'>,
  | 'id'
  | 'ref'
  | 'enrollment_id'
  | 'entry'
  | 'journey'
  | 'customer_id'
  | 'step'
  | 'channel'
  | 'message'
  | 'provider_message_id'
> & { readonly address: string | null; readonly ahead: number }

const found = sql`touchpoints.id, ref, enrollment_id, entry, journey, customer_id, step, channel, message,
  provider_message_id, address, coalesce((select clock_offset_ms from customers where customers.id = customer_id), 0) as ahead`

/** Finds by our own ref, by the provider's id of the message, and for answers by the newest message to the address. */
async function places(
  trx: Tx,
  provider: string,
  receipts: readonly Receipt[],
): Promise<(receipt: Receipt) => Place | undefined> {
  const byRef = await placed(trx, receipts, ({ ref }) => ref, 'ref', sql`ref = any`)
  const ofProvider = sql`provider = ${provider} and provider_message_id = any`
  const byId = await placed(
    trx,
    receipts,
    ({ providerMessageId }) => providerMessageId,
    'provider_message_id',
    ofProvider,
  )
  const byAddress = await newestTo(trx, receipts)
  return (receipt) =>
    byRef.get(receipt.ref ?? '') ??
    byId.get(receipt.providerMessageId ?? '') ??
    byAddress.get(receipt.from ? placeKey(receipt.from.channel, addressOf(receipt) ?? '') : '')
}

async function placed(
  trx: Tx,
  receipts: readonly Receipt[],
  keyOf: (receipt: Receipt) => string | undefined,
  column: 'ref' | 'provider_message_id',
  condition: ReturnType<typeof sql>,
): Promise<Map<string, Place>> {
  const keys = [...new Set(receipts.flatMap((receipt) => keyOf(receipt) ?? []))]
  if (keys.length === 0) return new Map()
  const { rows } =
    await sql<Place>`select ${found} from touchpoints where ${condition} (${keys}::text[])`.execute(trx)
  return new Map(rows.map((row) => [row[column]!, row]))
}

async function newestTo(trx: Tx, receipts: readonly Receipt[]): Promise<Map<string, Place>> {
  const asked = receipts.filter(({ from }) => from)
  if (asked.length === 0) return new Map()
  const channels = asked.map(({ from }) => from!.channel)
  const addresses = asked.map((receipt) => addressOf(receipt) ?? '')
  const { rows } =
    await sql<Place>`select newest.* from unnest(${channels}::text[], ${addresses}::text[]) as asked (channel, address)
    cross join lateral (
      select ${found} from touchpoints where address = asked.address and channel = asked.channel
        and status in ('sending', 'sent', 'unknown')
      order by recorded_at desc limit 1
    ) as newest`.execute(trx)
  return new Map(rows.map((row) => [placeKey(row.channel, row.address!), row]))
}

const placeKey = (channel: string, address: string): string => `${channel} ${address}`

const addressOf = ({ from }: Receipt): string | undefined =>
  from && suppressionKey(from.channel, from.address)

const messageIdOf = (provider: string, { id }: Receipt): string =>
  `receipt:${provider}:${id.slice(0, LONGEST_ID)}`

function eventOf(provider: string, receipt: Receipt, place: Place): IncomingEvent {
  const { id, kind, at, hard, machine, url, text, because } = receipt
  const detail = { hard, machine, url, text, because }
  const fact: ReceiptFact = {
    kind,
    receipt: id,
    touchpoint: place.id,
    enrollment: place.enrollment_id,
    entry: place.entry,
    journey: place.journey,
    step: place.step,
    channel: place.channel,
    message: place.message,
    provider,
    providerMessageId: receipt.providerMessageId ?? place.provider_message_id ?? undefined,
    ...detail,
  }
  return {
    messageId: messageIdOf(provider, receipt),
    kind: 'receipt',
    customerId: place.customer_id,
    name: receiptEvents[kind],
    properties: { ...fact },
    occurredAt: storableTime(at) + place.ahead,
  }
}
