import { sql } from 'kysely'
import type { Db, Tx } from '../schema'
import type { PartitionStore, Retention, Upkeep } from '../store'
import { dropTasks } from '../tasks'
import { transact, tryLock } from '../transact'
import { clock, countAhead, holds, startsOf } from './catalog'
import {
  decisionLayout,
  defaultOf,
  eventLayout,
  layouts,
  partitionOf,
  startOf,
  touchpointLayout,
  type Layout,
} from './layout'

/** How long a change of partitions may wait for its locks, with everybody else waiting behind it: then it is put off. */
const LOCK_MS = 300
const LOCK_NOT_AVAILABLE = '55P03'
/** No partition is made for a time so near: who appends then may have looked already at what there is. */
const SOONEST_MS = 10 * 60_000
const CLAIMS_KEPT_MS = 24 * 60 * 60_000
const ROWS_AT_ONCE = 5_000

export const partitionStore = (db: Db): PartitionStore => ({
  upkeep: (retention) => upkeep(db, retention),
  ahead: async () => ({
    events: await countAhead(db, eventLayout),
    touchpoints: await countAhead(db, touchpointLayout),
    decisions: await countAhead(db, decisionLayout),
  }),
})

async function upkeep(db: Db, retention: Retention): Promise<Upkeep> {
  const done: Upkeep = { made: [], dropped: [], kept: [], putOff: [], tasks: 0 }
  for (const layout of layouts) {
    await makeAhead(db, layout, done)
    const keepMs = retention[layout.table]
    if (keepMs !== undefined) await dropOld(db, layout, keepMs, done)
  }
  await sql`delete from event_claims where claimed_at < arrival_time() - ${CLAIMS_KEPT_MS}::bigint`.execute(
    db,
  )
  if (retention.tasks !== undefined) done.tasks = await dropTasks(db, retention.tasks)
  return done
}

async function makeAhead(db: Db, layout: Layout, done: Upkeep): Promise<void> {
  const [starts, now] = [await startsOf(db, layout), await clock(db)]
  for (let nth = 1; nth <= layout.ahead; nth++) {
    const start = startOf(layout, now) + nth * layout.widthMs
    if (starts.includes(start) || start < now + SOONEST_MS) continue
    await step(db, partitionOf(layout, start), done, (trx) => make(trx, layout, start, done))
  }
}

/** Made aside and attached, so that appends and reads of other partitions go on meanwhile. */
async function make(trx: Tx, layout: Layout, start: number, done: Upkeep): Promise<void> {
  if ((await startsOf(trx, layout)).includes(start)) return
  const end = start + layout.widthMs
  const name = partitionOf(layout, start)
  const [table, partition] = [sql.table(layout.table), sql.table(name)]
  // A clock that was wrong may have left some there; they stay where they are.
  if (await holds(trx, layout, defaultOf(layout), { from: start, to: end })) return
  await sql`create table ${partition} (like ${table} including defaults including constraints)`.execute(trx)
  for (const column of layout.unique) {
    const index = sql.ref(`${name}_${column}`)
    await sql`create unique index ${index} on ${partition} (${sql.ref(column)})`.execute(trx)
  }
  const range = sql`from (${sql.lit(start)}) to (${sql.lit(end)})`
  await sql`alter table ${table} attach partition ${partition} for values ${range}`.execute(trx)
  done.made.push(name)
}

/** Never the current partition nor the one before it, into which appends look. */
async function dropOld(db: Db, layout: Layout, keepMs: number, done: Upkeep): Promise<void> {
  const now = await clock(db)
  const before = Math.min(now - keepMs, startOf(layout, now) - layout.widthMs)
  const starts = await startsOf(db, layout)
  for (const start of starts) {
    if (start + layout.widthMs > before) break
    const partition = partitionOf(layout, start)
    if (await isOpen(db, layout, start, start === starts[0])) done.kept.push(partition)
    else await step(db, partition, done, (trx) => drop(trx, layout, start, done))
  }
  await clearDefault(db, layout, before)
}

async function drop(trx: Tx, layout: Layout, start: number, done: Upkeep): Promise<void> {
  if (!(await startsOf(trx, layout)).includes(start)) return
  await sql`drop table ${sql.table(partitionOf(layout, start))}`.execute(trx)
  done.dropped.push(partitionOf(layout, start))
}

/**
 * Whether something in the partition still waits. What waits for nothing never will again, so a no stays true. The first one
 * may hold what is older than its name says.
 */
async function isOpen(db: Db, layout: Layout, start: number, isFirst: boolean): Promise<boolean> {
  const sliceMs = layout.widthMs / layout.slices
  for (let slice = 0; slice < layout.slices; slice++) {
    const from = isFirst && slice === 0 ? undefined : start + slice * sliceMs
    const to = start + (slice + 1) * sliceMs
    for (const condition of layout.open)
      // By way of the whole table: another process may have dropped the partition by now.
      if (await holds(db, layout, layout.table, { from, to, condition })) return true
  }
  return false
}

/** The default partition holds what came in while there was no other. */
async function clearDefault(db: Db, layout: Layout, before: number): Promise<void> {
  const rest = sql.table(defaultOf(layout))
  const waits = sql.raw(layout.open.map((condition) => `(${condition})`).join(' or '))
  for (let count = ROWS_AT_ONCE; count === ROWS_AT_ONCE;) {
    const { numAffectedRows } = await sql`delete from ${rest} where ctid = any(array(
      select ctid from ${rest} where ${sql.ref(layout.column)} < ${before} and not (${waits}) limit ${ROWS_AT_ONCE}
    ))`.execute(db)
    count = Number(numAffectedRows)
  }
}

/** One change, all or nothing, unless another process is at it; put off when its locks are not had at once. */
async function step(
  db: Db,
  partition: string,
  done: Upkeep,
  change: (trx: Tx) => Promise<void>,
): Promise<void> {
  try {
    await transact(db, async (trx) => {
      await sql`set local lock_timeout = ${sql.lit(LOCK_MS)}`.execute(trx)
      if (await tryLock(trx, 'partitions', '')) await change(trx)
    })
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error
    done.putOff.push(partition)
  }
}
