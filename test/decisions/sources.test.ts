import { Client } from 'pg'
import { createModels, type Question } from '../../activities/models'
import { createSources, type Sources } from '../../activities/sources'
import { lookUp } from '../../activities/sources/lookup'
import { model, type Columns } from '../../sdk'
import { testDatabase, type TestDatabase } from '../support/postgres'

let database: TestDatabase
let sources: Sources
beforeAll(async () => {
  database = await testDatabase()
  await run(`
    create table accounts (id text, tier text, tickets bigint, spend numeric, vip boolean, since timestamptz, note text);
    insert into accounts values ('mira', 'gold', 3, 12.5, true, '2026-01-02T03:04:05Z', null),
      ('twice', 'gold', 1, 1, true, now(), ''), ('twice', 'gold', 1, 1, true, now(), ''),
      ('o''brien', 'silver', 0, 0, false, now(), '');
    create table scores (customer text, arm text, score numeric, scored_at timestamptz, version text);
    insert into scores values ('mira', 'call', 0.5, now(), 'v2'), ('mira', 'discount', 0.25, now(), 'v2'), ('mira', 'gift', 9, now(), 'v2'),
      ('old', 'call', 0.5, now() - interval '3 days', null), ('old', 'discount', 0.5, now(), null),
      ('half', 'call', 0.5, now(), null), ('odd', 'call', null, now(), null), ('odd', 'discount', 1, now(), null),
      ('timeless', 'call', 1, null, null), ('timeless', 'discount', 1, null, null), ('acme', 'call', 0, now(), null), ('acme', 'discount', 1, now(), null);
    create function meddle() returns text language plpgsql volatile as $$ begin insert into accounts (id) values ('meddled'); return 'done'; end $$`)
  sources = createSources({ crm: database.url, gone: 'postgres://nobody@127.0.0.1:1/none' })
})
afterAll(async () => {
  await sources.close()
  await database.drop()
})

async function run(sql: string): Promise<any[]> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const result = await client.query(sql)
  await client.end()
  return result.rows
}

const account = 'select * from accounts where id = $1'
const all = {
  tier: 'text',
  tickets: 'number',
  spend: 'number',
  vip: 'boolean',
  since: 'text',
  note: 'text',
} as const
const look = (customer: string, columns: Columns = all, sql = account, from = 'crm') =>
  lookUp(sources, { from, sql, columns }, customer)

describe('looking up a customer', () => {
  test('gives the declared columns with their types; what is null is missing', async () => {
    const values = { tier: 'gold', tickets: 3, spend: 12.5, vip: true, since: '2026-01-02T03:04:05.000Z' }
    expect(await look('mira')).toEqual({ is: 'found', values })
    expect(await look('mira', { vip: 'boolean' })).toEqual({ is: 'found', values: { vip: true } })
    expect(await look('mira', { vip: 'boolean' }, `${account} -- why not;`)).toMatchObject({ is: 'found' })
    expect(await look('mira', { vip: 'boolean' }, `${account};`)).toMatchObject({ is: 'found' })
  })

  test('takes the id as a value, whatever it is', async () => {
    expect(await look("o'brien", { tier: 'text' })).toEqual({ is: 'found', values: { tier: 'silver' } })
    expect(await look("x' or true --")).toEqual({ is: 'no-row' })
  })

  test.each([
    ['several rows', 'twice', all, account, 'crm', { because: 'several-rows' }],
    ['a column that is not there', 'mira', { age: 'number' }, account, 'crm', { because: 'other-columns', detail: 'there is no column age' }],
    ['a column of another kind', 'mira', { tier: 'number' }, account, 'crm', { because: 'other-columns', detail: 'the column tier is no number' }],
    ['a truth that is a text', 'mira', { tier: 'boolean' }, account, 'crm', { because: 'other-columns' }],
    ['no such table', 'mira', all, 'select * from nowhere where id = $1', 'crm', { because: 'refused', detail: 'SQL state 42P01' }],
    ['two statements', 'mira', all, `${account}); delete from accounts; select (1`, 'crm', { because: 'refused' }],
    ['a statement that writes', 'mira', all, "insert into accounts (id) values ('meddled') returning *", 'crm', { because: 'refused' }],
    ['a function that writes', 'mira', { meddle: 'text' }, 'select meddle() from accounts where id = $1', 'crm', { because: 'refused', detail: 'SQL state 25006' }],
    ['a query that takes long', 'mira', all, 'select *, pg_sleep(30) from accounts where id = $1', 'crm', { because: 'too-slow' }],
    ['a database that is gone', 'mira', all, account, 'gone', { because: 'unreachable', detail: 'ECONNREFUSED' }],
    ['a database that nobody named', 'mira', all, account, 'dwh', { because: 'not-configured', detail: 'SOURCE_DATABASES has no dwh' }],
  ] as const)('finds nothing with %s, and says why', async (_, customer, columns, sql, from, why) => {
    expect(await look(customer, columns, sql, from)).toMatchObject({ is: 'unread', ...why })
  }) // prettier-ignore

  test('a connection that is cut while it reads ends the reading, and nothing else', async () => {
    const looking = look('mira', all, 'select *, pg_sleep(30) as cut from accounts where id = $1')
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity where query like '%as cut%' and pid <> pg_backend_pid()`
    while ((await run(cut)).length === 0);
    expect(await looking).toMatchObject({ is: 'unread', because: 'unreachable' })
    expect(await look('mira', { vip: 'boolean' })).toEqual({ is: 'found', values: { vip: true } })
  })

  test('has written nothing, and goes on', async () => {
    expect(await run("select count(*)::int as there from accounts where id = 'meddled'")).toEqual([
      { there: 0 },
    ])
    expect(await run('select count(*)::int as there from accounts')).toEqual([{ there: 4 }])
    const many = await Promise.all(Array.from({ length: 30 }, () => look('mira')))
    expect(many.every(({ is }) => is === 'found')).toBe(true)
  })
})

describe('scores in a table', () => {
  const sql = 'select arm, score, scored_at as at, version from scores where customer = $1'
  const kept = model({ from: 'crm', sql, maxAge: '2 days', timeoutMs: 3_000 })
  const question = (customerId: string): Question => ({
    customerId,
    journey: 'care',
    step: 'offer',
    arms: [{ arm: 'discount' }, { arm: 'call' }],
    context: { company: 'acme' },
  })
  const score = (customer: string, asked = kept) => createModels({ sources }).score(asked, question(customer))

  test('are read by the customer, or by something of the context', async () => {
    const scores = { discount: 0.25, call: 0.5 }
    expect(await score('mira')).toEqual({ is: 'scored', scores, version: 'v2' })
    const byCompany = model({ from: 'crm', sql, maxAge: '2 days', key: 'company', timeoutMs: 3_000 })
    expect(await score('mira', byCompany)).toMatchObject({ scores: { discount: 1, call: 0 } })
    const byNothing = model({ from: 'crm', sql, maxAge: '2 days', key: 'household' })
    expect(await score('mira', byNothing)).toMatchObject({ because: 'no-input' })
  })

  test.each([
    ['of nobody', 'stranger', { because: 'no-row' }],
    ['that are too old, in part', 'old', { because: 'too-old' }],
    ['without a time', 'timeless', { because: 'too-old' }],
    ['of some arms', 'half', { because: 'other-arms', detail: 'it says nothing of "discount"' }],
    ['that are no numbers', 'odd', { because: 'no-number' }],
  ])('%s are none', async (_, customer, why) => {
    expect(await score(customer)).toMatchObject({ is: 'unscored', ...why })
  })

  test('of a database that is slow or unknown are none', async () => {
    const slow = model({
      from: 'crm',
      sql: `${sql} and pg_sleep(30) is null`,
      maxAge: '1 day',
      timeoutMs: 50,
    })
    expect(await score('mira', slow)).toMatchObject({ because: 'too-slow' })
    const unknown = model({ from: 'dwh', sql, maxAge: '1 day' })
    expect(await score('mira', unknown)).toMatchObject({ because: 'not-configured' })
  })
})
