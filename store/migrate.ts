import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { migrations, type Migration } from './migrations'
import type { Db, Tx } from './schema'

/** Any number, as long as it is always this one. */
const MIGRATION_LOCK = 7_032_016

/**
 * Brings the database to the newest schema, all or nothing; of several processes that start at once one does it.
 * Throws an Error of one sentence when a migration that ran before reads differently now.
 */
export async function migrate(db: Db, wanted: readonly Migration[] = migrations): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`.execute(trx)
    await sql`create table if not exists migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now()
    )`.execute(trx)
    const applied = await appliedIn(trx)
    for (const migration of wanted) await apply(trx, migration, applied.get(migration.name))
  })
}

async function appliedIn(trx: Tx): Promise<Map<string, string>> {
  const { rows } = await sql<{
    name: string
    checksum: string
  }>`select name, checksum from migrations`.execute(trx)
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

async function apply(trx: Tx, { name, sql: text }: Migration, before: string | undefined): Promise<void> {
  const checksum = createHash('sha256').update(text).digest('hex')
  if (before === checksum) return
  if (before !== undefined) {
    throw new Error(
      `Migration ${name} was changed after this database ran it; restore its text, and put the change in a new one.`,
    )
  }
  await sql.raw(text).execute(trx)
  await sql`insert into migrations (name, checksum) values (${name}, ${checksum})`.execute(trx)
}
