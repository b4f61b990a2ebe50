import { CompiledQuery, sql } from 'kysely'
import { jsonText, storableTime } from './json'
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
    const columns = columnsOf(events)
    let added = 0
    try {
      if (isUsual(week, events)) added = await run(db, usual(week), [...columns, week.start, week.since])
    } finally {
      // A process that was asleep finds the week over, or a partition gone.
      if (added === 0) known = undefined
    }
    if (added === events.length) return added
    const since = Math.min(week.start - WEEK_MS, ...events.map(({ occurredAt }) => occurredAt - AHEAD_MS))
    return added + (await run(db, careful, [...columns, storableTime(since)]))
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

/** Arrays rather than rows of values: one statement for every size, planned once. */
const given = `unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::bigint[], $8::smallint[]
  ) with ordinality as given (${columns}, position)`

const columnsOf = (events: readonly IncomingEvent[]): unknown[] => [
  events.map((event) => event.messageId),
  events.map((event) => event.customerId),
  events.map((event) => event.kind),
  events.map((event) => event.name),
  events.map((event) => jsonText(event.properties)),
  events.map((event) => event.anonymousId ?? null),
  events.map((event) => storableTime(event.occurredAt)),
  events.map((event) => laneOf(event.customerId)),
]

const weekOf = (at: string) => `(${at} - (${at} - ${FIRST_WEEK}) % ${WEEK_MS})`

const clock = `clock as materialized (
    select at, ${weekOf('at')} as week,
      at < ${weekOf('at')} + ${NEAR_MS} or at >= ${weekOf('at')} + ${WEEK_MS - NEAR_MS} as near
    from (select arrival_time() as at offset 0) as arrival
  )`

/** For events that happened since $10, away from the turn of the week that began at $9; leaves out all others. */
function usual({ before }: Week): string {
  const known = before
    ? `not exists (select from ${before} as old where old.message_id = given.message_id)`
    : 'true'
  const text = `
  with ${clock}
  insert into events (${columns}, received_at)
  select ${columns}, at from ${given}, clock
  where week = $9::bigint and not near and occurred_at >= $10::bigint and ${known}
  order by position
  on conflict do nothing`
  prepared.set(text, `append-events-after-${before ?? 'none'}`)
  return text
}

/**
 * For all events. $9 is since when they may have arrived before. Near the turn of a week the same event may be on its way into
 * the partition before, where it cannot be seen yet: there, one index for both partitions lets one of the two pass.
 */
const careful = `
  with ${clock},
  fresh as materialized (
    select given.* from ${given}
    where not exists (
      select from events as old where old.message_id = given.message_id
        and old.received_at >= $9::bigint and old.received_at < ${weekOf('arrival_time()')}
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
