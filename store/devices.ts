import { sql } from 'kysely'
import type { Device } from '../sdk/device'
import type { Db, Tx } from './schema'
import type { DeviceStore } from './said'
import { storableTime } from './json'
import { suppressionKey } from './suppressions'
import { canonical, lockForNews, transact } from './transact'

/** Of a customer on a channel. Apps that are installed anew leave their old tokens behind. */
const MOST = 20

export const deviceStore = (db: Db): DeviceStore => ({
  seen: (customerId, device, at) => transact(db, (trx) => seen(trx, customerId, device, storableTime(at))),
  gone: (customerId, device, at) => transact(db, (trx) => gone(trx, customerId, device, storableTime(at))),
  ofCustomer: (customerId) => ofCustomer(db, customerId),
})

/** Whoever a device belonged to before, it does no more: another customer signed in on it. */
async function seen(trx: Tx, customerId: string, { channel, address }: Device, at: number): Promise<void> {
  const own = await lockForNews(trx, customerId)
  await sql`insert into devices (key, customer_id, channel, address, seen_at)
    values (${keyOf(channel, address)}, ${own}, ${channel}, ${address}, ${at})
    on conflict (key) do update set customer_id = excluded.customer_id, address = excluded.address, seen_at = excluded.seen_at
    where devices.seen_at <= excluded.seen_at`.execute(trx)
  await sql`delete from devices where key in (
    select key from devices where customer_id = ${own} and channel = ${channel} order by seen_at desc, key offset ${MOST}
  )`.execute(trx)
}

async function gone(trx: Tx, customerId: string, { channel, address }: Device, at: number): Promise<void> {
  const own = await lockForNews(trx, customerId)
  await trx
    .deleteFrom('devices')
    .where('key', '=', keyOf(channel, address))
    .where('customer_id', '=', own)
    .where('seen_at', '<=', at)
    .execute()
}

async function ofCustomer(db: Db, customerId: string): ReturnType<DeviceStore['ofCustomer']> {
  const rows = await db
    .selectFrom('devices')
    .select(['channel', 'address', 'seen_at'])
    .select(sql<boolean>`${sql.raw(isDead)}`.as('dead'))
    .where('customer_id', '=', canonical(customerId))
    .orderBy('seen_at', 'desc')
    .orderBy('key')
    .execute()
  return rows.map(({ channel, address, dead, seen_at: seenAt }) => ({ channel, address, dead, seenAt }))
}

/** Nothing reaches it any more, as a provider said; a condition on a row of devices. */
export const isDead = `exists (
  select from suppressions where suppressions.address = devices.key and lifted_at is null and reason in ('hard-bounce', 'legal')
)`

const keyOf = (channel: Device['channel'], address: string): string => suppressionKey(channel, address)
