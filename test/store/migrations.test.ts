import { Kysely, PostgresDialect } from 'kysely'
import { Client, Pool } from 'pg'
import { openStore } from '../../store'
import { migrate } from '../../store/migrate'
import { migrations } from '../../store/migrations'
import type { Tables } from '../../store/schema'
import { testDatabase, type TestDatabase } from '../support/postgres'

describe('migrations', () => {
  let database: TestDatabase
  beforeEach(async () => void (database = await testDatabase()))
  afterEach(() => database?.drop())

  async function query<Row extends object>(text: string): Promise<Row[]> {
    const client = new Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query<Row>(text)
    await client.end()
    return rows
  }

  test('run once when four processes start at the same moment', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ url: database.url })))
    for (const store of stores) await store.customers.identify('anna', { from: 'all' }, 1)
    await Promise.all(stores.map((store) => store.close()))
    expect(await query('select name from migrations order by name')).toEqual(
      migrations.map(({ name }) => ({ name })),
    )
    expect(await query('select count(*)::int as lanes from lanes')).toEqual([{ lanes: 64 }])
  })

  test('that were changed after they ran are refused in one sentence', async () => {
    await (await openStore({ url: database.url })).close()
    await query(`update migrations set checksum = 'another'`)
    await expect(openStore({ url: database.url })).rejects.toThrow(
      /^Migration 0001-first was changed after this database ran it; restore its text, and put the change in a new one\.$/,
    )
  })

  test('are done whole or not at all, and go on where they stopped', async () => {
    const db = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool: new Pool({ connectionString: database.url }) }),
    })
    const second = {
      name: '0002-second',
      sql: 'create table second (id text); alter table lanes add column second text',
    }
    const broken = { name: '0003-broken', sql: 'create table third (id text); select 1/0' }
    await migrate(db, migrations)
    await expect(migrate(db, [...migrations, second, broken])).rejects.toThrow('division by zero')
    expect(await query(`select to_regclass('second') as second, to_regclass('third') as third`)).toEqual([
      { second: null, third: null },
    ])
    await migrate(db, [...migrations, second])
    await migrate(db, [...migrations, second])
    expect(await query(`select second from lanes limit 1`)).toEqual([{ second: null }])
    await db.destroy()
  })

  test('a database that newer code has migrated still opens', async () => {
    await (await openStore({ url: database.url })).close()
    await query(`insert into migrations (name, checksum) values ('9999-newer', 'x')`)
    const store = await openStore({ url: database.url })
    await store.ping()
    await store.close()
  })
})

test('every migration has a number of its own, in order', () => {
  const numbers = migrations.map(({ name }) => /^\d{4}(?=-)/.exec(name)?.[0])
  expect(numbers).not.toContain(undefined)
  expect(numbers).toEqual([...new Set(numbers)].sort())
})
