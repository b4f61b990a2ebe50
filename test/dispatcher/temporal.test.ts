import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { createLogger } from '../../logger'
import { customerRef } from '../../sdk/customer-ref'
import type { IncomingEvent, StoredEvent } from '../../store'
import { assembleDispatcher } from '../../workers/assembly'
import type { Build } from '../../workers/bundle'
import { Enrollments } from '../../workers/dispatcher/enrollments'
import { startedBy } from '../../workers/dispatcher/started-by'
import { sweep } from '../../workers/dispatcher/sweep'
import { Proxy as Wire } from '../store/proxy'
import { until } from '../support/until'
import { World } from '../support/world'
import { freshStore } from '../support/postgres'

let world: World
beforeAll(async () => void (world = await World.open()))
afterAll(async () => world?.close())

const customerOf = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`
const terminated = { is: 'failed', because: 'the workflow was terminated in Temporal' }

async function inTrial(name: string): Promise<{ customer: string; id: string }> {
  const customer = customerOf(name)
  await world.identify(customer, { email: `${customer}@example.com` })
  await world.event(customer, 'Trial Started')
  await world.untilTouchpoints(customer, ['welcome sent'])
  return { customer, id: `trialOnboarding:${customer}` }
}

test('a known event whose properties do not fit is set aside with the reason, shown, and can be replayed', async () => {
  const { customer } = await inTrial('misfit')
  const messageId = `misfit-${randomUUID()}`
  await world.event(customer, 'Feature Used', { feature: 7 }, messageId)
  await world.event(customer, 'Subscription Started', { plan: 'team' })
  await world.untilOutcome(customer, 'trialOnboarding', { is: 'converted', event: 'Subscription Started' })
  const { body } = await world.call('GET', '/v1/events/set-aside')
  const shown = body.items.find((event: { messageId: string }) => event.messageId === messageId)
  expect(shown.reason).toMatch(/^its properties do not fit the catalog: .*feature/)
  const replayed = await world.call('POST', '/v1/events/set-aside/replay', { messageId })
  expect([replayed.status, replayed.body]).toEqual([200, { replayed: 1 }])
  await world.settled(messageId)
  expect(await world.store.events.byMessageId(messageId)).toMatchObject({ state: 'set-aside', attempts: 1 })
})

test('an enrollment wakes by the zone that the contact rules go by, as the profile tells it now', async () => {
  const customer = customerOf('abroad')
  await world.identify(customer, { email: `${customer}@example.com`, phone: '+81 3 1234 5678' })
  await world.event(customer, 'Trial Started')
  await world.untilTouchpoints(customer, ['welcome sent'])
  await world.forward(customer, '3 days')
  const wakesAt = async (): Promise<string | undefined> => {
    const { body } = await world.call('GET', `/v1/enrollments/trialOnboarding:${customer}`)
    const wait = body.waits.find(({ step }: { step: string }) => step === 'a-good-morning')
    return wait?.until.slice(11, 16)
  }
  // 9:00 in Tokyo by the phone, in Kolkata by the country, in Dubai as it is said, and where none is told by the deployment.
  const told: [Record<string, unknown>, string][] = [
    [{}, '00:00'],
    [{ country: 'IN' }, '03:30'],
    [{ timezone: 'Asia/Dubai' }, '05:00'],
    [{ phone: '+81 3 8765 4321' }, '05:00'],
    [{ timezone: null, country: null }, '00:00'],
    [{ phone: null }, '09:00'],
  ]
  for (const [traits, expected] of told) {
    await world.identify(customer, traits)
    await until(async () => (await wakesAt()) === expected, wakesAt)
  }
})

test('a workflow terminated by hand is found by the customer’s next event', async () => {
  const { customer, id } = await inTrial('gone')
  await world.client.workflow.getHandle(id).terminate('by hand')
  await world.event(customer, 'Feature Used', { feature: 'export' })
  expect(await world.store.enrollments.get(id)).toMatchObject({ status: 'ended', outcome: terminated })
})

test('a workflow terminated by hand is found by the sweep, at the customer’s time', async () => {
  const { customer, id } = await inTrial('swept')
  const alive = await inTrial('alive')
  const since = Date.now() - 60_000
  await world.forward(customer, '1 day')
  await world.client.workflow.getHandle(id).terminate('by hand')
  const { store, client, taskQueue, manifest } = world
  const enrollments = new Enrollments({
    store,
    client,
    manifest,
    taskQueue,
    defaultTimeZone: 'UTC',
    customerRef: customerRef(),
  })
  await until(
    async () => {
      await sweep({ client, store, enrollments, taskQueue }, since)
      return (await store.enrollments.get(id))?.status === 'ended'
    },
    () => store.enrollments.get(id),
  )
  const ended = (await store.enrollments.get(id))!
  expect(ended.outcome).toEqual(terminated)
  expect(ended.endedAt! - ended.startedAt).toBeGreaterThan(86_400_000)
  expect((await store.enrollments.get(alive.id))?.status).toBe('running')
})

test('an enrollment that Temporal has from elsewhere is not taken for ours: the event is set aside and says so', async () => {
  const customer = customerOf('taken')
  const id = `trialOnboarding:${customer}`
  const input = { customerId: customer, entry: 1, trigger: { messageId: 'of-another-database' } }
  await world.client.workflow.start('trialOnboarding', {
    workflowId: id,
    taskQueue: 'elsewhere',
    args: [input],
  })
  await world.identify(customer, { email: `${customer}@example.com` })
  const messageId = randomUUID()
  await world.event(customer, 'Trial Started', {}, messageId)
  expect(await world.store.events.byMessageId(messageId)).toMatchObject({
    state: 'set-aside',
    reason: expect.stringMatching(/another deployment uses the namespace/),
  })
  expect(await world.store.enrollments.get(id)).toMatchObject({ status: 'starting' })
  await world.client.workflow.getHandle(id).terminate('by hand')
})

test('whoever comes again while the entry before is still ending is enrolled once it has', async () => {
  const customer = customerOf('again')
  const id = `mailCourse:${customer}`
  await world.identify(customer, { email: `${customer}@example.com` })
  await world.event(customer, 'Course Started')
  const [entry, key, outcome] = [1, undefined, { is: 'completed' }] as const
  const ended = { id, entry, key, journey: 'mailCourse', customerId: customer, outcome, endedAt: Date.now() }
  await world.store.enrollments.end(ended)
  const messageId = randomUUID()
  await world.call('POST', '/v1/track', { userId: customer, event: 'Course Started', messageId })
  await until(async () => (await world.store.enrollments.get(id))?.entry === 2)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(await world.store.events.byMessageId(messageId)).toMatchObject({ state: 'pending', attempts: 0 })
  await world.client.workflow.getHandle(id).terminate('it has ended')
  await world.settled(messageId)
  expect(await world.store.enrollments.get(id)).toMatchObject({ status: 'running', entry: 2 })
  const started = await startedBy(world.client, id)
  expect(started).toEqual({ entry: 2, messageId })
})

test.each([
  [1, 0],
  [0, 1],
])(
  'a share held out that goes from %i to %i between entering and starting does not split the two',
  async (before, after) => {
    const customer = customerOf('shared')
    const { store, client, taskQueue, manifest } = world
    let isAway = true
    const start: Client['workflow']['start'] = (...asked) =>
      isAway ? Promise.reject(new Error('the process died')) : client.workflow.start(...asked)
    const workflow = new Proxy(client.workflow, {
      get: (target, name) => (name === 'start' ? start : Reflect.get(target, name)),
    })
    const enrollments = new Enrollments({
      store,
      client: { workflow } as Client,
      manifest,
      taskQueue,
      defaultTimeZone: 'UTC',
      customerRef: customerRef(),
    })
    const outline = manifest.journeys.trialOnboarding!
    const messageId = `${customer}-began`
    const properties = { plan: 'team' }
    const event = { messageId, kind: 'track', name: 'Trial Started', properties, occurredAt: Date.now() }
    const enter = (holdout: number) =>
      enrollments.enter({ ...outline, holdout }, customer, event as unknown as StoredEvent)
    await expect(enter(before)).rejects.toThrow('the process died')
    isAway = false
    await enter(after)
    const id = `trialOnboarding:${customer}`
    expect(await store.enrollments.get(id)).toMatchObject({ status: 'running', heldOut: before === 1 })
    const { body } = await world.call('GET', `/v1/enrollments/${id}`)
    expect(body).toMatchObject({ live: true, heldOut: before === 1 })
  },
)

test('with Temporal away nothing counts against an event, and all goes through once it is back', async () => {
  const wire = new Wire(new URL(`http://${process.env.SOJOURN_TEST_TEMPORAL}`))
  await wire.open()
  const address = new URL(wire.url).host
  await wire.cut()
  const store = await freshStore()
  // Without the client's own retries, which hide an absence of up to 20 s.
  const connection = Connection.lazy({ address, interceptors: [] })
  const client = new Client({ connection, namespace: 'default' })
  const dispatcher = await assembleDispatcher({
    store,
    client,
    build: await sharedBuild(),
    namespace: 'default',
    taskQueue: `test-${randomUUID()}`,
    logger: createLogger('silent'),
    owner: 'one',
    defaultTimeZone: 'UTC',
  })
  const customers = [customerOf('ada'), customerOf('ben'), customerOf('cem')]
  const ids = customers.map((customer) => `trialOnboarding:${customer}`)
  try {
    await store.events.append(customers.flatMap((customer) => [started(customer), used(customer)]))
    await until(async () => (await store.enrollments.get(ids[0]!))?.status === 'starting')
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect((await store.events.backlog()).pending).toBe(6)
    await wire.open()
    await until(
      async () => (await store.events.backlog()).pending === 0,
      () => store.events.backlog(),
    )
    for (const customer of customers) {
      const { items } = await store.events.ofCustomer(customer, { limit: 10 })
      expect(items.map(({ state, attempts }) => [state, attempts])).toEqual([
        ['handled', 0],
        ['handled', 0],
      ])
    }
    expect(await Promise.all(ids.map(signalsOf))).toEqual([1, 1, 1])
  } finally {
    await dispatcher.stop()
    for (const id of ids) await world.client.workflow.getHandle(id).terminate('end of the test')
    await connection.close()
    await store.close()
    await wire.cut()
  }
})

const eventOf = (customerId: string, name: string, properties: Record<string, unknown>): IncomingEvent => ({
  messageId: randomUUID(),
  kind: 'track',
  customerId,
  name,
  properties,
  occurredAt: Date.now(),
})
const started = (customer: string): IncomingEvent => eventOf(customer, 'Trial Started', {})
const used = (customer: string): IncomingEvent => eventOf(customer, 'Feature Used', { feature: 'export' })

async function signalsOf(id: string): Promise<number> {
  const { events } = await world.client.workflow.getHandle(id).fetchHistory()
  return events!.filter((event) => event.workflowExecutionSignaledEventAttributes).length
}

async function sharedBuild(): Promise<Build> {
  const folder = process.env.SOJOURN_TEST_FOLDER!
  const manifest = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as Build['manifest']
  return { manifest, workflowBundle: { codePath: path.join(folder, 'workflows.js') } }
}
