import { CompiledQuery, sql } from 'kysely'
import type { Outcome } from '../sdk'
import type { Append } from './append'
import { entryRule } from '../sdk/entry-rule'
import { jsonText, storableTime } from './json'
import { pageOf, type Sorting } from './page'
import { prepared } from './prepared'
import type { Db, Row, Tx } from './schema'
import type {
  EndedEnrollment,
  EnrollmentFilter,
  EnrollmentRow,
  EnrollmentStore,
  EntryRequest,
  EntryVerdict,
  Page,
  PageQuery,
} from './store'
import { canonical, lock, lockForNews, repeated, transact } from './transact'
import type { Wake } from './wake'

const byStart: Sorting<Row<'enrollments'>> = {
  columns: [
    { name: 'started_at', type: 'number' },
    { name: 'workflow_id', type: 'string' },
    { name: 'entry', type: 'number' },
  ],
  keyOf: (row) => [row.started_at, row.workflow_id, row.entry],
}

export const enrollmentStore = (db: Db, wake: Wake, append: Append): EnrollmentStore => ({
  enter: (request) => transact(db, (trx) => enter(trx, request)),
  async started(id, entry) {
    await only(db, id, entry).set({ status: 'running' }).where('status', '=', 'starting').execute()
  },
  async statusIs(id, entry, status) {
    await only(db, id, entry).set({ status }).where('status', '<>', 'ended').execute()
  },
  async end(ended) {
    const { handover } = ended
    if (!handover) return repeated(() => recordEnd(db, ended))
    await transact(db, async (trx) => {
      await recordEnd(trx, ended)
      await append(trx, [handover])
    })
    wake.appended()
  },
  live: (customerId) => live(db, customerId),
  get: (id, entry) => get(db, id, entry),
  list: (filter, page) => list(db, filter, page),
  counts: (journey) => counts(db, journey),
})

const only = (db: Db, id: string, entry: number) =>
  db.updateTable('enrollments').where('workflow_id', '=', id).where('entry', '=', entry)

async function enter(trx: Tx, request: EntryRequest): Promise<EntryVerdict> {
  const customerId = await lockForNews(trx, request.customerId)
  await lock(trx, 'enrollment', request.id)
  const decisive = await decisiveEntry(trx, request, customerId)
  const verdict = decisive && entryRule(toEnrollment(decisive), request)
  if (verdict) return verdict
  const row = await trx
    .insertInto('enrollments')
    .values({
      workflow_id: request.id,
      entry: sql<number>`(select coalesce(max(entry), 0) + 1 from enrollments where workflow_id = ${request.id})`,
      journey: request.journey,
      customer_id: customerId,
      key: request.key ?? null,
      build: request.build,
      status: 'starting',
      enrolled_by: request.enrolledBy,
      held_out: request.heldOut ?? null,
      started_at: storableTime(request.now),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { is: 'entered', enrollment: toEnrollment(row) }
}

/**
 * Of the entries of this customer in this journey (and key), the one that decides: made by the same event, else alive, else
 * the last to end. Not by workflow id alone: a customer merged into this one may be in the journey under an id of its own.
 */
async function decisiveEntry(
  trx: Tx,
  request: EntryRequest,
  customerId: string,
): Promise<Row<'enrollments'> | undefined> {
  const { rows } = await sql<Row<'enrollments'>>`
    select * from enrollments
    where workflow_id = ${request.id}
      or (customer_id = ${customerId} and journey = ${request.journey} and key is not distinct from ${request.key ?? null}::text)
    order by (enrolled_by = ${request.enrolledBy}) desc, (status <> 'ended') desc, ended_at desc, entry desc
    limit 1`.execute(trx)
  return rows[0]
}

const ending = 'select end_enrollment($1, $2, $3, $4, $5, $6::jsonb, $7)'
prepared.set(ending, 'end-enrollment')

/** The outcome, and an end to what was not handed over yet; all or nothing. */
async function recordEnd(db: Db | Tx, ended: EndedEnrollment): Promise<void> {
  const { id, entry, journey, customerId, key = null, outcome, endedAt } = ended
  const values = [id, entry, journey, customerId, key, jsonText(outcome), storableTime(endedAt)]
  await db.executeQuery(CompiledQuery.raw(ending, values))
}

// Columns by name: a prepared statement breaks when what `*` stands for changes.
const liveOnes = `
  select workflow_id, entry, journey, customer_id, key, build, status, outcome, enrolled_by, held_out, started_at, ended_at
  from enrollments
  where customer_id = coalesce((select customer_id from customer_aliases where alias = $1), $1) and status <> 'ended'
  order by started_at, workflow_id`
prepared.set(liveOnes, 'live-enrollments')

async function live(db: Db, customerId: string): Promise<EnrollmentRow[]> {
  const { rows } = await db.executeQuery<Row<'enrollments'>>(CompiledQuery.raw(liveOnes, [customerId]))
  return rows.map(toEnrollment)
}

async function get(db: Db, id: string, entry: number | undefined): Promise<EnrollmentRow | undefined> {
  const row = await db
    .selectFrom('enrollments')
    .selectAll()
    .where('workflow_id', '=', id)
    .$if(entry !== undefined, (query) => query.where('entry', '=', entry!))
    .orderBy('entry', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toEnrollment(row)
}

const list = (db: Db, filter: EnrollmentFilter, page: PageQuery): Promise<Page<EnrollmentRow>> =>
  pageOf(
    page,
    byStart,
    (after, order, count) => filtered(db, filter).where(after).orderBy(order).limit(count).execute(),
    toEnrollment,
  )

const filtered = (db: Db, { customerId, journey, status, build, ids }: EnrollmentFilter) =>
  db
    .selectFrom('enrollments')
    .selectAll()
    .$if(customerId !== undefined, (query) => query.where('customer_id', '=', canonical(customerId!)))
    .$if(journey !== undefined, (query) => query.where('journey', '=', journey!))
    .$if(status !== undefined, (query) =>
      query.where('status', 'in', status === 'running' ? ['starting', status] : [status!]),
    )
    .$if(build !== undefined, (query) => query.where('build', '=', build!))
    .$if(ids !== undefined, (query) => query.where(sql<boolean>`workflow_id = any(${ids}::text[])`))

async function counts(db: Db, journey: string): ReturnType<EnrollmentStore['counts']> {
  const { rows } = await sql<{
    status: EnrollmentRow['status']
    outcome: Outcome['is'] | null
    count: number
  }>`
    select status, outcome ->> 'is' as outcome, count(*) as count
    from enrollments where journey = ${journey} group by 1, 2`.execute(db)
  const total = (...statuses: EnrollmentRow['status'][]) =>
    rows.filter(({ status }) => statuses.includes(status)).reduce((sum, { count }) => sum + count, 0)
  const outcomes = rows.flatMap(({ outcome, count }) => (outcome === null ? [] : [[outcome, count] as const]))
  return {
    running: total('starting', 'running'),
    paused: total('paused'),
    ended: total('ended'),
    outcomes: Object.fromEntries(outcomes),
  }
}

const toEnrollment = (row: Row<'enrollments'>): EnrollmentRow => ({
  id: row.workflow_id,
  entry: row.entry,
  journey: row.journey,
  customerId: row.customer_id,
  key: row.key,
  build: row.build,
  status: row.status,
  outcome: row.outcome,
  enrolledBy: row.enrolled_by,
  heldOut: row.held_out,
  startedAt: row.started_at,
  endedAt: row.ended_at,
})
