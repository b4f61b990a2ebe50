import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { jsonText, storableTime } from './json'
import { merge } from './merge'
import { pageOf, type Sorting } from './page'
import type { Db, Row, Tx } from './schema'
import type { CustomerRow, CustomerStore } from './store'
import { canonical, canonicalOf, lockForNews, now, ownerOf, transact } from './transact'

type Found = Row<'customers'> & { groups: string[] }
type Traits = Record<string, unknown>

const byCreation: Sorting<Found> = {
  columns: [
    { name: 'created_at', type: 'number' },
    { name: 'id', type: 'string' },
  ],
  keyOf: (row) => [row.created_at, row.id],
}

export const customerStore = (db: Db): CustomerStore => ({
  canonical: (id) => canonicalOf(db, id),
  whose: (id) => ownerOf(db, id),
  async get(id) {
    const row = await found(db).where('id', '=', canonical(id)).executeTakeFirst()
    return row && toCustomer(row)
  },
  identify: (id, traits, occurredAt) => identify(db, id, traits, storableTime(occurredAt)),
  merge: (previous, id) => transact(db, (trx) => merge(trx, previous, id)),
  group: (id, groupId, traits) => transact(db, (trx) => group(trx, id, groupId, traits)),
  moveClock: (id, byMs) => transact(db, (trx) => moveClock(trx, id, byMs)),
  list: (page) =>
    pageOf(
      page,
      byCreation,
      (after, order, count) => found(db).where(after).orderBy(order).limit(count).execute(),
      toCustomer,
    ),
})

const found = (db: Db | Tx) =>
  db
    .selectFrom('customers')
    .selectAll()
    .select(
      sql<string[]>`array(
        select group_id from customer_groups where customer_id = customers.id order by joined_at, group_id
      )`.as('groups'),
    )

async function identify(db: Db, id: string, traits: Traits, occurredAt: number): Promise<Traits> {
  const nothingToSet = Object.keys(traits).length === 0
  if (nothingToSet && (await found(db).where('id', '=', canonical(id)).executeTakeFirst())) return {}
  return transact(db, async (trx) => {
    const own = await lockForNews(trx, id)
    const before = await ensured(trx, own)
    const newer = Object.entries(traits).filter(
      ([name, value]) => value !== undefined && occurredAt >= (timeOf(before, name) ?? -Infinity),
    )
    if (newer.length > 0) await setTraits(trx, before, newer, occurredAt)
    return Object.fromEntries(
      newer.filter(([name, value]) => !isDeepStrictEqual(traitOf(before, name), value)),
    )
  })
}

/** The row, made when the customer is new. */
async function ensured(trx: Tx, id: string): Promise<Row<'customers'>> {
  await trx
    .insertInto('customers')
    .values({ id, traits: jsonText({}), trait_times: jsonText({}) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return trx.selectFrom('customers').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

async function setTraits(
  trx: Tx,
  before: Row<'customers'>,
  newer: [string, unknown][],
  at: number,
): Promise<void> {
  const traits = Object.entries({ ...before.traits, ...Object.fromEntries(newer) }).filter(
    ([, value]) => value !== null,
  )
  const times = { ...before.trait_times, ...Object.fromEntries(newer.map(([name]) => [name, at])) }
  await trx
    .updateTable('customers')
    .set({ traits: jsonText(Object.fromEntries(traits)), trait_times: jsonText(times), updated_at: now })
    .where('id', '=', before.id)
    .execute()
}

/** Null where there is none: removing a trait that is not there changes nothing. */
const traitOf = ({ traits }: Row<'customers'>, name: string): unknown =>
  Object.hasOwn(traits, name) ? traits[name] : null

const timeOf = ({ trait_times: times }: Row<'customers'>, name: string): number | undefined =>
  Object.hasOwn(times, name) ? times[name] : undefined

async function group(trx: Tx, id: string, groupId: string, traits: Traits): Promise<void> {
  const own = await lockForNews(trx, id)
  await ensured(trx, own)
  await sql`insert into groups (id, traits) values (${groupId}, ${jsonText(traits)}::jsonb)
    on conflict (id) do update set traits = groups.traits || excluded.traits, updated_at = ${now}`.execute(
    trx,
  )
  await trx
    .insertInto('customer_groups')
    .values({ customer_id: own, group_id: groupId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function moveClock(trx: Tx, id: string, byMs: number): Promise<number> {
  const own = await lockForNews(trx, id)
  await ensured(trx, own)
  const { clock_offset_ms: offset } = await trx
    .updateTable('customers')
    .set({ clock_offset_ms: sql<number>`clock_offset_ms + ${byMs}::bigint`, updated_at: now })
    .where('id', '=', own)
    .returning('clock_offset_ms')
    .executeTakeFirstOrThrow()
  return offset
}

const toCustomer = (row: Found): CustomerRow => ({
  id: row.id,
  traits: row.traits,
  groups: row.groups,
  clockOffsetMs: row.clock_offset_ms,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
