import { sql } from 'kysely'
import { fraction } from '../sdk/hash'
import type { Db, Tx } from './schema'
import type { LaneStore } from './store'
import { lock, now, transact } from './transact'

/** Fixed for good: a customer's lane is stored with every event. */
export const LANES = 64

/** The lane of a customer's events. */
export const laneOf = (customerId: string): number => Math.floor(fraction('lane', customerId) * LANES)

export const laneStore = (db: Db): LaneStore => ({
  count: LANES,
  hold: (owner, leaseMs) => transact(db, (trx) => hold(trx, owner, leaseMs)),
  async release(owner) {
    await transact(db, async (trx) => {
      await lock(trx, 'lanes', '')
      await trx.deleteFrom('dispatchers').where('owner', '=', owner).execute()
      await free(trx, owner, false)
    })
  },
})

/** Frees every lane: for a database that only this process has open, so that whoever held them is dead. */
export async function freeAllLanes(db: Db): Promise<void> {
  await transact(db, async (trx) => {
    await trx.deleteFrom('dispatchers').execute()
    await trx.updateTable('lanes').set({ owner: null, leaving: false, leased_until: 0 }).execute()
  })
}

async function hold(trx: Tx, owner: string, leaseMs: number): Promise<number[]> {
  await lock(trx, 'lanes', '')
  await free(trx, owner, true)
  const share = await fairShare(trx, owner, leaseMs)
  const own = await renew(trx, owner, leaseMs)
  if (own.length > share) await announceLeaving(trx, own.slice(share))
  const taken = own.length < share ? await take(trx, owner, leaseMs, share - own.length) : []
  return [...own.slice(0, share), ...taken].sort((one, other) => one - other)
}

async function free(trx: Tx, owner: string, onlyLeaving: boolean): Promise<void> {
  await trx
    .updateTable('lanes')
    .set({ owner: null, leaving: false, leased_until: 0 })
    .where('owner', '=', owner)
    .$if(onlyLeaving, (query) => query.where('leaving', '=', true))
    .execute()
}

/** How many lanes each of those who asked lately may hold. */
async function fairShare(trx: Tx, owner: string, leaseMs: number): Promise<number> {
  await sql`insert into dispatchers (owner, seen_until) values (${owner}, ${now} + ${leaseMs}::bigint)
    on conflict (owner) do update set seen_until = excluded.seen_until`.execute(trx)
  await sql`delete from dispatchers where seen_until < ${now}`.execute(trx)
  const { alive } = await trx
    .selectFrom('dispatchers')
    .select(({ fn }) => fn.countAll<number>().as('alive'))
    .executeTakeFirstOrThrow()
  return Math.ceil(LANES / Math.max(alive, 1))
}

async function renew(trx: Tx, owner: string, leaseMs: number): Promise<number[]> {
  const rows = await trx
    .updateTable('lanes')
    .set({ leased_until: sql<number>`${now} + ${leaseMs}::bigint` })
    .where('owner', '=', owner)
    .returning('lane')
    .execute()
  return rows.map(({ lane }) => lane).sort((one, other) => one - other)
}

/** The owner may be in the middle of their events: others get these when it asks again, or when its lease runs out. */
async function announceLeaving(trx: Tx, lanes: readonly number[]): Promise<void> {
  await sql`update lanes set leaving = true where lane = any(${lanes}::smallint[])`.execute(trx)
}

async function take(trx: Tx, owner: string, leaseMs: number, most: number): Promise<number[]> {
  const { rows } = await sql<{ lane: number }>`
    update lanes set owner = ${owner}, leaving = false, leased_until = ${now} + ${leaseMs}::bigint
    where lane in (
      select lane from lanes where owner is null or (owner <> ${owner} and leased_until < ${now})
      order by lane limit ${most}
    )
    returning lane`.execute(trx)
  return rows.map(({ lane }) => lane)
}
