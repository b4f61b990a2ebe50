import { sql } from 'kysely'
import type { ConsentWord, CustomerPast, Recorded } from '../sdk/contact'
import { jsonText } from './json'
import type { Db } from './schema'
import type { Conversions, Group, PastStore } from './store'
import { now } from './transact'

export const pastStore = (db: Db): PastStore => ({
  async sample(since, most) {
    const counted = await sql<{ total: number }>`select count(*) as total from touchpoints
      where recorded_at >= ${since} and ${decided}`.execute(db)
    const { total } = counted.rows[0]!
    const oneIn = Math.max(1, Math.ceil(total / most))
    const { rows } = await sql<{ id: string }>`select distinct customer_id as id from touchpoints
      where recorded_at >= ${since} and ${decided} and (hashtext(customer_id)::bigint + 2147483648) % ${oneIn} = 0`.execute(
      db,
    )
    return { total, oneIn, customers: rows.map(({ id }) => id) }
  },
  ofCustomers: (ids, since, lookBackMs, most) => ofCustomers(db, ids, since, lookBackMs, most),
  conversions: (asked, after, limit) => conversions(db, asked, after, limit),
  async groups(journey, asked) {
    const found = await groups(db, journey, asked)
    const groupOf = (isHeldOut: boolean): Group => {
      const { held_out: _, ...group } = found.find((each) => each.held_out === isHeldOut) ?? nobody
      return group
    }
    return { treated: groupOf(false), heldOut: groupOf(true) }
  },
})

const nobody: GroupRow = { held_out: false, of: 0, converted: 0, unwatched: 0, contacted: 0, contacts: 0 }

/** By how much an event may come in before it is said to have happened. */
const AHEAD_MS = 24 * 60 * 60_000

type GroupRow = Group & { readonly held_out: boolean }

// By the customer's clock, as enrollments are; contacts by the wall's, as it was when they came.
async function groups(
  db: Db,
  journey: string,
  { since, withinMs, contacts }: Parameters<PastStore['groups']>[1],
): Promise<GroupRow[]> {
  const { rows } = await sql<GroupRow>`
    with first as (
      select distinct on (customer_id) customer_id, recorded_at, started_at, ended_at, outcome ->> 'is' as ended_as,
        ${reachedGoal}
          and ended_at <= started_at + ${withinMs}::bigint as converted,
        coalesce(case when outcome ->> 'is' = 'held out' then true end, held_out, false) as held_out
      from enrollments where journey = ${journey}
      order by customer_id, started_at, entry
    ), over as (
      select *, (
          select count(*) from events
          where events.customer_id = first.customer_id and kind = 'track' and name = any(${contacts}::text[])
            and properties ->> 'direction' is distinct from 'outbound'
            and received_at >= recorded_at - ${AHEAD_MS}
            and occurred_at >= recorded_at and occurred_at < recorded_at + ${withinMs}::bigint
        ) as contacts
      from first where started_at >= ${since} and started_at + ${withinMs}::bigint
        <= ${now} + coalesce((select clock_offset_ms from customers where id = first.customer_id), 0)
    )
    select held_out, count(*) as of, count(*) filter (where converted) as converted,
      count(*) filter (where ended_as in ('completed', 'failed') and ended_at < started_at + ${withinMs}::bigint) as unwatched,
      count(*) filter (where contacts > 0) as contacted, coalesce(sum(contacts), 0)::bigint as contacts
    from over group by held_out`.execute(db)
  return rows
}

const reachedGoal = sql`coalesce(outcome ->> 'is' in ('converted', 'held out') and outcome ->> 'converted' is distinct from 'false', false)`
const clock = sql`${now} + customers.clock_offset_ms`

// One that failed was let go by the rules and reached nobody.
const decided = sql`status in ('sent', 'unknown', 'sending', 'held', 'withheld')`
const wentOut = sql`status in ('sent', 'unknown', 'sending')`

interface Found {
  id: string
  traits: Record<string, unknown> | null
  consents: ConsentWord[] | null
  touchpoints: Recorded[] | null
  before: Recorded[] | null
}

async function ofCustomers(
  db: Db,
  ids: readonly string[],
  since: number,
  lookBackMs: number,
  most: number,
): Promise<CustomerPast[]> {
  const { rows } = await sql<Found>`
    select
      id,
      (select traits from customers where customers.id = one.id) as traits,
      (select json_agg(word order by word."occurredAt", word.id) from (
        select id, channel, purpose, state, occurred_at as "occurredAt" from consents where customer_id = one.id
      ) as word) as consents,
      (select json_agg(touchpoint) from (
        ${columns} where customer_id = one.id and recorded_at >= ${since} and ${decided}
        order by recorded_at desc limit ${most}
      ) as touchpoint) as touchpoints,
      (select json_agg(touchpoint order by touchpoint.at) from (
        ${columns} where customer_id = one.id and ${wentOut}
          and recorded_at >= ${since - lookBackMs} and recorded_at < ${since}
        order by recorded_at desc limit ${most}
      ) as touchpoint) as before
    from unnest(${ids}::text[]) as one (id)`.execute(db)
  return rows.map((row) => ({
    customerId: row.id,
    traits: row.traits ?? {},
    consents: row.consents ?? [],
    touchpoints: row.touchpoints ?? [],
    before: row.before ?? [],
  }))
}

const columns = sql`select id, journey, step, channel, coalesce(provider, '') as provider, category, topic, priority, at, because,
  case when ${wentOut} then 'sent' else status end as was from touchpoints`

async function conversions(
  db: Db,
  { since, withinMs, otherwiseMs }: Parameters<PastStore['conversions']>[0],
  after: string | undefined,
  limit: number,
): Promise<{ customers: string[]; conversions: Conversions[] }> {
  const page = db.selectFrom('customers').select('id').orderBy('id').limit(limit)
  const found = await (after === undefined ? page : page.where('id', '>', after)).execute()
  const customers = found.map(({ id }) => id)
  if (customers.length === 0) return { customers, conversions: [] }
  const { rows } = await sql<Conversions>`
    with told as (
      select customer_id, journey, outcome, started_at, ended_at,
        row_number() over (partition by customer_id, journey order by started_at, entry) = 1 as is_first,
        started_at + coalesce((${jsonText(withinMs)}::jsonb ->> journey)::bigint, ${otherwiseMs}::bigint) as until
      from enrollments where customer_id = any(${customers}::text[]) and recorded_at >= ${since}
    )
    select customer_id as "customerId", journey, count(*) as enrolled,
      count(*) filter (where outcome ->> 'is' = 'converted' or outcome ->> 'converted' = 'true') as converted,
      bool_or(is_first and until <= ${clock}) as "isOver",
      bool_or(is_first and until <= ${clock} and ${reachedGoal} and ended_at <= until) as "inTime"
    from told join customers on customers.id = customer_id
    group by 1, 2`.execute(db)
  return { customers, conversions: rows }
}
