import { CompiledQuery, sql } from 'kysely'
import { DEEPEST_JSON, jsonText, storableTime, type JsonText } from './json'
import { laneOf } from './lanes'
import { defaultOf, eventLayout, FIRST_WEEK, holding, startOf, startsIn, WEEK_MS } from './partitions/layout'
import { prepared } from './prepared'
import type { Db, Tx } from './schema'
import type { IncomingEvent } from './store'

/** Stores what is new, in order; resolves with how many were new. */
export type Append = (db: Db | Tx, events: readonly IncomingEvent[]) => Promise<number>

/** No transaction takes as long: one that began so long before the turn of a week has ended by then. */
const NEAR_MS = 5 * 60_000
/** How far ahead of its arrival an event may say it happened; api/segment sees to that. */
const AHEAD_MS = 24 * 60 * 60_000

/** The current week by the database's clock. */
interface Week {
  readonly start: number
  /** Where last week's events are, unless together with this week's. */
  readonly before: string | undefined
  /** What happened since then can be in no other partition than these two. */
  readonly since: number
  /** By `performance.now()`: until then it is the current one, and its turn is not near. */
  readonly until: number
}

/**
 * A messageId is unique in its partition by an index. In the one before it is looked up by the same statement; further back
 * only for events that say they happened then, or when something was not new, and near the turn of a week, by `careful`.
 */
export function appends(): Append {
  let known: Week | undefined
  return async (db, events) => {
    const week = known && performance.now() < known.until ? known : (known = await currentWeek(db))
    const given = givenText(events)
    let added = 0
    try {
      if (isUsual(week, events)) added = await run(db, usual(week), [given, week.start, week.since])
    } finally {
      // A process that was asleep finds the week over, or a partition gone.
      if (added === 0) known = undefined
    }
    if (added === events.length) return added
    const since = Math.min(week.start - WEEK_MS, ...events.map(({ occurredAt }) => occurredAt - AHEAD_MS))
    return added + (await run(db, careful, [given, storableTime(since)]))
  }
}

const isUsual = ({ until, since }: Week, events: readonly IncomingEvent[]): boolean =>
  performance.now() < until && events.some(({ occurredAt }) => occurredAt >= since)

async function currentWeek(db: Db | Tx): Promise<Week> {
  const asked = performance.now()
  const { rows } = await sql<{
    at: number
    names: string[]
    strays: boolean
  }>`select arrival_time() as at, array(
    select relname::text from pg_inherits join pg_class on oid = inhrelid where inhparent = 'events'::regclass
  ) as names, exists (select from events_default) as strays`.execute(db)
  const { at, names, strays } = rows[0]!
  const start = startOf(eventLayout, at)
  const starts = startsIn(names)
  const [now, before] = [start, start - WEEK_MS].map((time) => holding(eventLayout, starts, time))
  const others = starts.some((other) => other < start - WEEK_MS) || (strays && ![now, before].includes(rest))
  return {
    start,
    before: before === now ? undefined : before,
    since: others ? start - WEEK_MS + AHEAD_MS : Number.MIN_SAFE_INTEGER,
    until: at < start + NEAR_MS ? asked : asked + start + WEEK_MS - NEAR_MS - at,
  }
}

const rest = defaultOf(eventLayout)

const columns = 'message_id, customer_id, kind, name, properties, anonymous_id, occurred_at, lane'

/** One JSON text rather than arrays: pg escapes what arrays hold quote by quote, and Postgres reads it twice. */
const recordset = `rows from (jsonb_to_recordset($1::jsonb) as (
    message_id text, customer_id text, kind text, name text, properties jsonb, anonymous_id text, occurred_at bigint, lane smallint
  )) with ordinality as given (${columns}, position)`

const givenText = (events: readonly IncomingEvent[]): JsonText => {
  const rows = events.map((event) => ({
    message_id: event.messageId,
    customer_id: event.customerId,
    kind: event.kind,
    name: event.name,
    properties: event.properties,
    anonymous_id: event.anonymousId,
    occurred_at: storableTime(event.occurredAt),
    lane: laneOf(event.customerId),
  }))
  return jsonText(rows, DEEPEST_JSON + 2)
}

const weekOf = (at: string) => `(${at} - (${at} - ${FIRST_WEEK}) % ${WEEK_MS})`

const clock = `clock as materialized (
    select at, ${weekOf('at')} as week,
      at < ${weekOf('at')} + ${NEAR_MS} or at >= ${weekOf('at')} + ${WEEK_MS - NEAR_MS} as near
    from (select arrival_time() as at offset 0) as arrival
  )`

/** For events that happened since $3, away from the turn of the week that began at $2; leaves out all others. */
function usual({ before }: Week): string {
  const known = before
    ? `not exists (select from ${before} as old where old.message_id = given.message_id)`
    : 'true'
  const text = `
  with ${clock}
  insert into events (${columns}, received_at)
  select ${columns}, at from ${recordset}, clock
  where week = $2::bigint and not near and occurred_at >= $3::bigint and ${known}
  order by position
  on conflict do nothing`
  prepared.set(text, `append-events-after-${before ?? 'none'}`)
  return text
}

/**
 * For all events. $2 is since when they may have arrived before. Near the turn of a week the same event may be on its way into
 * the partition before, where it cannot be seen yet: there, one index for both partitions lets one of the two pass.
 */
const careful = `
  with ${clock},
  fresh as materialized (
    select given.* from ${recordset}
    where not exists (
      select from events as old where old.message_id = given.message_id
        and old.received_at >= $2::bigint and old.received_at < ${weekOf('arrival_time()')}
    )
  ),
  claimed as (
    insert into event_claims (message_id) select message_id from fresh, clock where near
    on conflict do nothing returning message_id
  )
  insert into events (${columns}, received_at)
  select ${columns}, at from fresh, clock
  where not near or message_id in (select message_id from claimed)
  order by position
  on conflict do nothing`

async function run(db: Db | Tx, text: string, parameters: unknown[]): Promise<number> {
  const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw(text, parameters))
  return Number(numAffectedRows)
}
