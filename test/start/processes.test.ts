import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { openStore } from '../../store'
import type { Store, TouchpointRow } from '../../store/store'
import { type Inbox, startInbox } from '../../workers/servers/inbox'
import { lastingPorts } from '../../workers/servers/ports'
import { freshDatabase } from '../support/postgres'
import { killAll, type Child } from './child'
import { buildInto, Crew, startCompiled, type Kind } from './crew'
import { randomFrom } from './random'

// Production processes from compiled code, several of each, on real Postgres, Temporal and SMTP.

jest.setTimeout(150_000)

const CUSTOMERS = 300
const AT_ONCE = 25
const ROUNDS = 2
// A burst of customers every two seconds, and a kill while it is worked on.
const BURST = 25
const EVERY_MS = 2_000
const KILL_WITHIN_MS = 300

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-processes-'))
const taskQueue = `processes-${randomUUID()}`
const key = 'a-key-of-the-processes-test'
let dist: string
let url: string
let settings: Record<string, string>
let store: Store
let inbox: Inbox
let temporal: Client

beforeAll(async () => {
  dist = buildInto(folder)
  inbox = await startInbox({ dir: path.join(folder, 'mail') })
  const [port] = await lastingPorts(1)
  url = `http://127.0.0.1:${port}`
  settings = {
    NODE_ENV: 'production',
    PORT: String(port),
    DATABASE_URL: await freshDatabase(),
    SMTP_URL: inbox.url,
    API_KEYS: `admin:test:${createHash('sha256').update(key).digest('hex')}`,
    SECRET_KEYS: 'a-secret-that-signs-links-in-tests-only',
    TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL!,
    TASK_QUEUE: taskQueue,
  }
  store = await openStore({ url: settings.DATABASE_URL, poolSize: 2 })
  const connection = await Connection.connect({ address: settings.TEMPORAL_ADDRESS })
  temporal = new Client({ connection })
})

afterAll(async () => {
  await killAll()
  await store?.close()
  await inbox?.stop()
  await temporal?.connection.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each<[Kind, string]>([
  ['api', 'SECRET_KEYS'],
  ['worker', 'SMTP_URL'],
  ['dispatcher', 'DATABASE_URL'],
])('%s without %s says so in one sentence and ends with 1', async (kind, missing) => {
  const { [missing]: _, ...rest } = settings
  const child: Child = startCompiled(dist, kind, rest)
  expect(await child.ended).toEqual({ code: 1, signal: null })
  expect(child.said).toMatch(new RegExp(`^${missing} is not set; it is needed: [^\\n]+\\.\\n$`))
})

interface Sent {
  readonly messageId: string
  readonly kind: 'identify' | 'track'
  readonly body: object
}

interface Plan {
  readonly customer: string
  /** In order; those that stand together are sent at once. */
  readonly sends: readonly (readonly Sent[])[]
  readonly waitsAt: 'first-project' | 'habit'
}

/** What a customer does: is identified, starts a trial (every third says it twice, at once or later), may make a project. */
function planOf(index: number): Plan {
  const customer = `c${index}-${taskQueue.slice(-6)}`
  const traits = { email: `${customer}@example.com`, firstName: customer, timezone: 'Europe/Berlin' }
  const identify = sent('identify', customer, { traits })
  const trial = sent('track', customer, { event: 'Trial Started', properties: { plan: 'team' } })
  const project = sent('track', customer, { event: 'Project Created', properties: { name: 'First' } })
  const projects = index % 2 === 0 ? [[project]] : []
  const sends = [[identify], index % 6 === 1 ? [trial, trial] : [trial], ...projects]
  if (index % 6 === 4) sends.push([trial])
  return { customer, sends, waitsAt: projects.length > 0 ? 'habit' : 'first-project' }
}

function sent(kind: Sent['kind'], userId: string, more: object): Sent {
  const messageId = randomUUID()
  return { messageId, kind, body: { userId, messageId, ...more } }
}

async function call(method: string, target: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return fetch(url + target, { method, headers, body: body && JSON.stringify(body) })
}

/** Until it is accepted, as a Segment client does: a lost connection or a 5xx is tried again. Resolves with the attempts. */
async function accepted({ kind, body }: Sent): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const response = await call('POST', `/v1/${kind}`, body).catch(() => undefined)
    if (response?.status === 200) return attempt
    if (response && response.status < 500) throw new Error(`${response.status} ${await response.text()}`)
    await sleep(100)
  }
}

const reached = (instant: number): Promise<void> => sleep(Math.max(0, instant - Date.now()))

/** Sends all plans, in bursts. Resolves with how many attempts were in vain. */
async function sendAll(plans: readonly Plan[], from: number): Promise<number> {
  let next = 0
  let inVain = 0
  const sender = async (): Promise<void> => {
    for (let index = next++; index < plans.length; index = next++) {
      await reached(from + Math.floor(index / BURST) * EVERY_MS)
      for (const together of plans[index]!.sends)
        for (const attempts of await Promise.all(together.map(accepted))) inVain += attempts - 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  return inVain
}

/** Kills each process in turn, in an order and at moments that the seed decides. */
async function killInTurn(crew: Crew, from: number): Promise<void> {
  const random = randomFrom(seed)
  let burst = 0
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of shuffled(crew.names, random)) {
      await reached(from + ++burst * EVERY_MS + random() * KILL_WITHIN_MS)
      await crew.replace(name)
    }
  }
}

const shuffled = (names: readonly string[], random: () => number): string[] =>
  names
    .map((name) => ({ name, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ name }) => name)

const LONGEST_SEND_MS = 5_000

/** Sending for longer than a send takes here: its worker was killed in the middle, and until the lease ends that stays open. */
const cutOff = (row: TouchpointRow): boolean =>
  row.status === 'sending' && Date.now() - row.recordedAt > LONGEST_SEND_MS

const open = (row: TouchpointRow): boolean => row.status === 'retrying' || (row.status === 'sending' && !cutOff(row)) // prettier-ignore

/** Nothing is pending, and each customer's welcome is decided. */
async function settle(): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const { pending } = await store.events.backlog()
    const rows = await store.touchpoints.latest(CUSTOMERS * 2)
    if (pending === 0 && rows.length >= CUSTOMERS && !rows.some(open)) return
    if (Date.now() > deadline) {
      const statuses = Object.groupBy(rows, ({ status }) => status)
      const counts = Object.entries(statuses).map(([status, found]) => `${found!.length} ${status}`)
      throw new Error(
        `not settled (SEED=${seed}): ${pending} events pending, touchpoints: ${counts.join(', ')}`,
      )
    }
    await sleep(200)
  }
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))))
  return results
}

/** What is wrong with one customer, in words; nothing when every promise was kept. */
async function broken({ customer, sends, waitsAt }: Plan): Promise<string[]> {
  const wrong: string[] = []
  const events = await Promise.all(sends.flat().map(({ messageId }) => store.events.byMessageId(messageId)))
  const states = new Set(events.map((event) => event?.state ?? 'lost'))
  if (states.size !== 1 || !states.has('handled')) wrong.push(`events ${[...states].join(', ')}`)

  const enrollments = (await store.enrollments.list({ customerId: customer }, { limit: 10 })).items
  const found = enrollments.map(({ journey, entry, status }) => `${journey} ${entry} ${status}`)
  if (found.join() !== 'trialOnboarding 1 running') wrong.push(`enrollments: ${found.join()}`)

  const touchpoints = (await store.touchpoints.ofCustomer(customer, { limit: 10 })).items
  const steps = touchpoints.map(({ step, status }) => `${step} ${status}`).join()
  const mails = inbox.list({ to: `${customer}@example.com` }).length
  const certain = steps === 'welcome sent' && mails === 1
  const inDoubt = /^welcome (unknown|sending)$/.test(steps) && mails <= 1
  if (!certain && !inDoubt) wrong.push(`touchpoints ${steps || 'none'}, mails ${mails}`)

  const response = await call('GET', `/v1/enrollments/trialOnboarding:${customer}`)
  const { step, live } = (await response.json()) as { step: string; live: boolean }
  const expected = steps === 'welcome sending' ? 'welcome' : waitsAt
  if (!live || step !== expected) wrong.push(`waits at ${step} (live: ${live}), not ${expected}`)
  return wrong.map((words) => `${customer}: ${words}`)
}

/** Workflow tasks that failed, but for those whose worker was killed: these time out. */
async function failedTasks(customer: string): Promise<string[]> {
  const { events } = await temporal.workflow.getHandle(`trialOnboarding:${customer}`).fetchHistory()
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed ? [`${customer}: ${failed.failure?.message}`] : [],
  )
}

test('processes killed at any moment lose nothing and send nothing twice', async () => {
  const crew = new Crew(dist, settings)
  crew.start('api', 'api')
  for (const number of [1, 2]) {
    crew.start(`worker ${number}`, 'worker')
    crew.start(`dispatcher ${number}`, 'dispatcher')
  }
  await crew.up()
  const plans = Array.from({ length: CUSTOMERS }, (_, index) => planOf(index))
  const from = Date.now()
  const [inVain] = await Promise.all([sendAll(plans, from), killInTurn(crew, from)])
  const stormMs = Date.now() - from
  await crew.up()
  await settle()

  const rows = await store.touchpoints.latest(CUSTOMERS * 2)
  const doubtful = rows.filter(({ status }) => status !== 'sent').map(({ status }) => status)
  const facts = {
    seed,
    killed: crew.killed,
    inVain,
    stormMs,
    settledMs: Date.now() - from - stormMs,
    doubtful,
  }
  process.stderr.write(`processes: ${JSON.stringify(facts)}\n`)

  expect((await inParallel(plans, broken)).flat()).toEqual([])
  expect((await inParallel(plans, ({ customer }) => failedTasks(customer))).flat()).toEqual([])
  expect((await temporal.workflow.count(`TaskQueue = '${taskQueue}'`)).count).toBe(CUSTOMERS)
  const mails = inbox.list({ limit: CUSTOMERS * 2 })
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length)
  // Each kill of a worker leaves in doubt what it was sending then: some, never most.
  expect(doubtful.length).toBeLessThan(CUSTOMERS / 2)
  expect(Object.values(crew.killed)).toEqual(Array(5).fill(ROUNDS))

  const { endings, ms } = await crew.stop()
  expect(Object.values(endings)).toEqual(Array(5).fill({ code: 0, signal: null }))
  expect(ms).toBeLessThan(10_000)
})
