import { sql } from 'kysely'
import { durationMs } from '../sdk/time/duration'
import type { ActiveLimits } from './limits'
import type { Db } from './schema'
import type { HeldStore, LookAgain } from './store'

export const heldStore = (db: Db, limits: ActiveLimits): HeldStore => ({
  plan: (limit) => plan(db, limits, limit),
  due: (limit, leaseMs) => due(db, limit, leaseMs),
  async looked(looks) {
    await sql`update touchpoints set look_again_at = null
      from unnest(${looks.map(({ touchpointId }) => touchpointId)}::text[], ${looks.map(({ until }) => until)}::bigint[])
        as looked (touchpoint_id, until)
      where id = touchpoint_id and look_again_at = until`.execute(db)
  },
  async counts() {
    const { rows } = await sql<{ because: string; count: number }>`
      select because, count(*) as count from touchpoints where status = 'held' group by 1`.execute(db)
    return Object.fromEntries(rows.map(({ because, count }) => [because, count]))
  },
})

/**
 * A touchpoint bears the version of the rules that decided on it, read in the same statement as the rules. So one that is
 * written as held while the rules change is found here too, and a change need not touch the ledger itself.
 */
async function plan(db: Db, limits: ActiveLimits, limit: number): Promise<number> {
  const { rows } = await sql<{ version: number; revision: number | null }>`
    select version, (select revision from limits where state = 'active') as revision from rules`.execute(db)
  const { version, revision } = rows[0]!
  const { spreadOver } = await limits.of(revision)
  const { numAffectedRows } = await sql`
    update touchpoints set rules_version = ${version}, look_again_at = wall_clock() + ${share} * ${durationMs(spreadOver)}::bigint / 4294967296
    where (id, recorded_at) in (
      select id, recorded_at from touchpoints where status = 'held' and rules_version < ${version}
      limit ${limit} for update skip locked
    )`.execute(db)
  return Number(numAffectedRows)
}

// By customer, so that all that is held for one is decided on together.
const share = sql`(hashtext(customer_id)::bigint + 2147483648)`

async function due(db: Db, limit: number, leaseMs: number): Promise<LookAgain[]> {
  const { rows } = await sql<LookAgain>`
    update touchpoints set look_again_at = wall_clock() + ${leaseMs}::bigint
    where (id, recorded_at) in (
      select id, recorded_at from touchpoints where look_again_at <= wall_clock()
      order by look_again_at limit ${limit} for update skip locked
    )
    returning id as "touchpointId", enrollment_id as "enrollmentId", entry, look_again_at as until`.execute(
    db,
  )
  return rows
}
