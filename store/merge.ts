import { sql } from 'kysely'
import { jsonText } from './json'
import { laneOf } from './lanes'
import type { Row, Tx } from './schema'
import { BeingDeleted, canonicalOf, contactChanges, lock, now, ownerOf } from './transact'

/**
 * Makes `previous` an alias of `id`, with all it has. An id that was merged before stays where it is: two people who
 * used one device must not become one customer.
 */
export async function merge(trx: Tx, previous: string, id: string): Promise<void> {
  const target = await canonicalOf(trx, id)
  for (const each of [previous, target].sort()) await lock(trx, 'customer', each)
  const [from, to] = [await ownerOf(trx, previous), await ownerOf(trx, id)]
  if (to.id !== target) return merge(trx, previous, id)
  for (const each of [from, to]) if (each.deleting) throw new BeingDeleted(each.id)
  if (from.id !== previous || previous === target) return
  for (const each of [previous, target].sort()) await contactChanges(trx, each)
  await mergeProfile(trx, previous, target)
  await moveGroups(trx, previous, target)
  await moveEvents(trx, previous, target)
  for (const table of [
    'enrollments',
    'touchpoints',
    'consents',
    'decisions',
    'tasks',
    'devices',
    'inbox_items',
    'audience_members',
    'customer_aliases',
  ] as const) {
    await sql`update ${sql.table(table)} set customer_id = ${target} where customer_id = ${previous}`.execute(
      trx,
    )
  }
  await sql`select leave_audiences_withdrawn(${target})`.execute(trx)
  await trx.insertInto('customer_aliases').values({ alias: previous, customer_id: target }).execute()
}

async function mergeProfile(trx: Tx, previous: string, target: string): Promise<void> {
  const rows = await trx.selectFrom('customers').selectAll().where('id', 'in', [previous, target]).execute()
  const from = rows.find((row) => row.id === previous) ?? nobody
  const own = rows.find((row) => row.id === target) ?? nobody
  await sql`insert into customers (id, traits, trait_times, clock_offset_ms, created_at)
    values (${target}, ${jsonText(traitsOf(from, own))}::jsonb, ${jsonText({ ...from.trait_times, ...own.trait_times })}::jsonb,
      ${Math.max(from.clock_offset_ms, own.clock_offset_ms)}, least(${from.created_at}::bigint, ${own.created_at}::bigint, ${now}))
    on conflict (id) do update set traits = excluded.traits, trait_times = excluded.trait_times,
      clock_offset_ms = excluded.clock_offset_ms, created_at = excluded.created_at, updated_at = ${now}`.execute(
    trx,
  )
  await trx.deleteFrom('customers').where('id', '=', previous).execute()
}

type Profile = Pick<Row<'customers'>, 'traits' | 'trait_times' | 'clock_offset_ms'> & {
  created_at: number | null
}
const nobody: Profile = { traits: {}, trait_times: {}, clock_offset_ms: 0, created_at: null }

/** The target's word on a trait wins, its removal too. */
function traitsOf(from: Profile, own: Profile): Record<string, unknown> {
  const unspoken = Object.entries(from.traits).filter(([name]) => !Object.hasOwn(own.trait_times, name))
  return { ...Object.fromEntries(unspoken), ...own.traits }
}

async function moveGroups(trx: Tx, previous: string, target: string): Promise<void> {
  await sql`insert into customer_groups (customer_id, group_id, joined_at)
    select ${target}, group_id, joined_at from customer_groups where customer_id = ${previous}
    on conflict do nothing`.execute(trx)
  await trx.deleteFrom('customer_groups').where('customer_id', '=', previous).execute()
}

/** Pending ones change lanes with their customer, and are handled in order of arrival there. */
async function moveEvents(trx: Tx, previous: string, target: string): Promise<void> {
  await trx
    .updateTable('events')
    .set({ customer_id: target, lane: laneOf(target) })
    .where('customer_id', '=', previous)
    .execute()
}
