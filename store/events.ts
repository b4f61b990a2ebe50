import { CompiledQuery, sql, type RawBuilder } from 'kysely'
import { jsonText, storableTime } from './json'
import { laneOf } from './lanes'
import { pageOf, type Sorting } from './page'
import { prepared } from './prepared'
import type { Db, Row, Tx } from './schema'
import type { EventStore, IncomingEvent, Page, PageQuery, StoredEvent } from './store'
import { canonical, now, repeated } from './transact'
import type { Wake } from './wake'

const LONGEST_REASON = 2_000
const byArrival: Sorting<Row<'events'>> = {
  columns: [{ name: 'id', type: 'number' }],
  keyOf: ({ id }) => [id],
}

export const eventStore = (db: Db, wake: Wake): EventStore => ({
  async append(events) {
    if (events.length === 0) return 0
    const added = await repeated(() => insertEvents(db, events))
    if (added > 0) wake.appended()
    return added
  },
  pending: (lanes, except, limit) => pending(db, lanes, except, limit),
  async handled(ids) {
    if (ids.length === 0) return
    await db.executeQuery(CompiledQuery.raw(marking, [ids]))
  },
  async failed(id, reason) {
    await sql`update events set attempts = attempts + 1, reason = ${cut(reason)}
      where id = ${id} and state = 'pending'`.execute(db)
  },
  async setAside(id, reason) {
    await sql`update events set state = 'set-aside', attempts = attempts + 1, reason = ${cut(reason)}
      where id = ${id} and state = 'pending'`.execute(db)
  },
  async replay(messageId) {
    const replayed = await replay(db, messageId)
    if (replayed > 0) wake.appended()
    return replayed
  },
  ofCustomer: (customerId, page) => list(db, isOf(customerId), page),
  listSetAside: (page) => list(db, isSetAside, page),
  async byMessageId(messageId) {
    const row = await db
      .selectFrom('events')
      .selectAll()
      .where('message_id', '=', messageId)
      .executeTakeFirst()
    return row && toEvent(row)
  },
  backlog: () => backlog(db),
  onAppended: (call) => wake.listen(call),
})

const cut = (reason: string): string => reason.slice(0, LONGEST_REASON)

const insertion = `
  insert into events (message_id, customer_id, kind, name, properties, anonymous_id, occurred_at, lane)
  select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::bigint[], $8::smallint[]
  )
  on conflict (message_id) do nothing`
prepared.set(insertion, 'append-events')

/** Resolves with how many were new. Arrays rather than rows of values: one statement for every size, planned once. */
export async function insertEvents(db: Db | Tx, events: readonly IncomingEvent[]): Promise<number> {
  const columns = [
    events.map((event) => event.messageId),
    events.map((event) => event.customerId),
    events.map((event) => event.kind),
    events.map((event) => event.name),
    events.map((event) => jsonText(event.properties)),
    events.map((event) => event.anonymousId ?? null),
    events.map((event) => storableTime(event.occurredAt)),
    events.map((event) => laneOf(event.customerId)),
  ]
  const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw(insertion, columns))
  return Number(numAffectedRows)
}

const marking = `
  update events set state = 'handled', reason = null, handled_at = (extract(epoch from clock_timestamp()) * 1000)::bigint
  where id = any($1::bigint[]) and state = 'pending'`
prepared.set(marking, 'mark-handled')

const columns =
  'id, message_id, kind, customer_id, name, properties, anonymous_id, occurred_at, lane, received_at, state, attempts, reason'

// Lane by lane, so that each reads no further than the limit into the index, however long the backlog is.
const backlogOf = `
  select event.* from unnest($1::smallint[]) as held (lane)
  cross join lateral (
    select ${columns} from events
    where state = 'pending' and lane = held.lane and customer_id <> all($2::text[])
    order by id limit $3::integer
  ) as event
  order by event.id limit $3::integer`
prepared.set(backlogOf, 'pending-events')

async function pending(
  db: Db,
  lanes: readonly number[],
  except: readonly string[],
  limit: number,
): Promise<StoredEvent[]> {
  if (lanes.length === 0) return []
  const query = CompiledQuery.raw(backlogOf, [lanes, except, limit])
  const { rows } = await db.executeQuery<Row<'events'>>(query)
  return rows.map(toEvent)
}

async function replay(db: Db, messageId: string | undefined): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('events')
    .set({ state: 'pending', attempts: 0, reason: null })
    .where(isSetAside)
    .$if(messageId !== undefined, (query) => query.where('message_id', '=', messageId!))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

const isSetAside = sql<boolean>`state = 'set-aside'`

/** Of the customer and of the ids merged into it: an event may have come in under one of them after the merge. */
const isOf = (id: string): RawBuilder<boolean> =>
  sql<boolean>`customer_id = any(array(select alias from customer_aliases where customer_id = ${canonical(id)}) || ${canonical(id)})`

const list = (db: Db, which: RawBuilder<boolean>, page: PageQuery): Promise<Page<StoredEvent>> =>
  pageOf(
    page,
    byArrival,
    (after, order, count) =>
      db.selectFrom('events').selectAll().where(which).where(after).orderBy(order).limit(count).execute(),
    toEvent,
  )

async function backlog(db: Db): Promise<{ pending: number; setAside: number; oldestMs: number }> {
  const { rows } = await sql<{ pending: number; set_aside: number; oldest_ms: number }>`
    select count(*) as pending,
      (select count(*) from events where state = 'set-aside') as set_aside,
      coalesce(greatest(${now} - min(received_at), 0), 0) as oldest_ms
    from events where state = 'pending'`.execute(db)
  const { pending, set_aside: setAside, oldest_ms: oldestMs } = rows[0]!
  return { pending, setAside, oldestMs }
}

const toEvent = (row: Row<'events'>): StoredEvent => ({
  id: row.id,
  messageId: row.message_id,
  kind: row.kind,
  customerId: row.customer_id,
  name: row.name,
  properties: row.properties,
  ...(row.anonymous_id === null ? {} : { anonymousId: row.anonymous_id }),
  occurredAt: row.occurred_at,
  lane: row.lane,
  receivedAt: row.received_at,
  state: row.state,
  attempts: row.attempts,
  reason: row.reason,
})
