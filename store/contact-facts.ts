import { CompiledQuery } from 'kysely'
import type { Category } from '../sdk'
import {
  longestWindowMs,
  type ConsentWord,
  type ContactFacts,
  type Counted,
  type Rival,
  type Stop,
  type SuppressedBecause,
  type Wanted,
  WANTED_FOR_MS,
} from '../sdk/contact'
import type { Device } from '../sdk'
import { isDead } from './devices'
import type { ActiveLimits } from './limits'
import { prepared } from './prepared'
import type { Db, Row } from './schema'
import type { ContactQuestion } from './store'

/** What one statement saw. */
export interface Seen {
  readonly facts: ContactFacts
  readonly touchpoint: Row<'touchpoints'> | undefined
  /** The enrollment has ended: nothing more is sent for it. */
  readonly ended: boolean
  /** Of the row in `contacts`: whoever writes what was decided on these facts must find it unchanged. */
  readonly version: number
  readonly wallClock: number
  /** Of the rules: what is held by older ones is asked for again. */
  readonly rulesVersion: number
}

interface Found {
  customer_id: string
  traits: Record<string, unknown> | null
  devices: Device[] | null
  touchpoint: Row<'touchpoints'> | null
  ended: boolean
  version: number
  wall_clock: number
  consents: ConsentWord[] | null
  suppressed: SuppressedBecause[] | null
  counted: { at: number; channel: string; category: Category; journey: string }[] | null
  rivals: Rival[] | null
  wanted: Wanted[] | null
  other_enrollments: number
  stops: Stop[] | null
  revision: number | null
  rules_version: number
}

// A touchpoint is not older than its enrollment, and its `at` is never behind the wall clock of its recording, so the
// customer's window lies within the wall's: later partitions alone are read. A day for clocks that are set back.
const reading = `
  with me as (
    select coalesce((select customer_id from customer_aliases where alias = $1), $1) as id, wall_clock() as wall_clock
  )
  select
    me.id as customer_id,
    me.wall_clock,
    (select traits from customers where id = me.id) as traits,
    (select json_agg(json_build_object('channel', channel, 'address', address) order by seen_at desc, key)
      from devices where customer_id = me.id and not ${isDead}) as devices,
    (select to_json(touchpoints) from touchpoints where id = $2 and recorded_at >= coalesce(
      (select recorded_at - 86400000 from enrollments where workflow_id = $3 and entry = $4), 0)) as touchpoint,
    exists (select from enrollments where workflow_id = $3 and entry = $4 and status = 'ended') as ended,
    coalesce((select version from contacts where customer_id = me.id), 0) as version,
    (select json_agg(word) from (
      select distinct on (channel, purpose) channel, purpose, state, occurred_at as "occurredAt" from consents
      where customer_id = me.id order by channel, purpose, occurred_at desc, id desc
    ) as word) as consents,
    (select json_agg(reason) from suppressions where address = $5 and lifted_at is null) as suppressed,
    (select json_agg(one) from (
      select at, channel, category, journey from touchpoints
      where customer_id = me.id and status in ('sending', 'sent', 'unknown')
        and recorded_at > me.wall_clock - $7::bigint - 86400000 and at > $6::bigint - $7::bigint and id <> $2
      order by at
    ) as one) as counted,
    (select json_agg(one) from (
      select id, journey, channel, category, priority, status, at, held_until as "heldUntil", expires_at as "expiresAt",
        nullif(enrollment_id, $3) as "otherEnrollment"
      from touchpoints as held where customer_id = me.id and status in ('proposed', 'held') and id <> $2 and not exists (
        select from enrollments as theirs
        where theirs.workflow_id = held.enrollment_id and theirs.entry = held.entry and theirs.status = 'paused'
      )
    ) as one) as rivals,
    (select json_agg(one) from (
      select at, channel, category, journey, priority, status in ('sending', 'sent', 'unknown') as went from touchpoints
      where customer_id = me.id and category = 'marketing' and id <> $2 and $7::bigint > 0
        and recorded_at > me.wall_clock - ${WANTED_FOR_MS} and at > $6::bigint - ${WANTED_FOR_MS}
        and (status not in ('withheld', 'failed') or because in ('quiet-hours', 'frequency-cap', 'outbid'))
    ) as one) as wanted,
    (select count(*)::integer from enrollments
      where customer_id = me.id and status <> 'ended' and workflow_id <> $3) as other_enrollments,
    (select json_agg(one) from (select id, scope, name from stops where ended_at is null order by id) as one) as stops,
    (select revision from limits where state = 'active') as revision,
    (select version from rules) as rules_version
  from me`
prepared.set(reading, 'contact-facts')

/** All that a touchpoint is decided on, in one statement. `address` is what the judge named the last time. */
export async function readContact(
  db: Db,
  limits: ActiveLimits,
  question: ContactQuestion,
  address: string | undefined,
): Promise<Seen> {
  const lookBack = longestWindowMs(limits.latest)
  const { id, customerId, enrollmentId, entry, at } = question
  const values = [customerId, id, enrollmentId, entry, address ?? null, Math.trunc(at), lookBack]
  const { rows } = await db.executeQuery<Found>(CompiledQuery.raw(reading, values))
  const found = rows[0]!
  const current = await limits.of(found.revision)
  // They were changed, and now look further back than we did.
  if (longestWindowMs(current) > lookBack) return readContact(db, limits, question, address)
  return {
    facts: { ...factsOf(found), limits: current },
    touchpoint: found.touchpoint ?? undefined,
    ended: found.ended,
    version: found.version,
    wallClock: found.wall_clock,
    rulesVersion: found.rules_version,
  }
}

const factsOf = (found: Found): Omit<ContactFacts, 'limits'> => ({
  customerId: found.customer_id,
  customer: found.traits
    ? { id: found.customer_id, traits: found.traits, devices: found.devices ?? [] }
    : undefined,
  consents: found.consents ?? [],
  suppressedBecause: found.suppressed ?? [],
  counted: (found.counted ?? []) as Counted[],
  rivals: found.rivals ?? [],
  wanted: found.wanted ?? [],
  otherEnrollments: found.other_enrollments,
  stops: found.stops ?? [],
})
