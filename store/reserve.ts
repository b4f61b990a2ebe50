import { CompiledQuery, sql } from 'kysely'
import type { Judgment, Verdict } from '../sdk/contact'
import { readContact, type Seen } from './contact-facts'
import { jsonText, storableTime } from './json'
import type { ActiveLimits } from './limits'
import { prepared } from './prepared'
import type { Db, Row } from './schema'
import type { Judge, Judged, Reservation, TouchpointRequest } from './store'
import { refOf, toTouchpoint } from './touchpoint-row'
import { now } from './transact'

const LONGEST_PAUSE_MS = 5_000
/** Each time somebody else got through, so even a storm of one customer's touchpoints comes to its end. */
const ATTEMPTS = 500

/**
 * Reads, decides and writes without holding a lock in between: the write finds the customer's version as it was read, or
 * nothing is written and all is done anew. Two round trips where nobody interferes.
 */
export async function reserve(
  db: Db,
  limits: ActiveLimits,
  request: TouchpointRequest,
  leaseMs: number,
  judge: Judge,
): Promise<Reservation> {
  let address: string | undefined
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const seen = await readContact(db, limits, request, address)
    const known = seen.touchpoint && (await alreadyBegun(db, seen, seen.touchpoint, leaseMs))
    if (known) return known
    const judged = seen.ended
      ? withdrawn
      : judge(seen.facts, seen.touchpoint && toTouchpoint(seen.touchpoint))
    const news = judged.address !== address
    const row = await write(db, request, seen, judged, leaseMs, news)
    if (row) return reservationOf(row, judged.judgment)
    address = judged.address
  }
  throw new Error('The touchpoint could not be recorded: too much happens with this customer at once.')
}

/** What an earlier attempt left, unless it is to be judged again. */
async function alreadyBegun(
  db: Db,
  { wallClock }: Seen,
  row: Row<'touchpoints'>,
  leaseMs: number,
): Promise<Reservation | undefined> {
  switch (row.status) {
    case 'proposed':
    case 'held':
    case 'retrying':
      return undefined
    case 'sending':
      return begun(db, row, wallClock, leaseMs)
    default:
      return { is: 'settled', touchpoint: toTouchpoint(row) }
  }
}

/** Another attempt began: it may still be at it, or its process died with the end unknown; that is told to one. */
async function begun(
  db: Db,
  row: Row<'touchpoints'>,
  wallClock: number,
  leaseMs: number,
): Promise<Reservation | undefined> {
  const rest = row.lease_until! - wallClock
  if (rest > 0) return { is: 'busy', retryMs: Math.min(rest, LONGEST_PAUSE_MS) }
  const taken = await db
    .updateTable('touchpoints')
    .set({ attempts: row.attempts + 1, lease_until: sql<number>`${now} + ${leaseMs}::bigint` })
    .where('id', '=', row.id)
    .where('status', '=', 'sending')
    .where('lease_until', '=', row.lease_until)
    .returning('attempts')
    .executeTakeFirst()
  if (!taken) return { is: 'busy', retryMs: LONGEST_PAUSE_MS }
  return { is: 'interrupted', attempt: taken.attempts, recordedAt: row.recorded_at }
}

const withdrawn: Judged = {
  judgment: {
    is: 'withheld',
    because: 'withdrawn',
    verdicts: [{ rule: 'enrollment', allows: false, because: 'it has ended' }],
  },
  priority: 1,
}

function reservationOf(row: Row<'touchpoints'>, judgment: Judgment): Reservation {
  switch (judgment.is) {
    case 'allowed':
      return { is: 'reserved', attempt: row.attempts, recordedAt: row.recorded_at }
    case 'withheld':
      return { is: 'settled', touchpoint: toTouchpoint(row) }
    case 'held':
      return { is: 'held', touchpoint: toTouchpoint(row), until: judgment.until }
    case 'proposed':
      return { is: 'proposed', waitMs: judgment.waitMs }
  }
}

const unchanged = `
  with mine as (
    insert into contacts as mine (customer_id, version) values ($1, $2::bigint + 1)
    on conflict (customer_id) do update set version = excluded.version where mine.version = $2
    returning version
  )`

// An address that the facts did not ask for yet must not be suppressed.
const usable = `not exists (select from suppressions where address = $3 and lifted_at is null)`

const state =
  'status, because, verdicts, priority, held_until, expires_at, attempts, lease_until, at, rules_version, address'
const stateValues =
  '$5, $6, $7::jsonb, $8::float8, $9::bigint, $10::bigint, $11::integer, wall_clock() + $12::bigint, $13::bigint, $14::bigint, $15::text'

// By name: a prepared `*` breaks in processes that run while a migration adds a column.
export const touchpointColumns = [
  'id', 'ref', 'enrollment_id', 'entry', 'journey', 'customer_id', 'step', 'channel', 'message', 'category', 'topic', 'status',
  'because', 'provider', 'provider_message_id', 'attempts', 'verdicts', 'at', 'recorded_at', 'lease_until', 'priority',
  'held_until', 'expires_at', 'look_again_at', 'rules_version', 'address', 'receipts',
].join(', ') // prettier-ignore

const insertion = `${unchanged}
  insert into touchpoints (
    id, ${state}, ref, enrollment_id, entry, journey, customer_id, step, channel, message, category, topic, provider
  )
  select $4, ${stateValues}, $16, $17, $18::integer, $19, $1, $20, $21, $22, $23, $24, $25
  from mine where ${usable}
  returning ${touchpointColumns}`
prepared.set(insertion, 'reserve-touchpoint')

const change = `${unchanged}
  update touchpoints set (${state}) = (select ${stateValues} from mine), look_again_at = null
  where id = $4 and status in ('proposed', 'held', 'retrying') and exists (select from mine) and ${usable}
  returning ${touchpointColumns}`
prepared.set(change, 'reserve-touchpoint-again')

/** The row as written; undefined when the facts had changed. */
async function write(
  db: Db,
  request: TouchpointRequest,
  seen: Seen,
  judged: Judged,
  leaseMs: number,
  addressIsNew: boolean,
): Promise<Row<'touchpoints'> | undefined> {
  const address = addressIsNew ? judged.address : undefined
  const before = [seen.facts.customerId, seen.version, address ?? null, request.id]
  const state = stateOf(judged, seen.touchpoint, leaseMs)
  const values = [...before, ...state, storableTime(request.at), seen.rulesVersion, judged.address ?? null]
  const query = seen.touchpoint
    ? CompiledQuery.raw(change, values)
    : CompiledQuery.raw(insertion, [...values, ...identityOf(request, judged)])
  const { rows } = await db.executeQuery<Row<'touchpoints'>>(query)
  return rows[0]
}

function stateOf(
  { judgment, priority }: Judged,
  row: Row<'touchpoints'> | undefined,
  leaseMs: number,
): unknown[] {
  const { status, because, heldUntil, expiresAt } = fieldsOf(judgment, row)
  const attempts = (row?.attempts ?? 0) + (judgment.is === 'allowed' ? 1 : 0)
  const lease = judgment.is === 'allowed' ? leaseMs : null
  const verdicts: readonly Verdict[] = judgment.verdicts
  return [status, because, jsonText(verdicts), priority, heldUntil, expiresAt, attempts, lease]
}

/** When it expires stays on record, also while it is sent and handed back. */
function fieldsOf(judgment: Judgment, row: Row<'touchpoints'> | undefined) {
  const still = { because: null, heldUntil: null, expiresAt: row?.expires_at ?? null }
  switch (judgment.is) {
    case 'allowed':
      return { ...still, status: 'sending' }
    case 'proposed':
      return { ...still, status: 'proposed' }
    case 'withheld':
      return { ...still, status: 'withheld', because: judgment.because }
    case 'held': {
      const { because, until, expiresAt } = judgment
      return { status: 'held', because, heldUntil: Math.trunc(until), expiresAt }
    }
  }
}

const identityOf = (request: TouchpointRequest, { provider = request.provider }: Judged): unknown[] => [
  refOf(request.id),
  request.enrollmentId,
  request.entry,
  request.journey,
  request.step,
  request.channel,
  request.message,
  request.category,
  request.topic ?? null,
  provider,
]
