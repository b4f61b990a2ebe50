import { CompiledQuery, sql, type RawBuilder } from 'kysely'
import type { Append } from './append'
import { pageOf, type Sorting } from './page'
import { prepared } from './prepared'
import { remembered } from './remembered'
import type { Db, Row } from './schema'
import type { EventPlace, EventStore, Page, PageQuery, StoredEvent } from './store'
import { canonical, now, repeated } from './transact'
import type { Wake } from './wake'

const LONGEST_REASON = 2_000
/** How long another process may take to notice that an old event was put back to pending. */
const OLDEST_FOR_MS = 5_000
/** No append takes as long. */
const APPENDING_MS = 60 * 60_000
const byArrival: Sorting<Row<'events'>> = {
  columns: [{ name: 'id', type: 'number' }],
  keyOf: ({ id }) => [id],
}

export const eventStore = (db: Db, wake: Wake, insert: Append): EventStore => {
  const oldest = remembered(OLDEST_FOR_MS, () => oldestPending(db))
  return {
    async append(events) {
      if (events.length === 0) return 0
      const added = await repeated(() => insert(db, events))
      if (added > 0) wake.appended()
      return added
    },
    pending: async (lanes, except, limit) => pending(db, lanes, except, limit, await oldest.value()),
    ...outcomes(db),
    async replay(messageId) {
      const replayed = await replay(db, messageId)
      oldest.forget()
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
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      return row && toEvent(row)
    },
    backlog: () => backlog(db),
    onAppended: (call) => wake.listen(call),
  }
}

/** What became of pending events. */
const outcomes = (db: Db): Pick<EventStore, 'handled' | 'failed' | 'setAside'> => ({
  async handled(events) {
    if (events.length === 0) return
    const [since, until, ids] = placeOf(events)
    await db.executeQuery(CompiledQuery.raw(marking, [since, until, ids]))
  },
  async failed(event, reason) {
    await sql`update events set attempts = attempts + 1, reason = ${cut(reason)}
    where ${areAt([event])}`.execute(db)
  },
  async setAside(event, reason) {
    await sql`update events set state = 'set-aside', attempts = attempts + 1, reason = ${cut(reason)}
    where ${areAt([event])}`.execute(db)
  },
})

const cut = (reason: string): string => reason.slice(0, LONGEST_REASON)

/** Between which times these events came in, and their ids. The times lead to their partitions, whoever's they are by now. */
const placeOf = (events: readonly EventPlace[]) =>
  [
    Math.min(...events.map(({ receivedAt }) => receivedAt)),
    Math.max(...events.map(({ receivedAt }) => receivedAt)),
    events.map(({ messageId }) => messageId),
  ] as const

/** The pending ones among these events. */
function areAt(events: readonly EventPlace[]): RawBuilder<boolean> {
  const [since, until, ids] = placeOf(events)
  return sql<boolean>`state = 'pending' and received_at >= ${since} and received_at <= ${until} and message_id = any(${ids}::text[])`
}

const marking = `
  update events set state = 'handled', reason = null, handled_at = wall_clock()
  where state = 'pending' and received_at >= $1::bigint and received_at <= $2::bigint and message_id = any($3::text[])`
prepared.set(marking, 'mark-handled')

const columns =
  'id, message_id, kind, customer_id, name, properties, anonymous_id, occurred_at, lane, received_at, state, attempts, reason'

const backlogOf = `
  select event.* from unnest($1::smallint[]) as held (lane)
  cross join lateral (
    select ${columns} from events
    where state = 'pending' and received_at >= $4::bigint and lane = held.lane and customer_id <> all($2::text[])
    order by id limit $3::integer
  ) as event
  order by event.id limit $3::integer`
prepared.set(backlogOf, 'pending-events')

/**
 * Lane by lane, so that each reads no further than the limit into the index, however long the backlog is; and from the
 * partition of `oldest` on, so that partitions whose events were all handled long ago are not even opened.
 */
async function pending(
  db: Db,
  lanes: readonly number[],
  except: readonly string[],
  limit: number,
  oldest: number,
): Promise<StoredEvent[]> {
  if (lanes.length === 0) return []
  const query = CompiledQuery.raw(backlogOf, [lanes, except, limit, oldest])
  const { rows } = await db.executeQuery<Row<'events'>>(query)
  return rows.map(toEvent)
}

/** Since when there may be pending events: before it came in the oldest of each lane, and all that are being appended. */
async function oldestPending(db: Db): Promise<number> {
  const { rows } = await sql<{ oldest: number }>`
    select coalesce(least(min(first.received_at), arrival_time()), arrival_time()) - ${APPENDING_MS} as oldest
    from lanes cross join lateral (
      select received_at from events where state = 'pending' and lane = lanes.lane order by id limit 1
    ) as first`.execute(db)
  return rows[0]!.oldest
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
