import { CompiledQuery, sql } from 'kysely'
import { settingsStore, toRevision } from './decision-settings'
import { reports } from './decision-reports'
import { closeDue } from './decision-windows'
import { anyOpen, rewardedBy } from './decision-rewards'
import type { DecisionPlace, DecisionRow, DecisionStore, NewDecision, Outlook } from './deciding'
import { jsonText, storableTime } from './json'
import { pageOf, type Sorting } from './page'
import { prepared } from './prepared'
import type { Db, Row } from './schema'
import type { Page, PageQuery } from './store'
import { canonical, transact } from './transact'

const byRecording: Sorting<Row<'decisions'>> = {
  columns: [
    { name: 'recorded_at', type: 'number' },
    { name: 'id', type: 'string' },
  ],
  keyOf: ({ recorded_at, id }) => [recorded_at, id],
}

export const decisionStore = (db: Db): DecisionStore => ({
  look: (id, customerId, place) => look(db, id, customerId, place),
  make: (decision) => make(db, decision),
  async reward(customerId, event) {
    if (!(await anyOpen(db, customerId))) return 0
    return transact(db, (trx) => rewardedBy(trx, customerId, event))
  },
  close: (limit) => transact(db, (trx) => closeDue(trx, limit)),
  async settled(place, after, limit) {
    const found = at(db, place).where('position', '>', after).orderBy('position').limit(limit)
    return (await found.execute()).map(toDecision)
  },
  async latestSettled(place, limit) {
    const found = at(db, place).where('position', 'is not', null).orderBy('position', 'desc').limit(limit)
    return (await found.execute()).map(toDecision).reverse()
  },
  ...snapshots(db),
  ...reports(db),
  ofCustomer: (customerId, page) => ofCustomer(db, customerId, page),
  ...settingsStore(db),
})

const snapshots = (db: Db): Pick<DecisionStore, 'snapshot' | 'keepSnapshot'> => ({
  async snapshot({ journey, step }, version) {
    return db
      .selectFrom('learned_snapshots')
      .select(['position', 'learned'])
      .where('journey', '=', journey)
      .where('step', '=', step)
      .where('version', '=', version)
      .executeTakeFirst()
  },
  async keepSnapshot({ journey, step }, version, { position, learned }) {
    await sql`insert into learned_snapshots as known (journey, step, version, position, learned)
      values (${journey}, ${step}, ${version}, ${position}, ${jsonText(learned)}::jsonb)
      on conflict (journey, step, version) do update set position = excluded.position, learned = excluded.learned
      where known.position < excluded.position`.execute(db)
  },
})

const ofCustomer = (db: Db, customerId: string, page: PageQuery): Promise<Page<DecisionRow>> =>
  pageOf(
    page,
    byRecording,
    (after, order, count) =>
      rows(db)
        .where('customer_id', '=', canonical(customerId))
        .where(after)
        .orderBy(order)
        .limit(count)
        .execute(),
    toDecision,
  )

const rows = (db: Db) => db.selectFrom('decisions').selectAll()

const at = (db: Db, { journey, step }: DecisionPlace) =>
  rows(db).where('journey', '=', journey).where('step', '=', step)

// What rows hold beside numbers and texts is JSON, so they may come as JSON: one statement, and one plan for all partitions.
const looking = `
  with me as (select coalesce((select customer_id from customer_aliases where alias = $2), $2) as id)
  select
    (select to_json(decisions) from decisions where id = $1) as made,
    (select arm from decisions
      where customer_id = me.id and journey = $3 and step = $4 and id <> $1 and how <> 'otherwise'
      order by recorded_at desc limit 1) as last_arm,
    coalesce((select settled from learners where journey = $3 and step = $4), 0) as settled,
    (select to_json(decision_settings) from decision_settings where journey = $3 and step = $4
      order by revision desc limit 1) as settings
  from me`
prepared.set(looking, 'look-before-deciding')

interface Looked {
  made: Row<'decisions'> | null
  last_arm: string | null
  settled: number
  settings: Row<'decision_settings'> | null
}

async function look(db: Db, id: string, customerId: string, place: DecisionPlace): Promise<Outlook> {
  const { rows } = await db.executeQuery<Looked>(
    CompiledQuery.raw(looking, [id, customerId, place.journey, place.step]),
  )
  const { made, last_arm: lastArm, settled, settings } = rows[0]!
  return {
    made: made ? toDecision(made) : undefined,
    lastArm: lastArm ?? undefined,
    settings: toRevision(settings ?? undefined),
    settled,
  }
}

// Columns by name: a prepared statement breaks when what `*` stands for changes.
const making = `select id, enrollment_id, entry, journey, step, customer_id, arm, how, propensity, policy, version, learned, settings,
    context, arms, passed_over, reward_rule, at, closes_at, recorded_at, state, position, reward, rewarded_at, rewarded_by, model, lookup, shadow
  from make_decision($1::jsonb || jsonb_build_object('customer_id', coalesce((select customer_id from customer_aliases where alias = $2), $2)))`
prepared.set(making, 'make-decision')

async function make(db: Db, decision: NewDecision): Promise<DecisionRow> {
  const given = jsonText({
    id: decision.id,
    enrollment_id: decision.enrollmentId,
    entry: decision.entry,
    journey: decision.journey,
    step: decision.step,
    arm: decision.arm,
    how: decision.how,
    propensity: decision.propensity,
    policy: decision.policy,
    version: decision.version,
    learned: decision.learned,
    settings: decision.settings,
    context: decision.context,
    arms: decision.arms,
    passed_over: decision.passedOver,
    reward_rule: decision.rewardRule,
    at: storableTime(decision.at),
    closes_at: storableTime(decision.closesAt),
    model: decision.model ?? null,
    lookup: decision.lookup ?? null,
    shadow: decision.shadow ?? null,
  })
  const { rows } = await db.executeQuery<Row<'decisions'>>(
    CompiledQuery.raw(making, [given, decision.customerId]),
  )
  return toDecision(rows[0]!)
}

const toDecision = (row: Row<'decisions'>): DecisionRow => ({
  id: row.id,
  enrollmentId: row.enrollment_id,
  entry: row.entry,
  journey: row.journey,
  step: row.step,
  customerId: row.customer_id,
  arm: row.arm,
  how: row.how,
  propensity: row.propensity,
  policy: row.policy,
  version: row.version,
  learned: row.learned,
  settings: row.settings,
  context: row.context,
  arms: row.arms,
  passedOver: row.passed_over,
  rewardRule: row.reward_rule,
  at: row.at,
  closesAt: row.closes_at,
  recordedAt: row.recorded_at,
  state: row.state,
  position: row.position,
  reward: row.reward,
  rewardedAt: row.rewarded_at,
  rewardedBy: row.rewarded_by,
  model: row.model ?? undefined,
  lookup: row.lookup ?? undefined,
  shadow: row.shadow ?? undefined,
})
