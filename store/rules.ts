import { sql } from 'kysely'
import type { Tx } from './schema'

/** Waits until no other transaction changes limits or stops. */
export async function oneEditor(trx: Tx): Promise<void> {
  await sql`select from rules for update`.execute(trx)
}

/** What is held by the rules as they were is asked for again: see HeldStore. */
export async function rulesChange(trx: Tx): Promise<void> {
  await sql`update rules set version = version + 1`.execute(trx)
}
