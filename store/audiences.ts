import { sql } from 'kysely'
import type { AudienceMember, AudiencePlace, AudienceStore, Leaving } from './audience-members'
import { jsonText } from './json'
import type { Db, Row, Tx } from './schema'
import { lockCustomer, now, ownerOf, transact } from './transact'

export const audienceStore = (db: Db): AudienceStore => ({
  join: (customerId, member, topic) => transact(db, (trx) => join(trx, customerId, member, topic)),
  left: (customerId, member) => transact(db, (trx) => left(trx, customerId, member)),
  async leaving(limit, leaseMs) {
    const { rows } = await sql<Row<'audience_members'>>`
      update audience_members set look_at = ${now} + ${leaseMs}::bigint, attempts = attempts + 1
      where id in (
        select id from audience_members where look_at <= ${now} order by look_at limit ${limit} for update skip locked
      ) returning *`.execute(db)
    return rows.map(toLeaving)
  },
  async gone({ id, toldAt }) {
    await sql`delete from audience_members where id = ${id} and told_at = ${toldAt} and look_at is not null`.execute(
      db,
    )
  },
  async leaveLater({ id }, ms) {
    await sql`update audience_members set look_at = ${now} + ${ms}::bigint where id = ${id} and look_at is not null`.execute(
      db,
    )
  },
})

const inPlace = ({ provider, endpoint, audience }: AudiencePlace) =>
  sql`provider = ${provider} and endpoint = ${endpoint} and audience = ${audience}`

const isMember = ({ member }: AudienceMember) => sql`member = ${jsonText(member)}::jsonb`

/** Whoever was deleted meanwhile, or is being deleted, is to be taken out at once. */
async function join(trx: Tx, customerId: string, member: AudienceMember, topic?: string): Promise<void> {
  const id = await lockCustomer(trx, customerId)
  const { known, deleting } = await ownerOf(trx, id)
  const stays = known && !deleting
  const { numUpdatedRows } = await trx
    .updateTable('audience_members')
    .set({ told_at: now, look_at: null, attempts: 0, purpose: topic ?? 'marketing' })
    .where(sql<boolean>`customer_id = ${id} and ${inPlace(member)} and ${isMember(member)}`)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) await insert(trx, stays ? id : null, member, topic)
  await sql`select leave_audiences_withdrawn(${id})`.execute(trx)
}

const insert = (trx: Tx, customerId: string | null, { member, ...place }: AudienceMember, topic?: string) =>
  trx
    .insertInto('audience_members')
    .values({
      customer_id: customerId,
      provider: place.provider,
      endpoint: place.endpoint,
      audience: place.audience,
      purpose: topic ?? 'marketing',
      member: jsonText(member),
      told_at: now,
      look_at: customerId === null ? sql<number>`${now} + 150000` : null,
    })
    .execute()

async function left(trx: Tx, customerId: string, member: AudienceMember): Promise<void> {
  const id = await lockCustomer(trx, customerId)
  const here = sql`customer_id = ${id} and ${inPlace(member)}`
  await sql`delete from audience_members where ${here} and ${isMember(member)}`.execute(trx)
  await sql`update audience_members set look_at = ${now} where ${here} and look_at is null`.execute(trx)
}

const toLeaving = (row: Row<'audience_members'>): Leaving => ({
  id: row.id,
  ref: `leaves-${row.id}-${row.told_at}`,
  provider: row.provider,
  endpoint: row.endpoint,
  audience: row.audience,
  member: row.member,
  toldAt: row.told_at,
  attempts: row.attempts,
})
