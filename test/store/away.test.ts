import { Client } from 'pg'
import { isUnavailable, openStore, type IncomingEvent, type Store } from '../../store'
import { testDatabase, type TestDatabase } from '../support/postgres'
import { fresh } from './on-both'
import { Proxy } from './proxy'
import { letAll, touchpointOf } from './requests'

const event = (): IncomingEvent => ({
  messageId: fresh('message'),
  kind: 'track',
  customerId: 'anna',
  name: 'Seen',
  properties: {},
  occurredAt: 0,
})

const failure = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Until it answers again: a pool may hand out a connection or two that are lost. */
async function answered<Value>(call: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isUnavailable(error)) throw error
    }
  }
}

describe('while the database is away', () => {
  let database: TestDatabase
  let proxy: Proxy
  let store: Store
  const said: string[] = []
  beforeEach(async () => {
    database = await testDatabase()
    proxy = new Proxy(new URL(database.url))
    await proxy.open()
    store = await openStore({ url: proxy.url, poolSize: 3, say: (line) => said.push(line) })
  })
  afterEach(async () => {
    await proxy?.cut()
    await store?.close()
    await database?.drop()
  })

  test('calls reject recognisably, and work again when it is back', async () => {
    await store.events.append([event()])
    await proxy.cut()
    for (let at = 0; at < 5; at++) {
      expect(isUnavailable(await failure(store.events.append([event()])))).toBe(true)
      expect(isUnavailable(await failure(store.ping()))).toBe(true)
      expect(isUnavailable(await failure(store.touchpoints.reserve(touchpointOf('anna'), 1, letAll)))).toBe(
        true,
      )
    }
    expect(isUnavailable(await failure(openStore({ url: proxy.url })))).toBe(true)
    await proxy.open()
    expect(await answered(() => store.events.append([event()]))).toBe(1)
    expect((await store.events.backlog()).pending).toBe(2)
    await store.ping()
  })

  test('whoever waits for events is woken again when it is back', async () => {
    let wake = () => {}
    const woken = () => new Promise<void>((resolve) => (wake = resolve))
    const first = woken()
    await store.events.onAppended(() => wake())
    await first
    await proxy.cut()
    const again = woken()
    await proxy.open()
    await again
  })

  test('a silent one is found out by ping, without waiting for ever', async () => {
    await store.ping()
    proxy.silence()
    const error = await failure(store.ping())
    expect(String(error)).toMatch(/did not answer within 2 s/)
    expect(isUnavailable(error)).toBe(true)
  })

  test('connections that the server ends are replaced', async () => {
    await Promise.all(Array.from({ length: 3 }, () => store.events.backlog()))
    const admin = new Client({ connectionString: database.url })
    await admin.connect()
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await admin.end()
    expect(await answered(() => store.events.append([event()]))).toBe(1)
  })

  test('what was refused is not taken for absence', async () => {
    const refused = await failure(store.events.append([{ ...event(), kind: null as unknown as 'track' }]))
    expect(refused).toBeInstanceOf(Error)
    expect(isUnavailable(refused)).toBe(false)
    expect(isUnavailable('text')).toBe(false)
    expect(
      isUnavailable(
        new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'ECONNREFUSED' }) }),
      ),
    ).toBe(true)
  })
})
