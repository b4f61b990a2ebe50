import { sql } from 'kysely'
import type { Db, Tx } from '../schema'
import { startOf, startsIn, type Layout } from './layout'

// What there is, asked of the database.

/** When the partitions begin, the earliest first; the default partition is left out. */
export async function startsOf(db: Db | Tx, { table }: Layout): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`select relname::text as name
    from pg_inherits join pg_class on oid = inhrelid where inhparent = ${table}::regclass`.execute(db)
  return startsIn(rows.map(({ name }) => name))
}

export async function clock(db: Db | Tx): Promise<number> {
  const { rows } = await sql<{ at: number }>`select arrival_time() as at`.execute(db)
  return rows[0]!.at
}

/** Whether the table, or one partition of it, has a row of this time (the end is not in it) for which the condition holds. */
export async function holds(
  db: Db | Tx,
  { column }: Layout,
  within: string,
  { from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER, condition = 'true' },
): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select exists (
    select from ${sql.table(within)}
    where ${sql.ref(column)} >= ${from} and ${sql.ref(column)} < ${to} and ${sql.raw(condition)}
  ) as found`.execute(db)
  return rows[0]!.found
}

/** How many partitions after the current one are there, without a gap. */
export async function countAhead(db: Db, layout: Layout): Promise<number> {
  const [starts, now] = [await startsOf(db, layout), await clock(db)]
  let next = startOf(layout, now) + layout.widthMs
  let count = 0
  for (; starts.includes(next); next += layout.widthMs) count += 1
  return count
}
