import { sql } from 'kysely'
import type { Db, Row, Tx } from './schema'
import type { InboxItem, InboxMark, InboxStore } from './shelf'
import { canonical, lockCustomer, now, transact } from './transact'

const KEPT_AFTER_MS = 30 * 24 * 60 * 60_000

export const inboxStore = (db: Db): InboxStore => ({
  put: (ref, content, keepMs) => transact(db, (trx) => put(trx, ref, content, keepMs)),
  async shown(customerId, limit) {
    const { rows } = await sql<Item>`select ${item} from inbox_items as item
      where customer_id = ${canonical(customerId)} and ${isShown} order by at desc, ref limit ${limit}`.execute(
      db,
    )
    return rows.map(toItem)
  },
  mark: (customerId, ref, mark) => transact(db, (trx) => marked(trx, customerId, ref, mark)),
  async changes(places, limit) {
    const found = await changes(db, places, limit)
    return places.map((_, index) => found.filter(({ place }) => place === index + 1).map(toItem))
  },
})

type Item = Row<'inbox_items'> & { readonly shown: boolean }

const isShown = sql<boolean>`(dismissed_at is null and withdrawn_at is null and expires_at > ${now}
  + coalesce((select clock_offset_ms from customers where id = item.customer_id), 0))`
const item = sql`item.*, ${isShown} as shown`

async function put(
  trx: Tx,
  ref: string,
  { title, text, link }: Parameters<InboxStore['put']>[1],
  keepMs: number,
): Promise<void> {
  const touchpoint = await trx
    .selectFrom('touchpoints')
    .select('customer_id')
    .where('ref', '=', ref)
    .executeTakeFirst()
  if (!touchpoint) throw new Error('There is no such touchpoint: it must be reserved before it is kept.')
  await lockCustomer(trx, touchpoint.customer_id)
  await sql`insert into inbox_items (ref, customer_id, enrollment_id, entry, title, body, link, at, expires_at, withdrawn_at)
    select ref, customer_id, enrollment_id, entry, ${title}, ${text}, ${link ?? null}, at, at + ${keepMs}::bigint,
      case when exists (
        select from enrollments where workflow_id = enrollment_id and enrollments.entry = touchpoints.entry
          and status = 'ended' and outcome ->> 'is' <> 'completed'
      ) then ${now} end
    from touchpoints where ref = ${ref}
    on conflict do nothing`.execute(trx)
  await sql`delete from inbox_items where customer_id = ${touchpoint.customer_id}
    and expires_at < ${now} - ${KEPT_AFTER_MS}::bigint and at < ${now} - ${KEPT_AFTER_MS}::bigint`.execute(
    trx,
  )
}

const implied: Readonly<Record<InboxMark, readonly InboxMark[]>> = {
  seen: ['seen'],
  read: ['seen', 'read'],
  clicked: ['seen', 'read', 'clicked'],
  dismissed: ['dismissed'],
}

async function marked(trx: Tx, given: string, ref: string, mark: InboxMark): Promise<InboxItem | undefined> {
  const customerId = await lockCustomer(trx, given)
  const columns = implied[mark].map((each) => `${each}_at`)
  const settings = columns.map((name) => sql`${sql.ref(name)} = coalesce(${sql.ref(name)}, ${now})`)
  await sql`update inbox_items set ${sql.join(settings)}
    where ref = ${ref} and customer_id = ${customerId} and ${sql.ref(`${mark}_at`)} is null`.execute(trx)
  const { rows } =
    await sql<Item>`select ${item} from inbox_items as item where ref = ${ref} and customer_id = ${customerId}`.execute(
      trx,
    )
  return rows[0] && toItem(rows[0])
}

async function changes(
  db: Db,
  places: Parameters<InboxStore['changes']>[0],
  limit: number,
): Promise<(Item & { readonly place: number })[]> {
  const customers = places.map(({ customerId }) => customerId)
  const versions = places.map(({ after }) => after ?? null)
  const { rows } = await sql<Item & { place: number }>`select change.*, place::integer as place
    from unnest(${customers}::text[], ${versions}::bigint[]) with ordinality as asked (customer, after, place)
    cross join lateral (
      select ${item} from inbox_items as item
      where customer_id = coalesce((select customer_id from customer_aliases where alias = asked.customer), asked.customer)
        and version > coalesce(asked.after, 0) and (asked.after is not null or ${isShown})
      order by version limit ${limit}
    ) as change order by place, change.version`.execute(db)
  return rows
}

const toItem = (row: Item): InboxItem => ({
  ref: row.ref,
  customerId: row.customer_id,
  title: row.title,
  text: row.body,
  link: row.link,
  at: row.at,
  expiresAt: row.expires_at,
  marks: { seen: row.seen_at, read: row.read_at, clicked: row.clicked_at, dismissed: row.dismissed_at },
  shown: row.shown,
  version: row.version,
})
