import { randomUUID } from 'node:crypto'
import { WorkflowNotFoundError } from '@temporalio/client'
import { Client } from 'pg'
import { signedLinks } from '../../channels/links'
import type { Store } from '../../store/store'
import { until } from '../support/until'
import { World } from '../support/world'

// A customer is gone from everything we keep, whatever was under way; what comes later begins a new one.

/** So many of the next deletions die as they were about to be finished. */
let dying = 0
const dies = (store: Store): Store => ({
  ...store,
  deletions: {
    ...store.deletions,
    async finish(deletion, event) {
      if (dying-- > 0) throw new Error('the process dies here')
      return store.deletions.finish(deletion, event)
    },
  },
})

let world: World
let database: Client
beforeAll(async () => {
  world = await World.open({ settleMs: 500, wrapStore: dies })
  database = new Client({ connectionString: world.databaseUrl })
  await database.connect()
})
afterAll(async () => {
  await database?.end()
  await world?.close()
})

const named = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`
const remove = (customer: string) => world.call('DELETE', `/v1/customers/${encodeURIComponent(customer)}`)

async function untilGone(customer: string): Promise<void> {
  let status = 0
  await until(
    async () => (status = (await remove(customer)).status) === 204,
    async () => status,
  )
}

async function inTrial(customer: string): Promise<void> {
  await world.identify(customer, { email: `${customer}@example.com`, firstName: `Ada ${customer}` })
  await world.event(customer, 'Trial Started')
  await world.untilTouchpoints(customer, ['welcome sent'])
}

/** Tables with a row that holds the text anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const found: string[] = []
  for (const { name } of rows) {
    const { rowCount } = await database.query(
      `select from "${name}" as one where strpos(one::text, $1) > 0 limit 1`,
      [text],
    )
    if (rowCount) found.push(name)
  }
  return found
}

const runsOf = async (customer: string): Promise<string[]> => {
  const runs: string[] = []
  for await (const { runId } of world.client.workflow.list({ query: `SojournCustomer = '${customer}'` }))
    runs.push(runId)
  return runs
}

test('nothing of a deleted customer is left: no row, no history, no link, and no word to them', async () => {
  const customer = named('leaves')
  await inTrial(customer)
  const { ref } = (await world.touchpointRows(customer))[0]!
  expect((await tablesWith(customer)).length).toBeGreaterThan(4)
  expect([202, 204]).toContain((await remove(customer)).status)
  expect((await world.call('GET', `/v1/customers/${customer}`)).status).toBe(404)
  await untilGone(customer)
  expect(await tablesWith(customer)).toEqual([])
  await expect(world.client.workflow.getHandle(`trialOnboarding:${customer}`).describe()).rejects.toThrow(
    WorkflowNotFoundError,
  )
  expect(await runsOf(customer)).toEqual([])
  const links = signedLinks(['a-secret-that-signs-links-in-tests-only'], world.url)
  for (const link of [links.unsubscribe(ref), links.preferences(ref), links.confirm(ref)]) {
    for (const method of ['GET', 'POST']) expect((await fetch(link, { method })).status).toBe(404)
  }
  expect(await tablesWith(customer)).toEqual([])
  expect(world.inbox.list({ to: `${customer}@example.com` })).toHaveLength(1)
})

test('a journey of several runs and entries is erased in all of them', async () => {
  const customer = named('buyer')
  await world.identify(customer, { email: `${customer}@example.com` })
  for (const order of ['o-1', 'o-2'])
    await world.event(customer, 'Order Completed', { order_id: order, total: 50 })
  await world.event(customer, 'Order Delivered', { order_id: 'o-1' })
  await until(async () => (await runsOf(customer)).length === 3)
  await untilGone(customer)
  expect([await runsOf(customer), await tablesWith(customer)]).toEqual([[], []])
})

test('who comes back is a new customer, whom no old event and no entry rule knows; a suppressed address stays so', async () => {
  const customer = named('returns')
  const email = `${customer}@example.com`
  await inTrial(customer)
  const complaint = { channel: 'email', address: email, reason: 'complaint', because: 'they said so' }
  expect((await world.call('POST', '/v1/suppressions', complaint)).status).toBe(201)
  await remove(customer)
  // While the deletion is under way: it waits for its end.
  await inTrialAgain(customer, email)
  const { body } = await world.call('GET', `/v1/customers/${customer}`)
  expect(body.traits).toEqual({ email })
  expect(await world.touchpoints(customer)).toEqual(['welcome withheld suppressed'])
  await untilGone(customer)
})

async function inTrialAgain(customer: string, email: string): Promise<void> {
  await world.identify(customer, { email })
  await world.event(customer, 'Trial Started')
  await world.untilTouchpoints(customer, ['welcome withheld suppressed'])
}

test('a refusal outlives the customer; a yes does not', async () => {
  const [refused, agreed] = [named('refused'), named('agreed')]
  for (const [customer, state] of [
    [refused, 'withdrawn'],
    [agreed, 'granted'],
  ] as const) {
    await world.identify(customer, { email: `${customer}@example.com` })
    const consents = [{ channel: 'email', purpose: 'marketing', state }]
    expect((await world.call('PUT', `/v1/customers/${customer}/consents`, { consents })).status).toBe(200)
    await untilGone(customer)
    await world.identify(customer, { email: `${customer}@example.com` })
    await world.event(customer, 'Trial Started')
  }
  await world.untilTouchpoints(refused, ['welcome withheld suppressed'])
  await world.untilTouchpoints(agreed, ['welcome sent'])
})

test('all ids of a merged customer are deleted, by whichever of them is named', async () => {
  const [device, person] = [named('device'), named('person')]
  await world.event(device, 'Feature Used', { feature: 'export' })
  await world.call('POST', '/v1/alias', { previousId: device, userId: person, messageId: randomUUID() })
  await until(async () => (await world.store.customers.canonical(device)) === person)
  await untilGone(device)
  for (const id of [device, person]) expect(await tablesWith(id)).toEqual([])
  for (const id of [device, person]) expect((await remove(id)).status).toBe(204)
})

test('one who was never there is not found, and nothing is noted of the question', async () => {
  const nobody = named('nobody')
  expect(await remove(nobody)).toMatchObject({ status: 404, body: { code: 'not-found' } })
  expect(await tablesWith(nobody)).toEqual([])
})

test('a deletion that dies in the middle is finished by whoever comes next, however often', async () => {
  const customer = named('dies')
  await inTrial(customer)
  dying = 2
  await untilGone(customer)
  expect(dying).toBeLessThan(0)
  expect(await tablesWith(customer)).toEqual([])
})

test('events that arrive at that very moment go with the customer or begin a new one, and are never half of either', async () => {
  const customer = named('storm')
  await inTrial(customer)
  const posted = async (number: number): Promise<number> =>
    (
      await world.call('POST', '/v1/identify', {
        userId: customer,
        traits: { email: `${customer}@example.com`, [`n${number}`]: number },
        messageId: `${customer} ${number}`,
      })
    ).status
  const statuses = await Promise.all([
    ...Array.from({ length: 20 }, (_, number) => posted(number)),
    remove(customer).then(({ status }) => status),
    ...Array.from({ length: 20 }, (_, number) => posted(20 + number)),
  ])
  expect(statuses.filter((status) => ![200, 202, 204].includes(status))).toEqual([])
  await until(async () => (await world.store.deletions.standing(customer)).is === 'finished')
  await until(async () => (await world.store.events.backlog()).pending === 0)
  const { traits } = (await world.store.customers.get(customer)) ?? { traits: {} }
  const kept = (await world.store.events.ofCustomer(customer, { limit: 200 })).items
  const numbers = kept.map(({ messageId }) => `n${messageId.split(' ')[1]}`)
  expect(
    Object.keys(traits)
      .filter((trait) => trait.startsWith('n'))
      .sort(),
  ).toEqual(numbers.sort())
  expect(await world.outcomes(customer)).toEqual({})
  await untilGone(customer)
})
