import { sql } from 'kysely'
import { grouped } from '../sdk/grouped'
import type { DecisionPlace } from './deciding'
import type { Tx } from './schema'
import { now } from './transact'

/** How long a reward within the window may take to come in. */
const GRACE_MS = 60 * 60_000

interface Due extends DecisionPlace {
  readonly id: string
  readonly how: string
}

/** Learners are locked in one order, after decisions that nobody else has; so nobody waits for another in a circle. */
export async function closeDue(trx: Tx, limit: number): Promise<number> {
  const due = await dueNow(trx, limit)
  const learnt = due.filter(({ how }) => how === 'policy')
  const steps = grouped(learnt, ({ journey, step }) => JSON.stringify([journey, step]))
  for (const [, decisions] of [...steps].sort(([one], [other]) => (one < other ? -1 : 1)))
    await settle(trx, decisions)
  const others = due.filter(({ how }) => how !== 'policy').map(({ id }) => id)
  if (others.length > 0)
    await trx.updateTable('decisions').set({ state: 'closed' }).where('id', 'in', others).execute()
  return due.length
}

/** Of customers whose clock was moved (in development) by that clock. */
async function dueNow(trx: Tx, limit: number): Promise<Due[]> {
  const { rows } = await sql<Due>`
    with heard as (
      select least(${now}, coalesce((select min(received_at) from events where state = 'pending'), ${now})) - ${GRACE_MS} as until
    )
    select id, journey, step, how from decisions
    where state = 'open' and id in (
      (select id from decisions where state = 'open' and closes_at <= (select until from heard) order by closes_at limit ${limit})
      union
      (select decisions.id from customers join decisions on customer_id = customers.id
        where clock_offset_ms > 0 and state = 'open' and closes_at <= (select until from heard) + clock_offset_ms limit ${limit})
    )
    order by closes_at, id limit ${limit} for update skip locked`.execute(trx)
  return rows
}

/**
 * Gives decisions of one step the next positions. Whoever counts on holds the learner until the commit: what stands before a
 * position that one can see, one can see as well.
 */
async function settle(trx: Tx, decisions: readonly Due[]): Promise<void> {
  const { journey, step } = decisions[0]!
  const { rows } = await sql<{ settled: number }>`
    insert into learners as known (journey, step, settled) values (${journey}, ${step}, ${decisions.length})
    on conflict (journey, step) do update set settled = known.settled + excluded.settled
    returning settled`.execute(trx)
  const before = rows[0]!.settled - decisions.length
  await sql`update decisions set state = 'closed', position = ${before} + due.place
    from unnest(${decisions.map(({ id }) => id)}::text[]) with ordinality as due (id, place)
    where decisions.id = due.id`.execute(trx)
}
