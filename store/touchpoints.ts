import { CompiledQuery, sql } from 'kysely'
import { readContact } from './contact-facts'
import type { ActiveLimits } from './limits'
import { pageOf, type Sorting } from './page'
import { prepared } from './prepared'
import { reserve, touchpointColumns } from './reserve'
import type { Db, Row, Tx } from './schema'
import type { Fate, TouchpointStore } from './store'
import { hasEnded, toTouchpoint } from './touchpoint-row'
import { canonical, contactChanges, lockCustomer, now, repeated, transact } from './transact'

const byTime: Sorting<Row<'touchpoints'>> = {
  columns: [
    { name: 'recorded_at', type: 'number' },
    { name: 'id', type: 'string' },
  ],
  keyOf: (row) => [row.recorded_at, row.id],
}

export const touchpointStore = (db: Db, limits: ActiveLimits): TouchpointStore => ({
  reserve: (request, leaseMs, judge) => repeated(() => reserve(db, limits, request, leaseMs, judge)),
  facts: async (question, address) => (await readContact(db, limits, question, address)).facts,
  async settle(id, fate, recordedAt) {
    const row = await settlements[fate.status](db, id, fate, recordedAt)
    return toTouchpoint(row ?? (await existing(db, id)))
  },
  async get(id) {
    const row = await rows(db).where('id', '=', id).executeTakeFirst()
    return row && toTouchpoint(row)
  },
  async byRef(ref) {
    const row = await rows(db).where('ref', '=', ref).executeTakeFirst()
    return row && toTouchpoint(row)
  },
  ofCustomer: (customerId, page) =>
    pageOf(
      page,
      byTime,
      (after, order, count) =>
        rows(db)
          .where('customer_id', '=', canonical(customerId))
          .where(after)
          .orderBy(order)
          .limit(count)
          .execute(),
      toTouchpoint,
    ),
  async ofEnrollment(id, entry) {
    const found = await newest(db).where('enrollment_id', '=', id).where('entry', '=', entry).execute()
    return found.map(toTouchpoint)
  },
  async latest(limit) {
    return (await newest(db).limit(limit).execute()).map(toTouchpoint)
  },
})

const rows = (db: Db | Tx) => db.selectFrom('touchpoints').selectAll()
const newest = (db: Db) => rows(db).orderBy('recorded_at', 'desc').orderBy('id', 'desc')

type Settlement = (db: Db, id: string, fate: Fate, at?: number) => Promise<Row<'touchpoints'> | undefined>

const settlements: Record<Fate['status'], Settlement> = {
  sent: (db, ...fate) => settle(db, ...fate),
  unknown: (db, ...fate) => settle(db, ...fate),
  failed: (db, ...fate) => transact(db, (trx) => refused(trx, ...fate)),
  retrying: (db, id, fate) => transact(db, (trx) => giveBack(trx, id, fate)),
}

const settlement = `
  update touchpoints set status = $2, because = $3, provider_message_id = coalesce($4, provider_message_id),
    provider = coalesce($7, provider), lease_until = null
  where id = $1 and recorded_at between $5::bigint and $6::bigint
    and (status in ('sending', 'retrying') or (status = 'unknown' and $2 <> 'unknown'))
  returning ${touchpointColumns}`
prepared.set(settlement, 'settle-touchpoint')

/** What is sent, failed or withheld stays so; of an unknown fate the truth may come later. Resolves with the row when it changed. */
async function settle(
  db: Db | Tx,
  id: string,
  { status, because, providerMessageId, provider }: Fate,
  at?: number,
): Promise<Row<'touchpoints'> | undefined> {
  const when = [at ?? Number.MIN_SAFE_INTEGER, at ?? Number.MAX_SAFE_INTEGER]
  const values = [id, status, because ?? null, providerMessageId ?? null, ...when, provider ?? null]
  const { rows } = await db.executeQuery<Row<'touchpoints'>>(CompiledQuery.raw(settlement, values))
  return rows[0]
}

/** It reached nobody: the place it had under the caps is there for what they, or it, held back. */
async function refused(
  trx: Tx,
  id: string,
  fate: Fate,
  at?: number,
): Promise<Row<'touchpoints'> | undefined> {
  const { customer_id: customerId } = await existing(trx, id)
  await contactChanges(trx, customerId)
  const row = await settle(trx, id, fate, at)
  if (row)
    await sql`update touchpoints set look_again_at = ${now}
      where customer_id = ${customerId} and status = 'held' and because in ('frequency-cap', 'outbid')`.execute(
      trx,
    )
  return row
}

/** Back for a later attempt, unless the enrollment has ended meanwhile: then there will be none. */
async function giveBack(
  trx: Tx,
  id: string,
  { because, provider }: Fate,
): Promise<Row<'touchpoints'> | undefined> {
  const { customer_id: customerId, enrollment_id: enrollmentId, entry } = await existing(trx, id)
  await lockCustomer(trx, customerId)
  const ended = await hasEnded(trx, enrollmentId, entry)
  return trx
    .updateTable('touchpoints')
    .set({
      ...(ended ? withdrawn : { status: 'retrying', because: because ?? null }),
      lease_until: null,
      provider,
    })
    .where('id', '=', id)
    .where('status', 'in', ['sending', 'retrying'])
    .returningAll()
    .executeTakeFirst()
}

const withdrawn = { status: 'withheld', because: 'withdrawn' } as const

async function existing(db: Db | Tx, id: string): Promise<Row<'touchpoints'>> {
  const row = await rows(db).where('id', '=', id).executeTakeFirst()
  if (!row) throw new Error('There is no such touchpoint: it must be reserved before it is settled.')
  return row
}
