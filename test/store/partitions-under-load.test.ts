import { Kysely, PostgresDialect } from 'kysely'
import { Client } from 'pg'
import { openStore, type Store } from '../../store'
import { appends } from '../../store/append'
import { startsIn, WEEK_MS } from '../../store/partitions/layout'
import { postgresPool } from '../../store/postgres/pool'
import type { Db, Tables } from '../../store/schema'
import { testDatabase, type TestDatabase } from '../support/postgres'
import { until } from '../support/until'
import { fresh } from './on-both'
import { entryOf, letAll, touchpointOf } from './requests'

// What needs several connections: Postgres alone.

const DAY_MS = 24 * 60 * 60 * 1000
const WEEKS = 12

let database: TestDatabase
let stores: Store[]
let admin: Client
let thisWeek: number

beforeEach(async () => {
  database = await testDatabase()
  stores = [await openStore({ url: database.url }), await openStore({ url: database.url })]
  admin = new Client({ connectionString: database.url })
  await admin.connect()
  thisWeek = startsIn(await partitions())[0]!
  await clockSays(thisWeek + DAY_MS)
})
afterEach(async () => {
  await admin.end()
  await Promise.all(stores.map((store) => store.close()))
  await database.drop()
})

async function partitions(): Promise<string[]> {
  const { rows } = await admin.query<{ relname: string }>(
    `select relname from pg_inherits join pg_class on oid = inhrelid where inhparent = 'events'::regclass`,
  )
  return rows.map(({ relname }) => relname)
}

const clockSays = (at: number) =>
  admin.query(
    `create or replace function arrival_time() returns bigint language sql stable as $$ select ${at}::bigint $$`,
  )

const eventNow = (occurredAt: number) => ({
  messageId: fresh('message'),
  kind: 'track' as const,
  customerId: fresh('customer'),
  name: 'Seen',
  properties: {},
  occurredAt,
})

test('events and touchpoints get through while partitions are made and dropped by two processes', async () => {
  let done = false
  let week = 0
  const sent: string[] = []
  let reserved = 0
  const appending = async (store: Store) => {
    while (!done) {
      const event = eventNow(thisWeek + week * WEEK_MS + DAY_MS)
      expect(await store.events.append([event])).toBe(1)
      sent.push(event.messageId)
      await store.events.handled(await store.events.pending([...Array(64).keys()], [], 100))
    }
  }
  const reserving = async (store: Store) => {
    while (!done) {
      const customer = fresh('customer')
      await store.enrollments.enter(entryOf(customer))
      const request = touchpointOf(customer)
      expect(await store.touchpoints.reserve(request, 60_000, letAll)).toMatchObject({ is: 'reserved' })
      expect(await store.touchpoints.settle(request.id, { status: 'sent' })).toMatchObject({ status: 'sent' })
      reserved += 1
    }
  }
  const dropped: string[] = []
  const working = stores.flatMap((store) => [appending(store), reserving(store)])
  try {
    for (; week < WEEKS; week++) {
      await clockSays(thisWeek + week * WEEK_MS + DAY_MS)
      const known = sent.length
      await until(
        async () => sent.length > known + 5,
        async () => sent.length,
      )
      for (const upkeep of await Promise.all(
        stores.map((store) => store.partitions.upkeep({ events: 5 * WEEK_MS })),
      ))
        dropped.push(...upkeep.dropped)
    }
  } finally {
    done = true
    await Promise.all(working)
  }
  expect(dropped.length).toBeGreaterThan(3)
  expect(new Set(dropped).size).toBe(dropped.length)
  expect(reserved).toBeGreaterThan(10)
  const kept = startsIn(await partitions())
  expect(kept[0]).toBeGreaterThan(thisWeek)
  const { rows } = await admin.query<{ events: number; rest: number }>(`select
    (select count(*)::int from events) as events, (select count(*)::int from events_default) as rest`)
  expect(rows[0]!.rest).toBe(0)
  expect(rows[0]!.events).toBeLessThan(sent.length)
  expect(await stores[0]!.events.backlog()).toMatchObject({ pending: 0 })
})

test('of two appends of one event on both sides of the turn of a week, the later one waits for the first and finds it', async () => {
  await stores[0]!.partitions.upkeep({})
  const turn = thisWeek + WEEK_MS
  const event = eventNow(turn)
  const db: Db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: postgresPool({ url: database.url, size: 2, say: () => {} }) }),
  })
  await clockSays(turn - 1)
  const second = await db.transaction().execute(async (trx) => {
    expect(await appends()(trx, [event])).toBe(1)
    await clockSays(turn + 1)
    const later = stores[0]!.events.append([event])
    await until(waiting, waiting)
    return { later }
  })
  expect(await second.later).toBe(0)
  await db.destroy()
})

async function waiting(): Promise<boolean> {
  const { rows } = await admin.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows.length > 0
}

test('what holds the locks for long puts the change off, and appends go on', async () => {
  const reader = new Client({ connectionString: database.url })
  await reader.connect()
  await reader.query('begin; select count(*) from events')
  const upkeep = stores[0]!.partitions.upkeep({})
  const appended = stores[1]!.events.append([eventNow(thisWeek + DAY_MS)])
  expect((await upkeep).putOff.filter((name) => name.startsWith('events'))).toHaveLength(4)
  expect(await appended).toBe(1)
  expect(await stores[0]!.partitions.ahead()).toMatchObject({ events: 0, touchpoints: 2 })
  await reader.query('commit')
  await reader.end()
  expect(await stores[0]!.partitions.upkeep({})).toMatchObject({ putOff: [] })
  expect(await stores[0]!.partitions.ahead()).toMatchObject({ events: 4 })
})
