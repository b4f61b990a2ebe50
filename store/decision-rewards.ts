import { CompiledQuery, sql } from 'kysely'
import { meets } from '../sdk/condition'
import type { RewardRule } from '../sdk/decision'
import { grouped } from '../sdk/grouped'
import { isFor } from '../sdk/receipt'
import type { RewardingEvent } from './deciding'
import { storableTime } from './json'
import { prepared } from './prepared'
import type { Db, Row, Tx } from './schema'
import { canonical } from './transact'

const openOnes = `select exists (
  select from decisions where state = 'open'
    and customer_id = coalesce((select customer_id from customer_aliases where alias = $1), $1)
) as found`
prepared.set(openOnes, 'open-decisions')

/** Whether an event may be a reward at all: for most it is not, and that costs one round trip. */
export async function anyOpen(db: Db, customerId: string): Promise<boolean> {
  const { rows } = await db.executeQuery<{ found: boolean }>(CompiledQuery.raw(openOnes, [customerId]))
  return rows[0]!.found
}

/** Of each step the newest decision that the event is a reward for; none where it rewarded one before. */
export async function rewardedBy(trx: Tx, customerId: string, event: RewardingEvent): Promise<number> {
  let rewarded = 0
  for (const ofStep of (await known(trx, customerId, event)).values()) {
    if (ofStep.some((row) => row.rewarded_by === event.messageId)) continue
    const row = candidatesOf(ofStep, event).find(
      (each) => each.rewarded_by === null && rewardOf(each.reward_rule, event) !== undefined,
    )
    if (!row) continue
    await trx
      .updateTable('decisions')
      .set({ reward: rewardOf(row.reward_rule, event), rewarded_by: event.messageId })
      .set({ rewarded_at: row.happened_at })
      .where('id', '=', row.id)
      .where('recorded_at', '=', row.recorded_at)
      .execute()
    rewarded += 1
  }
  return rewarded
}

/** A message may be opened and clicked many times: a second receipt of it says nothing of earlier decisions. */
function candidatesOf(ofStep: readonly Known[], event: RewardingEvent): readonly Known[] {
  const own = ofStep.filter(({ enrollment_id: id, entry }) => isFor({ id, entry }, event))
  return event.kind === 'receipt' ? own.slice(0, 1) : own
}

type Known = Pick<
  Row<'decisions'>,
  'id' | 'recorded_at' | 'enrollment_id' | 'entry' | 'journey' | 'step' | 'reward_rule' | 'rewarded_by'
> & {
  /** By the customer's clock. */
  readonly happened_at: number
}

/** Those made before the event whose windows it falls into, newest first, and all that it rewarded; by step. */
async function known(
  trx: Tx,
  customerId: string,
  event: RewardingEvent,
): Promise<ReadonlyMap<string, Known[]>> {
  const { rows } = await sql<Known>`
    select decisions.id, decisions.recorded_at, enrollment_id, entry, journey, step, reward_rule, rewarded_by, clock.happened_at
    from decisions cross join lateral (
      select ${storableTime(event.occurredAt)}::bigint
        + coalesce((select clock_offset_ms from customers where id = decisions.customer_id), 0) as happened_at
    ) as clock
    where customer_id = ${canonical(customerId)}
      and (rewarded_by = ${event.messageId} or (state = 'open' and how <> 'otherwise'
        and clock.happened_at <= closes_at and ${event.kind === 'receipt' ? beforeItsMessage(event) : sql`at < clock.happened_at`}))
    order by decisions.at desc, decisions.recorded_at desc
    for update of decisions`.execute(trx)
  return grouped(rows, ({ journey, step }) => JSON.stringify([journey, step]))
}

/**
 * What was decided after a message was asked for did not bring about its receipts. When they say it happened does not matter:
 * providers tell whole seconds, by clocks of their own.
 */
const beforeItsMessage = ({ properties }: RewardingEvent) =>
  sql`at <= (select touchpoints.at from touchpoints where touchpoints.id = ${String(properties.touchpoint)})`

/** More is a mistake, and its square would drown all that a policy knows. */
const MOST_REWARD = 1e12

/** Undefined for an event that is no reward, or does not say how much. */
function rewardOf({ on, value, key }: RewardRule, { name, properties }: RewardingEvent): number | undefined {
  const fits = on.some(
    (each) =>
      each.name === name &&
      meets(properties, { ...each.conditions }) &&
      (each.ofAnyKey || !key || hasKey(properties, key)),
  )
  if (!fits) return undefined
  const reward = value === undefined ? 1 : properties[value]
  return typeof reward === 'number' && Math.abs(reward) <= MOST_REWARD ? reward : undefined
}

const hasKey = (
  properties: RewardingEvent['properties'],
  { property, value }: NonNullable<RewardRule['key']>,
) => !Object.hasOwn(properties, property) || String(properties[property]) === value
