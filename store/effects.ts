import { sql } from 'kysely'
import type { Db } from './schema'
import type { JourneyEffect, JourneyEffects } from './store'

/** By how much an event may come in before it is said to have happened. */
const AHEAD_MS = 24 * 60 * 60_000

/** Enrollments of before it was noted who is kept out tell by their outcome. */
const isHeldOut = sql`coalesce(held_out, outcome ->> 'is' = 'held out', false)`

export async function effectsOf(
  db: Db,
  journey: string,
  { since, withinMs, contacts }: { since: number; withinMs: number; contacts: readonly string[] },
): Promise<JourneyEffects> {
  const { rows } = await sql<JourneyEffect & { held_out: boolean }>`
    select held_out, count(*) as enrollments, count(*) filter (where converted) as converted,
      count(*) filter (where contacts > 0) as contacted, coalesce(sum(contacts), 0)::bigint as contacts
    from (
      select ${isHeldOut} as held_out,
        coalesce(outcome ->> 'is' = 'converted' or outcome ->> 'converted' = 'true', false) as converted,
        (select count(*) from events
          where events.customer_id = enrollments.customer_id and kind = 'track' and name = any(${contacts}::text[])
            and properties ->> 'direction' is distinct from 'outbound'
            and received_at >= enrollments.recorded_at - ${AHEAD_MS}
            and occurred_at >= enrollments.recorded_at and occurred_at < enrollments.recorded_at + ${withinMs}::bigint
        ) as contacts
      from enrollments
      where journey = ${journey} and recorded_at >= ${since} and recorded_at + ${withinMs}::bigint <= wall_clock()
    ) as one group by held_out`.execute(db)
  const of = (heldOut: boolean): JourneyEffect | undefined => {
    const { held_out: _, ...effect } = rows.find((row) => row.held_out === heldOut) ?? { held_out: false }
    return 'enrollments' in effect ? effect : undefined
  }
  return { treated: of(false), heldOut: of(true) }
}
