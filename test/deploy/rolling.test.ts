import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runsOf } from '../replay/histories'
import { killAll } from '../start/child'
import { buildInto } from '../start/compiled'
import { until } from '../support/until'
import { changedBuild, compatible, swapped } from './changed-build'
import { Deployment, inParallel } from './deployment'
import { bundlesOf, failuresIn } from './histories'
import { beginning, event, move, orderOf, stories, type Phase, type Story } from './stories'

// A rolling deploy without Worker Versioning: processes of two compiled builds side by side, customers inside.

jest.setTimeout(400_000)

const OF_EACH = 1
const DAY_MS = 86_400_000

const folders: string[] = []
const folder = (): string => {
  const made = mkdtempSync(path.join(tmpdir(), 'sojourn-build-'))
  folders.push(made)
  return made
}
// Nobody's clock is moved so far while an old worker lives, and everybody's is later.
const whenOldIsGone = new Date(Date.now() + 15 * DAY_MS).toISOString()
let oldDist: string
let deployment: Deployment

beforeAll(() => {
  oldDist = buildInto(folder())
})
afterEach(async () => {
  await killAll()
  await deployment?.close()
})
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true })
})

interface Customer {
  readonly id: string
  readonly story: Story
}

const cast: Customer[] = stories.flatMap((story) =>
  Array.from({ length: OF_EACH }, (_, index) => ({ id: `${story.name}-${index}`, story })),
)
const enrollmentOf = ({ id, story: { journey } }: Customer): string =>
  journey === 'postPurchase' ? `postPurchase:${id}:${orderOf(id)}` : `trialOnboarding:${id}`

async function begin({ id, story }: Customer): Promise<void> {
  await deployment.identify(id)
  await deployment.act(id, beginning[story.journey])
  await deployment.quiet(id)
}

/** Everybody does what the story says for this phase; returns when nothing is under way. */
async function live(phase: Phase): Promise<void> {
  await inParallel(cast, async ({ id, story }) => {
    for (const act of story.acts[phase] ?? []) {
      await deployment.act(id, act)
      if ('event' in act) await deployment.quiet(id)
    }
  })
}

async function broken(customer: Customer): Promise<string[]> {
  const { id, story } = customer
  const wrong: string[] = []
  const reached = await deployment.reached(id)
  const expected = story.reached.map((step) => `${step} sent`)
  if (reached.join() !== expected.join()) wrong.push(`got ${reached.join()}, not ${expected.join()}`)
  const outcome = await deployment.outcome(id, story.journey)
  if (JSON.stringify(outcome) !== JSON.stringify(story.outcome)) wrong.push(JSON.stringify(outcome))
  return wrong.map((words) => `${id}: ${words}`)
}

/** All mails and webhooks, each once. */
function carried(): { mails: number; doubled: number } {
  const mails = deployment.inbox.list({ limit: 5_000 })
  const hooks = deployment.webhooks.received.map(({ headers }) => headers['webhook-id'])
  const doubled = mails.length - new Set(mails.map(({ messageId }) => messageId)).size
  return { mails: mails.length, doubled: doubled + hooks.length - new Set(hooks).size }
}

const subjectsTo = (customer: string): string[] =>
  deployment.inbox
    .list({ to: `${customer}@example.com`, limit: 50 })
    .map(({ subject }) => subject ?? '')
    .toReversed()

test('a compatible build takes the place of the old one, process by process, and nobody notices', async () => {
  const newDist = changedBuild(folder(), compatible(whenOldIsGone))
  deployment = await Deployment.open(oldDist)
  const { crew, store, temporal } = deployment
  crew.start('api', 'api')
  for (const number of [1, 2]) {
    crew.start(`worker ${number}`, 'worker')
    crew.start(`dispatcher ${number}`, 'dispatcher')
  }
  await crew.up()
  await inParallel(cast, begin)
  await live('old')

  crew.start('new worker 1', 'worker', newDist)
  await crew.up()
  await crew.end('worker 1')
  await live('side by side')

  await crew.kill('worker 2')
  await live('old killed')
  // Started again, as an orchestrator does that has not come to it yet.
  crew.start('worker 2', 'worker')
  await crew.up()

  await crew.kill('new worker 1')
  await live('new killed')
  crew.start('new worker 1', 'worker', newDist)
  await crew.up()

  crew.start('new worker 2', 'worker', newDist)
  await crew.up()
  await crew.end('worker 2')
  await live('workers new')
  expect((await deployment.call('GET', '/v1/journeys/firstInvoice')).status).toBe(404)

  // From the first new dispatcher on its journeys may be entered, whichever dispatcher has the customer's lane.
  crew.start('new dispatcher 1', 'dispatcher', newDist)
  await crew.up()
  await crew.end('dispatcher 1')
  await crew.replace('dispatcher 2')
  await crew.up()
  const early = Array.from({ length: 16 }, (_, index) => `early-${index}`)
  await inParallel(early, async (customerId) => {
    await deployment.identify(customerId)
    const body = { customerId, key: 'in-1' }
    const { status } = await deployment.call('POST', '/v1/journeys/firstInvoice/enrollments', body)
    expect([201, 202]).toContain(status)
  })
  await until(async () => (await store.enrollments.counts('firstInvoice')).running === early.length)
  crew.start('new dispatcher 2', 'dispatcher', newDist)
  await crew.up()
  await crew.end('dispatcher 2')
  await crew.end('api')
  crew.start('new api', 'api', newDist)
  await crew.up()

  await freshRunTheNewCode()
  await live('new')
  await inParallel(early, (customer) => deployment.act(customer, move(31)))

  expect((await inParallel(cast, broken)).flat()).toEqual([])
  expect(await deployment.reached('early-0')).toEqual(['explain sent', 'remind sent'])
  expect((await store.enrollments.counts('firstInvoice')).running).toBe(0)
  expect(carried().doubled).toBe(0)

  const runs = await inParallel(cast, (customer) => runsOf(temporal, enrollmentOf(customer)))
  expect(runs.flat().flatMap(failuresIn)).toEqual([])
  // It would say nothing had histories not gone from one build to the other, and back.
  const { toNew, toOld } = handedOver(runs.flat().map(bundlesOf))
  process.stderr.write(`rolling: ${JSON.stringify({ runs: runs.flat().length, toNew, toOld })}\n`)
  expect(toNew).toBeGreaterThan(cast.length / 2)
  expect(toOld).toBeGreaterThan(cast.length / 2)

  const { endings } = await crew.stop()
  expect(Object.values(endings)).toEqual(Array(5).fill({ code: 0, signal: null }))
})

/** Places in runs where the other build went on; the first task of all was the old build's. */
function handedOver(runs: readonly (readonly string[])[]): { toNew: number; toOld: number } {
  const [old] = runs[0]!
  const changes = runs.flatMap((bundles) => bundles.filter((bundle, index) => index > 0 && bundle !== bundles[index - 1])) // prettier-ignore
  const toOld = changes.filter((bundle) => bundle === old).length
  return { toNew: changes.length - toOld, toOld }
}

/** Enrollments that begin after the deploy: new texts, lengths, steps and journeys. */
async function freshRunTheNewCode(): Promise<void> {
  await deployment.identify('fresh')
  await deployment.act('fresh', beginning.trialOnboarding)
  await deployment.act('fresh', event('Project Created'))
  await deployment.act('fresh', event('Invoice Sent', { invoice_id: 'in-2' }))
  await deployment.quiet('fresh')
  const { body } = await deployment.call('GET', '/v1/enrollments/trialOnboarding:fresh')
  const [wait] = body.waits
  expect(Date.parse(wait.until) - Date.parse(wait.since)).toBe(9 * DAY_MS)
  await deployment.act('fresh', move(40))
  expect(subjectsTo('fresh')).toEqual(
    expect.arrayContaining([
      'Good to see you, welcome to Acorn, fresh',
      'Tips of others',
      'What was missing?',
      'Your invoice',
      'Your invoice, once more',
    ]),
  )
  expect(subjectsTo('silent-0')[0]).toBe('Welcome to Acorn, silent-0')
  const build = async (id: string) => (await deployment.store.enrollments.get(id))!.build
  expect(await build('trialOnboarding:fresh')).not.toBe(await build('trialOnboarding:silent-0'))
}

test('steps that change places fail workflow tasks, and nobody is lost: the old build goes on', async () => {
  const newDist = changedBuild(folder(), swapped)
  deployment = await Deployment.open(oldDist)
  const { crew, temporal } = deployment
  crew.start('api', 'api')
  crew.start('worker', 'worker')
  crew.start('dispatcher', 'dispatcher')
  await crew.up()
  const customers = Array.from({ length: 5 }, (_, index) => `swapped-${index}`)
  await inParallel(customers, async (customer) => {
    await deployment.identify(customer)
    await deployment.act(customer, beginning.trialOnboarding)
    await deployment.quiet(customer)
  })
  crew.start('new worker', 'worker', newDist)
  await crew.up()
  await crew.end('worker')
  await inParallel(customers, (customer) => deployment.act(customer, event('Project Created')))
  const failures = async (): Promise<string[]> => {
    const runs = await inParallel(customers, (customer) => runsOf(temporal, `trialOnboarding:${customer}`))
    return runs.flat().flatMap(failuresIn)
  }
  await until(async () => (await failures()).length >= customers.length, failures)
  for (const failure of await failures()) expect(failure).toMatch(/NON_DETERMINISTIC/)

  crew.start('worker', 'worker')
  await crew.up()
  await crew.end('new worker')
  await inParallel(customers, (customer) => deployment.act(customer, move(2)))
  for (const customer of customers) {
    expect(await deployment.reached(customer)).toEqual(['welcome sent'])
    const { body } = await deployment.call('GET', `/v1/enrollments/trialOnboarding:${customer}`)
    expect(body).toMatchObject({ status: 'running', step: 'habit', live: true })
  }
})
