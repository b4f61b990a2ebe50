import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { firstLimits, type Limits } from '../../sdk/contact'
import { Deployment, inParallel } from '../deploy/deployment'
import { freshDatabase } from '../support/postgres'
import { until } from '../support/until'
import { killAll, type Child } from './child'
import { buildInto, startCompiled, type Kind } from './compiled'

// Production processes from compiled code. How they live together is test/breaking's matter.

jest.setTimeout(150_000)

const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-processes-'))
let dist: string
let settings: Record<string, string>

beforeAll(async () => {
  dist = buildInto(folder)
  settings = {
    NODE_ENV: 'production',
    PORT: '0',
    DATABASE_URL: await freshDatabase(),
    SMTP_URL: 'smtp://127.0.0.1:9',
    API_KEYS: `admin:test:${'0'.repeat(64)}`,
    SECRET_KEYS: 'a-secret-that-signs-links-in-tests-only',
    PUBLIC_URL: 'https://journeys.example',
    TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL!,
  }
})

afterAll(async () => {
  await killAll()
  rmSync(folder, { recursive: true, force: true })
})

test.each<[Kind, string]>([
  ['api', 'SECRET_KEYS'],
  ['api', 'PUBLIC_URL'],
  ['worker', 'SMTP_URL'],
  ['worker', 'PUBLIC_URL'],
  ['dispatcher', 'DATABASE_URL'],
])('%s without %s says so in one sentence and ends with 1', async (kind, missing) => {
  const { [missing]: _, ...rest } = settings
  const child: Child = startCompiled(dist, kind, rest)
  expect(await child.ended).toEqual({ code: 1, signal: null })
  expect(child.said).toMatch(new RegExp(`^${missing} is not set; it is needed: [^\\n]+\\.\\n$`))
})

test('50 touchpoints that three workers decide on at once bring one customer 3 mails, where 3 may go', async () => {
  const deployment = await Deployment.open(dist)
  const { crew, store, inbox } = deployment
  try {
    for (const name of ['worker-1', 'worker-2', 'worker-3']) crew.start(name, 'worker')
    crew.start('dispatcher', 'dispatcher')
    crew.start('api', 'api')
    await crew.up()
    const author = { key: 'test', by: null }
    await store.limits.change({ limits: threeADay, author, because: 'a test asks for it', approval: false })
    await deployment.identify('carts')
    await inParallel(
      Array.from({ length: 50 }, (_, number) => `cart-${number}`),
      (cart) => deployment.track('carts', 'Cart Updated', { cart_id: cart, total: 90 }),
    )
    await until(async () => (await store.enrollments.counts('cartRecovery')).running === 50)
    await deployment.forward('carts', { by: '2 hours' })
    const statuses = async (): Promise<string[]> =>
      (await store.touchpoints.ofCustomer('carts', { limit: 200 })).items.map(({ status }) => status)
    const decided = async (): Promise<string[]> =>
      (await statuses()).filter((status) => status === 'sent' || status === 'held').sort()
    await until(async () => (await decided()).length === 50, statuses)
    expect(await decided()).toEqual([...Array<string>(47).fill('held'), ...Array<string>(3).fill('sent')])
    expect(inbox.list({ to: 'carts@example.com' })).toHaveLength(3)
    const { items } = await store.touchpoints.ofCustomer('carts', { limit: 200 })
    const processes = await workersOf(deployment, items.map(({ enrollmentId }) => enrollmentId)) // prettier-ignore
    expect(processes.size).toBeGreaterThan(1)
  } finally {
    await crew.stop()
    await deployment.close()
  }
})

const threeADay: Limits = {
  ...firstLimits,
  caps: [{ name: 'three a day', channels: ['email'], most: 3, window: { rolling: '24 hours' } }],
}

/** Who worked on these enrollments. */
async function workersOf({ temporal }: Deployment, enrollmentIds: readonly string[]): Promise<Set<string>> {
  const histories = await inParallel(enrollmentIds, (id) => temporal.workflow.getHandle(id).fetchHistory())
  const tasks = histories.flatMap(({ events }) => events ?? [])
  return new Set(tasks.flatMap((event) => event.workflowTaskStartedEventAttributes?.identity ?? []))
}
