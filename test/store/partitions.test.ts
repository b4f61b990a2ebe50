import { Kysely, PostgresDialect, sql } from 'kysely'
import type { IncomingEvent } from '../../sdk'
import { appends } from '../../store/append'
import { decisionStore } from '../../store/decisions'
import { enrollmentStore } from '../../store/enrollments'
import { eventStore } from '../../store/events'
import { migrate } from '../../store/migrate'
import { migrations } from '../../store/migrations'
import { startsIn, WEEK_MS } from '../../store/partitions/layout'
import { partitionStore } from '../../store/partitions/upkeep'
import { openInMemory } from '../../store/pglite/open'
import { postgresPool } from '../../store/postgres/pool'
import type { Db, Tables } from '../../store/schema'
import { ActiveLimits } from '../../store/limits'
import { touchpointStore } from '../../store/touchpoints'
import { wakeCalls } from '../../store/wake'
import { testDatabase, type TestDatabase } from '../support/postgres'
import { fresh } from './on-both'
import { decisionOf, entryOf, letAll, touchpointOf } from './requests'

const DAY_MS = 24 * 60 * 60 * 1000

describe.each(['postgres', 'pglite'] as const)('partitions on %s', (kind) => {
  let database: TestDatabase | undefined
  let db: Db
  const open: Db[] = []
  let thisWeek: number
  /** Away from the turn of the week, whenever the test runs. */
  let midweek: number

  beforeAll(async () => {
    if (kind === 'postgres') database = await testDatabase()
    db = await connect()
  })
  beforeEach(async () => {
    await anew(db)
    await migrate(db)
    thisWeek = startsIn(await partitionsOf('events'))[0]!
    midweek = thisWeek + 3 * DAY_MS
    await clockSays(midweek)
  })
  afterAll(async () => {
    await Promise.all(open.map((each) => each.destroy()))
    await database?.drop()
  })

  const anew = (which: Db) => sql`drop schema public cascade; create schema public`.execute(which)

  async function connect(): Promise<Db> {
    const pool = database ? postgresPool({ url: database.url, size: 4, say: () => {} }) : await openInMemory()
    const connected = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    open.push(connected)
    return connected
  }

  /** Another process, with what it knows of the partitions; PGlite has one, so it is the same connection there. */
  async function another() {
    return storeOf(database ? await connect() : db)
  }

  const storeOf = (over: Db) => {
    const append = appends()
    return {
      events: eventStore(over, wakeCalls(), append),
      enrollments: enrollmentStore(over, wakeCalls(), append),
      touchpoints: touchpointStore(over, new ActiveLimits(over)),
      decisions: decisionStore(over),
      partitions: partitionStore(over),
    }
  }

  const clockSays = (at: number) =>
    sql
      .raw(
        `create or replace function arrival_time() returns bigint language sql stable as $$ select ${at}::bigint $$`,
      )
      .execute(db)

  async function partitionsOf(table: string): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`select relname::text as name
      from pg_inherits join pg_class on oid = inhrelid where inhparent = ${table}::regclass order by 1`.execute(
      db,
    )
    return rows.map(({ name }) => name)
  }

  async function eventsIn(partition: string): Promise<string[]> {
    const { rows } = await sql<{
      id: string
    }>`select message_id as id from ${sql.table(partition)} order by id`.execute(db)
    return rows.map(({ id }) => id)
  }

  const eventAt = (occurredAt: number, messageId = fresh('message')): IncomingEvent => ({
    messageId,
    kind: 'track',
    customerId: 'anna',
    name: 'Seen',
    properties: {},
    occurredAt,
  })

  const nameOf = (table: string, at: number) =>
    `${table}_${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}`
  const weeks = (count: number) => midweek + count * WEEK_MS

  test('are made ahead, once', async () => {
    const store = storeOf(db)
    expect(await store.partitions.ahead()).toEqual({ events: 0, touchpoints: 0, decisions: 0 })
    const { made } = await store.partitions.upkeep({})
    expect(made.filter((name) => name.startsWith('events'))).toEqual(
      [1, 2, 3, 4].map((week) => nameOf('events', thisWeek + week * WEEK_MS)),
    )
    expect(made.filter((name) => name.startsWith('touchpoints'))).toHaveLength(2)
    expect(made.filter((name) => name.startsWith('decisions'))).toHaveLength(2)
    expect(await store.partitions.ahead()).toEqual({ events: 4, touchpoints: 2, decisions: 2 })
    expect(await store.partitions.upkeep({})).toEqual({
      made: [],
      dropped: [],
      kept: [],
      putOff: [],
      tasks: 0,
    })
    expect(await partitionsOf('events')).toHaveLength(6)
  })

  test('each week goes into its own, and what comes when there is none into the default one', async () => {
    const store = storeOf(db)
    await store.partitions.upkeep({})
    for (const week of [0, 1, 5]) {
      await clockSays(weeks(week))
      expect(await (await another()).events.append([eventAt(weeks(week), `week-${week}`)])).toBe(1)
    }
    expect(await eventsIn(nameOf('events', thisWeek))).toEqual(['week-0'])
    expect(await eventsIn(nameOf('events', thisWeek + WEEK_MS))).toEqual(['week-1'])
    expect(await eventsIn('events_default')).toEqual(['week-5'])
    await store.partitions.upkeep({})
    expect(await store.partitions.ahead()).toMatchObject({ events: 4 })
    expect(
      (await store.events.pending([...Array(64).keys()], [], 10)).map(({ messageId }) => messageId),
    ).toEqual(['week-0', 'week-1', 'week-5'])
  })

  test('a message id counts once in the week after, from a process that knew the week before and from a new one', async () => {
    const store = storeOf(db)
    await store.partitions.upkeep({})
    const events = [eventAt(midweek), eventAt(midweek), eventAt(midweek)]
    expect(await store.events.append(events)).toBe(3)
    await clockSays(weeks(1))
    const late = eventAt(weeks(1))
    expect(await store.events.append([...events, late, late])).toBe(1)
    expect(await (await another()).events.append([...events, late])).toBe(0)
    // Without a time of its own, a repeat seems to happen when it comes in.
    expect(await (await another()).events.append([{ ...events[0]!, occurredAt: weeks(1) }])).toBe(0)
  })

  test('a repeat is known however late, when it says when it happened', async () => {
    const store = storeOf(db)
    const event = eventAt(midweek)
    await store.events.append([event])
    for (let week = 1; week <= 8; week++) {
      await clockSays(weeks(week))
      await store.partitions.upkeep({})
    }
    expect(await store.events.append([event, eventAt(weeks(8))])).toBe(1)
    expect(await (await another()).events.append([event])).toBe(0)
  })

  test('what is new of a batch keeps its order, old times, new ones and repeats among each other', async () => {
    const store = storeOf(db)
    await store.partitions.upkeep({})
    const known = eventAt(midweek)
    await store.events.append([known])
    await clockSays(weeks(1))
    const batch = [eventAt(weeks(-30)), known, eventAt(weeks(-30)), eventAt(weeks(-40))]
    expect(await store.events.append(batch)).toBe(3)
    const { items } = await store.events.ofCustomer('anna', { limit: 10 })
    expect(items.map(({ messageId }) => messageId).reverse()).toEqual(
      [known, batch[0]!, batch[2]!, batch[3]!].map(({ messageId }) => messageId),
    )
  })

  test('a repeat of what came in while there was no partition is known once there are some again', async () => {
    await clockSays(weeks(3))
    const stray = eventAt(weeks(3))
    await storeOf(db).events.append([stray])
    await storeOf(db).partitions.upkeep({})
    await clockSays(weeks(6))
    const store = await another()
    expect(await store.events.append([stray, eventAt(weeks(6))])).toBe(1)
    await clockSays(weeks(7))
    expect(await (await another()).events.append([stray])).toBe(0)
  })

  test('at the turn of a week several processes let an event in once, whichever week each of them sees', async () => {
    const stores = [storeOf(db), await another(), await another()]
    await stores[0]!.partitions.upkeep({})
    const turn = thisWeek + WEEK_MS
    const events = Array.from({ length: 30 }, () => eventAt(turn))
    for (const [round, event] of events.entries()) {
      const clock = clockSays(turn + (round % 2 === 0 ? -1 : 1))
      const added = await Promise.all(stores.map((store) => store.events.append([event])))
      await clock
      expect(added.sort()).toEqual([0, 0, 1])
    }
    const [before, after] = [
      await eventsIn(nameOf('events', thisWeek)),
      await eventsIn(nameOf('events', turn)),
    ]
    expect([...before, ...after].sort()).toEqual(events.map(({ messageId }) => messageId).sort())
    expect(Math.min(before.length, after.length)).toBeGreaterThan(0)
  })

  test('are dropped past their retention, but not while something in them waits', async () => {
    const store = storeOf(db)
    const [first, second, third] = [eventAt(midweek), eventAt(weeks(1)), eventAt(weeks(2))]
    for (const [week, event] of [first, second, third].entries()) {
      await clockSays(weeks(week))
      await store.partitions.upkeep({})
      await store.events.append([event])
    }
    await store.events.handled([(await store.events.byMessageId(first.messageId))!])
    await store.events.setAside((await store.events.byMessageId(second.messageId))!, 'it is odd')
    await clockSays(weeks(12))
    expect(await store.partitions.upkeep({})).toMatchObject({ dropped: [], kept: [] })
    const all = { events: 5 * WEEK_MS }
    expect(await store.partitions.upkeep(all)).toMatchObject({
      dropped: expect.arrayContaining([nameOf('events', thisWeek), nameOf('events', thisWeek + 3 * WEEK_MS)]),
      kept: [nameOf('events', thisWeek + WEEK_MS), nameOf('events', thisWeek + 2 * WEEK_MS)],
    })
    expect(await store.events.byMessageId(first.messageId)).toBeUndefined()
    await store.events.replay(second.messageId)
    const waiting = await store.events.pending([...Array(64).keys()], [], 10)
    expect(waiting.map(({ messageId }) => messageId)).toEqual([second.messageId, third.messageId])
    await store.events.handled(waiting)
    expect(await store.partitions.upkeep(all)).toMatchObject({
      dropped: [nameOf('events', thisWeek + WEEK_MS), nameOf('events', thisWeek + 2 * WEEK_MS)],
      kept: [],
    })
    // Before the first partition there is none now.
    expect(await store.events.append([eventAt(weeks(-3)), eventAt(weeks(12))])).toBe(2)
  })

  test('what lies in the default partition goes when its retention is over, and what waits there stays', async () => {
    const store = storeOf(db)
    await clockSays(weeks(3))
    const [gone, stays] = [eventAt(weeks(3)), eventAt(weeks(3))]
    await store.events.append([gone, stays])
    await store.events.handled([(await store.events.byMessageId(gone.messageId))!])
    await clockSays(weeks(20))
    await store.partitions.upkeep({ events: 5 * WEEK_MS })
    expect(await eventsIn('events_default')).toEqual([stays.messageId])
  })

  test('touchpoints: one under way keeps its partition, and a reserved one is found in later ones', async () => {
    const store = storeOf(db)
    await store.partitions.upkeep({})
    const entry = entryOf('berta')
    await store.enrollments.enter(entry)
    const [sent, underWay] = [touchpointOf('berta'), touchpointOf('berta')]
    for (const request of [sent, underWay]) await store.touchpoints.reserve(request, 60_000, letAll)
    await store.touchpoints.settle(sent.id, { status: 'sent' })
    await clockSays(weeks(30))
    await store.partitions.upkeep({})
    expect((await store.partitions.upkeep({ touchpoints: 10 * WEEK_MS })).kept).toHaveLength(1)
    expect(await store.touchpoints.reserve(sent, 60_000, letAll)).toMatchObject({ is: 'settled' })
    expect(await store.touchpoints.reserve(underWay, 60_000, letAll)).toMatchObject({ is: 'busy' })
    await store.touchpoints.settle(underWay.id, { status: 'unknown' })
    expect((await store.partitions.upkeep({ touchpoints: 10 * WEEK_MS })).dropped).toHaveLength(1)
    expect(await store.touchpoints.get(sent.id)).toBeUndefined()
  })

  /** What else time passes by: the wall clock of rows that are made. */
  const rowsBegin = (at: number) =>
    sql
      .raw(
        `create or replace function wall_clock() returns bigint language sql stable as $$ select ${at}::bigint $$`,
      )
      .execute(db)

  test('decisions: an open one keeps its partition, closed ones go with theirs, and one id is made once across all', async () => {
    const store = storeOf(db)
    await store.partitions.upkeep({})
    await rowsBegin(midweek)
    const past = { at: midweek, closesAt: Date.now() - 3 * DAY_MS }
    const [closed, open] = [
      decisionOf('dora', past),
      decisionOf('dora', { ...past, closesAt: Date.now() + DAY_MS }),
    ]
    for (const each of [closed, open]) await store.decisions.make(each)
    await store.decisions.close(10)
    await clockSays(weeks(30))
    await rowsBegin(weeks(30))
    await store.partitions.upkeep({})
    const again = await Promise.all(
      [store, await another()].map(({ decisions }) => decisions.make({ ...closed, arm: 'other' })),
    )
    expect(again.map(({ arm, position }) => [arm, position])).toEqual([
      ['discount', 1],
      ['discount', 1],
    ])
    const later = decisionOf('dora')
    const made = await Promise.all([store, await another()].map(({ decisions }) => decisions.make(later)))
    expect(made[0]).toEqual(made[1])
    expect((await store.decisions.ofCustomer('dora', { limit: 10 })).items).toHaveLength(3)
    const year = { decisions: 10 * WEEK_MS }
    expect((await store.partitions.upkeep(year)).kept).toHaveLength(1)
    await sql`update decisions set closes_at = ${Date.now() - 2 * DAY_MS} where id = ${open.id}`.execute(db)
    await store.decisions.close(10)
    expect((await store.partitions.upkeep(year)).dropped).toHaveLength(1)
    expect((await store.decisions.ofCustomer('dora', { limit: 10 })).items.map(({ id }) => id)).toEqual([
      later.id,
    ])
    const place = { journey: later.journey, step: later.step }
    expect((await store.decisions.look(closed.id, 'dora', place)).settled).toBe(2)
  })

  test('decisions of before stay as they are, in the first partition', async () => {
    await anew(db)
    await migrate(db, migrations.slice(0, 7))
    const old = decisionOf('emil')
    await sql`insert into decisions (id, enrollment_id, entry, journey, step, customer_id, arm, how, propensity, policy, version,
        learned, settings, context, arms, passed_over, reward_rule, at, closes_at)
      values (${old.id}, 'care:emil', 1, ${old.journey}, ${old.step}, 'emil', 'discount', 'policy', 0.5, '{}', 'v', 0, 0, '{}', '[]',
        '[]', '{"on":[]}', 1, 2)`.execute(db)
    await migrate(db)
    await storeOf(db).partitions.upkeep({})
    expect(await storeOf(db).decisions.make({ ...old, arm: 'other' })).toMatchObject({
      arm: 'discount',
      closesAt: 2,
    })
    await storeOf(db).decisions.close(10)
    expect((await storeOf(db).decisions.settled(old, 0, 10)).map(({ id }) => id)).toEqual([old.id])
  })

  test('a database of before keeps its rows, its order of arrival, and what it knew', async () => {
    await anew(db)
    await migrate(db, migrations.slice(0, 1))
    await sql`insert into events (message_id, customer_id, kind, name, properties, occurred_at, lane)
      select 'old-' || number, 'carl', 'track', 'Seen', '{}', ${midweek}, 5 from generate_series(1, 1000) as number`.execute(
      db,
    )
    await sql`insert into enrollments (workflow_id, entry, journey, customer_id, build, status, enrolled_by, started_at)
      values ('care:carl', 1, 'care', 'carl', 'b', 'running', 'old-1', 99999999999999)`.execute(db)
    const request = touchpointOf('carl')
    await sql`insert into touchpoints (id, ref, enrollment_id, entry, journey, customer_id, step, channel, message, category, status, attempts, verdicts, at)
      values (${request.id}, 'old', 'care:carl', 1, 'care', 'carl', 'welcome', 'email', 'care/welcome', 'marketing', 'sent', 1, '[]', 1)`.execute(
      db,
    )
    await migrate(db)
    const store = storeOf(db)
    await store.partitions.upkeep({})
    expect(await store.events.append([eventAt(midweek, 'old-7'), eventAt(midweek, 'new-1')])).toBe(1)
    const { items } = await store.events.ofCustomer('carl', { limit: 1 })
    const added = (await store.events.byMessageId('new-1'))!
    expect(items[0]).toMatchObject({ id: 1000, messageId: 'old-1000', state: 'pending' })
    expect(added.id).toBeGreaterThan(1000)
    expect(await store.events.backlog()).toMatchObject({ pending: 1001 })
    expect(await store.touchpoints.reserve(request, 1_000, letAll)).toMatchObject({ is: 'settled' })
    expect(await store.touchpoints.byRef('old')).toMatchObject({ id: request.id })
  })
})
