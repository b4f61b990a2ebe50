import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type { Manifest } from '../../sdk'
import { openStore } from '../../store'
import { buildStore } from '../../store/builds'
import type { Tables } from '../../store/schema'
import { testDatabase } from '../support/postgres'
import { describeOnBoth, fresh } from './on-both'
import { entryOf } from './requests'

describeOnBoth('builds and operations', (on) => {
  const manifest = (build: string): Manifest => ({ build, journeys: {} })

  test('of the builds in service the newest is the current one, whoever was restarted last', async () => {
    const { builds } = on.store
    expect(await builds.current()).toBeUndefined()
    await builds.keep(manifest('one'))
    await builds.keep(manifest('two'))
    expect(await builds.current()).toEqual(manifest('two'))
    await builds.keep(manifest('one'))
    expect(await builds.current()).toEqual(manifest('two'))
    expect(await builds.get('two')).toEqual(manifest('two'))
    expect(await builds.get('three')).toBeUndefined()
  })

  test('an operation is recorded once, and found by its customer', async () => {
    const { operations, enrollments } = on.store
    const customer = fresh('anna')
    const { enrollment } = await enrollments.enter(entryOf(customer))
    const operation = { enrollmentId: enrollment.id, entry: 1, action: 'pause', by: 'dev', reason: null }
    const id = fresh('update')
    for (let at = 0; at < 3; at++) await operations.record(id, operation)
    await operations.record(fresh('update'), { ...operation, action: 'resume', reason: 'she called' })
    await operations.record(fresh('update'), { ...operation, enrollmentId: 'another' })
    const found = await operations.ofCustomer(customer, 10)
    expect(found.map(({ action }) => action).sort()).toEqual(['pause', 'resume'])
    expect(found.find(({ action }) => action === 'pause')).toEqual({ ...operation, at: expect.any(Number) })
    expect(await operations.ofCustomer(customer, 1)).toHaveLength(1)
  })

  test('the database answers', async () => {
    await on.store.ping()
  })
})

test('after a return to the old build it is current again, once the new one is no longer in service', async () => {
  const database = await testDatabase()
  await (await openStore({ url: database.url })).close()
  const pool = new Pool({ connectionString: database.url })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const builds = buildStore(db)
  for (const build of ['old', 'new', 'old']) await builds.keep({ build, journeys: {} })
  expect(await builds.current()).toMatchObject({ build: 'new' })
  await pool.query(`update builds set kept_at = kept_at - 61000 where build = 'new'`)
  expect(await builds.current()).toMatchObject({ build: 'old' })
  await db.destroy()
  await database.drop()
})
