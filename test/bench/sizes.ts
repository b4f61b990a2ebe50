import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { enrollmentId, touchpointId } from '../../sdk'
import { openStore, type Store, type StoredEvent } from '../../store'
import { startPostgres } from '../../workers/servers/postgres'
import { judgment } from '../../activities/contact/rules'
import type { Provider } from '../../channels'

const CUSTOMERS = 20_000
const EVENTS = 100_000
const ENROLLMENTS = 3_000
const STEPS = ['welcome', 'first-step', 'farewell']
const AT_ONCE = 10

/** Bytes on disk for a row with its indexes, after the life that rows have here: written, marked handled or settled, vacuumed. */
export async function sizes(): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'sojourn-sizes-'))
  const postgres = await startPostgres({ dataDir: folder })
  const store = await openStore({ url: await postgres.createDatabase('sizes') })
  const client = new pg.Client({ connectionString: await postgres.createDatabase('sizes') })
  await client.connect()
  try {
    await fill(store)
    await client.query('vacuum analyze')
    return await report(client)
  } finally {
    await client.end()
    await store.close()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(store: Store): Promise<void> {
  await each(CUSTOMERS, (number) =>
    store.customers.identify(customer(number), traitsOf(number), Date.now()).then(),
  )
  for (let count = 0; count < EVENTS; count += 200)
    await store.events.append(Array.from({ length: 200 }, anEvent))
  await handleAll(store)
  await each(ENROLLMENTS, (number) => live(store, number))
}

const customer = (number: number): string => `customer-${number}`
const traitsOf = (number: number) => ({
  email: `${customer(number)}@acorn.example`,
  firstName: 'Ada',
  plan: 'trial',
  timezone: 'Europe/Berlin',
})

const anEvent = () => ({
  messageId: randomUUID(),
  kind: 'track' as const,
  customerId: customer(Math.floor(Math.random() * CUSTOMERS)),
  name: 'Project Created',
  properties: { project_id: randomUUID(), name: 'My first project', plan: 'trial' },
  occurredAt: Date.now(),
})

const smtp: Provider = {
  name: 'smtp',
  channel: 'email',
  idempotent: false,
  address: ({ traits }) => String(traits.email),
  send: async ({ ref }) => ({ is: 'accepted', providerMessageId: ref }),
}

/** As the dispatcher does: one statement for a customer's events. */
async function handleAll(store: Store): Promise<void> {
  const lanes = Array.from({ length: store.lanes.count }, (_, lane) => lane)
  for (;;) {
    const events = await store.events.pending(lanes, [], 5_000)
    if (events.length === 0) return
    const own = new Map<string, StoredEvent[]>()
    for (const event of events) own.set(event.customerId, [...(own.get(event.customerId) ?? []), event])
    const groups = [...own.values()]
    await each(groups.length, (number) => store.events.handled(groups[number]!))
  }
}

async function live(store: Store, number: number): Promise<void> {
  const customerId = customer(number)
  const [id, journey, entry, at] = [
    enrollmentId('trialOnboarding', customerId),
    'trialOnboarding',
    1,
    Date.now(),
  ]
  const enrolledBy = randomUUID()
  await store.enrollments.enter({
    id,
    journey,
    customerId,
    build: 'a1b2c3d4',
    enrolledBy,
    reentry: 'once',
    now: at,
  })
  await store.enrollments.started(id, entry)
  for (const step of STEPS) {
    const touchpoint = touchpointId(id, entry, step, 1)
    const way = {
      channel: 'email',
      message: `trial/${step}`,
      category: 'marketing' as const,
      provider: 'smtp',
    }
    const request = { id: touchpoint, enrollmentId: id, entry, journey, customerId, step, at, ...way }
    await store.touchpoints.reserve(request, 60_000, (facts, before) =>
      judgment({ ...request, provider: smtp, zones: { deployment: 'UTC' }, worth: {} }, facts, before),
    )
    await store.touchpoints.settle(touchpoint, {
      status: 'sent',
      providerMessageId: `<${randomUUID()}@acorn.example>`,
    })
  }
  const outcome = { is: 'converted', event: 'Subscription Started' } as const
  await store.enrollments.end({ id, entry, journey, customerId, outcome, endedAt: at })
}

async function each(count: number, work: (number: number) => Promise<void>): Promise<void> {
  const queue = Array.from({ length: count }, (_, number) => number).values()
  const lane = async (): Promise<void> => {
    for (const number of queue) await work(number)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

async function report(client: pg.Client): Promise<Record<string, unknown>> {
  const { rows } = await client.query<{ table: string; rows: number; heap: number; indexes: number }>(`
    select coalesce(parent.relname, own.relname) as table, sum(own.reltuples)::int as rows,
      (sum(pg_table_size(own.oid)) / sum(own.reltuples))::int as heap,
      (sum(pg_indexes_size(own.oid)) / sum(own.reltuples))::int as indexes
    from pg_class own left join pg_inherits on inhrelid = own.oid left join pg_class parent on parent.oid = inhparent
    where own.relkind = 'r' and own.reltuples >= ${ENROLLMENTS} and own.relnamespace = 'public'::regnamespace
    group by 1 order by 1`)
  for (const { table, rows: count, heap, indexes } of rows)
    console.log(`${table.padEnd(14)} ${count} rows, ${heap} bytes a row and ${indexes} of indexes`)
  const { rows: known } = await client.query<{ bytes: number }>(`
    select (sum(pg_relation_size(indexrelid)) / ${EVENTS})::int as bytes from pg_index
    where indrelid in (select inhrelid from pg_inherits where inhparent = 'events'::regclass) and indisunique`)
  console.log(`messageIds     ${known[0]!.bytes} bytes an event in the index that finds repeats`)
  return {
    benchmark: 'sizes',
    messageIds: known[0]!.bytes,
    ...Object.fromEntries(rows.map(({ table, heap, indexes }) => [table, heap + indexes])),
  }
}
