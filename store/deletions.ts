import { createHash, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Append } from './append'
import { jsonText } from './json'
import type { Db, Tx } from './schema'
import type { DeletionStanding, DeletionStore, OpenDeletion, StoredEvent } from './store'
import { withdrawOf } from './tasks'
import { suppressionKey } from './suppressions'
import { canonicalOf, contactChanges, lockCustomer, now, transact } from './transact'
import type { Wake } from './wake'

export const deletionStore = (db: Db, wake: Wake, append: Append): DeletionStore => ({
  async order(customerId, key, settleMs) {
    const standing = await transact(db, (trx) => order(trx, customerId, key, settleMs, append))
    wake.appended()
    return standing
  },
  standing: async (customerId) => standingOf(db, await canonicalOf(db, customerId)),
  open: (deletion) => open(db, deletion),
  finish: (deletion, event) => transact(db, (trx) => finish(trx, deletion, event)),
})

/** Nothing of a finished deletion leads back to a customer, but to one whose id is known. */
const hashOf = (customerId: string): string =>
  createHash('sha256').update(`customer:${customerId}`).digest('base64url')

async function standingOf(db: Db | Tx, id: string): Promise<DeletionStanding> {
  const { rows } = await sql<{ at: number; settles_at: number; finished_at: number | null; sending: number }>`
    select at, settles_at, finished_at, (
      select count(*) from touchpoints where customer_id = ${id} and status = 'sending' and lease_until > ${now}
    ) as sending
    from deletions where customer_id = ${id} or hashes @> array[${hashOf(id)}]
    order by id desc limit 1`.execute(db)
  const row = rows[0]
  if (!row) return { is: 'unknown' }
  if (row.finished_at !== null) return { is: 'finished' }
  return { is: 'under-way', at: row.at, settlesAt: row.settles_at, sending: row.sending }
}

/** Whether there is anything of the customer; an event may have come and not been looked at yet. */
const isThere = (id: string) => sql<boolean>`(
  exists (select from customers where id = ${id}) or exists (select from events where customer_id = ${id})
  or exists (select from enrollments where customer_id = ${id}) or exists (select from consents where customer_id = ${id})
)`

async function order(
  trx: Tx,
  customerId: string,
  key: string,
  settleMs: number,
  append: Append,
): Promise<DeletionStanding> {
  const id = await lockCustomer(trx, customerId)
  const standing = await standingOf(trx, id)
  const { rows } = await sql<{ there: boolean }>`select ${isThere(id)} as there`.execute(trx)
  if (standing.is === 'under-way' || !rows[0]!.there) return standing
  await keepRefusals(trx, id)
  const deletion = await begin(trx, id, key, settleMs)
  await stop(trx, id)
  await append(trx, [deletionEvent(id, deletion)])
  return standingOf(trx, id)
}

/** It comes after all that the customer's lane holds of them, and before what comes later. */
const deletionEvent = (customerId: string, deletion: number) => ({
  messageId: `delete-${randomUUID()}`,
  kind: 'delete' as const,
  customerId,
  name: '',
  properties: { deletion },
  occurredAt: Date.now(),
})

/** Who refused all marketing by a channel is not written to either when the address comes back with another import. */
async function keepRefusals(trx: Tx, id: string): Promise<void> {
  const { rows } = await sql<{ channel: string; traits: Record<string, unknown> }>`
    select channel, traits from (
      select distinct on (channel) channel, state from consents where customer_id = ${id} and purpose = 'marketing'
      order by channel, occurred_at desc, id desc
    ) as word join customers on customers.id = ${id} where state = 'withdrawn'`.execute(trx)
  for (const channel of namedInProfile.filter((each) => rows.some((row) => row.channel === each))) {
    const { email, phone } = rows[0]!.traits
    const address = channel === 'email' ? email : phone
    if (typeof address === 'string') await suppress(trx, channel, address)
  }
}

/** Whose addresses an import may bring back. */
const namedInProfile = ['email', 'sms', 'whatsapp', 'voice'] as const

const suppress = (trx: Tx, channel: (typeof namedInProfile)[number], address: string) =>
  trx
    .insertInto('suppressions')
    .values({
      address: suppressionKey(channel, address),
      reason: 'manual',
      source: 'deletion',
      because: `a customer who refused marketing by ${channel} was deleted`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/** Where nothing can be under way, nothing has to settle. An event of a merged id may be in the hands of another dispatcher. */
async function begin(trx: Tx, id: string, key: string, settleMs: number): Promise<number> {
  const ids = await idsOf(trx, id)
  const { rows } = await sql<{ id: number }>`
    insert into deletions (customer_id, hashes, key, settles_at)
    select ${id}, ${ids.map(hashOf)}::text[], ${key}, ${now} + case
      when ${ids.length} > 1 or exists (select from enrollments where customer_id = ${id} and status <> 'ended')
      then ${settleMs}::bigint else 0 end
    returning id`.execute(trx)
  return rows[0]!.id
}

/** From here on whoever decides on a touchpoint, also one that was half decided on, finds no customer. */
async function stop(trx: Tx, id: string): Promise<void> {
  const outcome = jsonText({ is: 'exited', because: 'the customer was deleted' })
  await sql`update enrollments set status = 'ended', outcome = ${outcome}::jsonb,
    ended_at = ${now} + coalesce((select clock_offset_ms from customers where id = ${id}), 0)
    where customer_id = ${id} and status <> 'ended'`.execute(trx)
  await sql`update touchpoints set status = 'withheld', because = 'withdrawn', lease_until = null, look_again_at = null
    where customer_id = ${id} and status in ('proposed', 'held', 'retrying')`.execute(trx)
  await withdrawOf(trx, id)
  // Their hashes stay until the platforms have been told to forget them, and lead back to nobody.
  await sql`update audience_members set customer_id = null, look_at = coalesce(look_at, greatest(${now}, told_at + 150000))
    where customer_id = ${id}`.execute(trx)
  await trx.deleteFrom('customers').where('id', '=', id).execute()
  await trx.deleteFrom('devices').where('customer_id', '=', id).execute()
  await contactChanges(trx, id)
}

async function idsOf(db: Db | Tx, id: string): Promise<string[]> {
  const aliases = await db
    .selectFrom('customer_aliases')
    .select('alias')
    .where('customer_id', '=', id)
    .execute()
  return [id, ...aliases.map(({ alias }) => alias)]
}

const customerOf = async (db: Db | Tx, deletion: number): Promise<string | undefined> => {
  const row = await db
    .selectFrom('deletions')
    .select('customer_id')
    .where('id', '=', deletion)
    .executeTakeFirst()
  return row?.customer_id ?? undefined
}

async function open(db: Db | Tx, deletion: number): Promise<OpenDeletion | undefined> {
  const id = await customerOf(db, deletion)
  if (id === undefined) return undefined
  const enrollments = await db
    .selectFrom('enrollments')
    .select('workflow_id')
    .distinct()
    .where('customer_id', '=', id)
    .execute()
  return {
    customerIds: await idsOf(db, id),
    workflowIds: enrollments.map(({ workflow_id: workflowId }) => workflowId),
  }
}

async function finish(trx: Tx, deletion: number, event: StoredEvent): ReturnType<DeletionStore['finish']> {
  const id = await customerOf(trx, deletion)
  if (id === undefined) return { is: 'finished' }
  await lockCustomer(trx, id)
  const ms = await restMs(trx, deletion, id)
  if (ms > 0) return { is: 'waits', ms }
  await erase(trx, (await open(trx, deletion))!, event)
  await trx
    .updateTable('deletions')
    .set({ customer_id: null, finished_at: now })
    .where('id', '=', deletion)
    .execute()
  return { is: 'finished' }
}

/** Until nothing can be under way that began before: activities, and messages on their way to a provider. */
async function restMs(trx: Tx, deletion: number, id: string): Promise<number> {
  const { rows } = await sql<{ ms: number }>`select greatest(settles_at, (
      select max(lease_until) from touchpoints where customer_id = ${id} and status = 'sending'
    )) - ${now} as ms from deletions where id = ${deletion}`.execute(trx)
  return rows[0]!.ms
}

/** Also what enrollments that were being ended said last: they must not begin the customer anew. */
async function erase(
  trx: Tx,
  { customerIds, workflowIds }: OpenDeletion,
  { id: last }: StoredEvent,
): Promise<void> {
  await sql`delete from operations where enrollment_id = any(${workflowIds}::text[])`.execute(trx)
  await sql`delete from events where customer_id = any(${customerIds}::text[]) and (id <= ${last} or (kind = 'enroll' and exists (
    select from unnest(${workflowIds}::text[]) as one (id) where starts_with(message_id, 'enroll:' || one.id || '/')
  )))`.execute(trx)
  for (const table of [
    'touchpoints',
    'decisions',
    'tasks',
    'inbox_items',
    'enrollments',
    'consents',
    'devices',
    'customer_groups',
    'contacts',
    'customer_aliases',
  ])
    await sql`delete from ${sql.table(table)} where customer_id = any(${customerIds}::text[])`.execute(trx)
}
