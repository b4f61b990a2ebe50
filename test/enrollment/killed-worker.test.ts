import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import type { EnrollmentInput, EnrollmentStatus } from '../../workflows/enrollment/protocol'
import { type Child, killAll, startSource } from '../start/child'
import { until } from '../support/until'

jest.setTimeout(120_000)

const address = process.env.SOJOURN_TEST_TEMPORAL!
let client: Client

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address }) })
})
afterAll(async () => {
  await killAll()
  await client.connection.close()
})

async function worker(taskQueue: string, workflows = './workflows'): Promise<Child> {
  const child = startSource('test/enrollment/bare-worker.ts', {}, address, taskQueue, workflows)
  await child.says('works')
  return child
}

const input: EnrollmentInput = {
  customerId: 'ada',
  entry: 1,
  trigger: { messageId: 'm', name: 'Enrolled', properties: {}, timestamp: new Date().toISOString() },
  defaultTimeZone: 'UTC',
  clockOffsetMs: 0,
}

const waitsOf = async (handle: WorkflowHandle): Promise<EnrollmentStatus['waits']> =>
  (await handle.query<EnrollmentStatus>('status')).waits

interface Slept {
  /** When the short sleep was to end by the first worker's code. */
  readonly end: number
  /** When the long one, which follows it, ends by the second's. */
  readonly next: number
  readonly now: number
}

/** Its worker dies in the short sleep, and another takes over after its end, while it is asked about. */
async function sleepsOver(given: EnrollmentInput, workflows?: string): Promise<Slept> {
  const taskQueue = `killed-worker-${randomUUID()}`
  const first = await worker(taskQueue)
  const handle = await client.workflow.start('napper', { taskQueue, workflowId: taskQueue, args: [given] })
  await until(async () => (await waitsOf(handle))[0]?.step === 'short')
  const end = Date.parse((await waitsOf(handle))[0]!.until!)
  first.signal('SIGKILL')
  await first.ended
  let asking = true
  const asked = Array.from({ length: 8 }, async () => {
    while (asking) await handle.query('status').then(() => sleep(50), () => sleep(50)) // prettier-ignore
  })
  await worker(taskQueue, workflows)
  // A worker that is just starting may refuse to answer.
  await until(async () => (await waitsOf(handle).catch(() => []))[0]?.step === 'long')
  asking = false
  await Promise.all(asked)
  const [wait] = await waitsOf(handle)
  await handle.terminate()
  return { end, next: Date.parse(wait!.until!), now: Date.now() }
}

const HOUR = 3_600_000

test('a wait that ended while its worker was dead is over when the next begins, however often it is asked about', async () => {
  const { end, next } = await sleepsOver(input)
  expect(next).toBeGreaterThanOrEqual(end + HOUR)
})

test('a newer build that makes the wait longer does not take its new end for the time', async () => {
  const { end, next, now } = await sleepsOver({ ...input, unmoved: true }, './longer-naps')
  expect(next).toBeGreaterThanOrEqual(end + HOUR)
  expect(next).toBeLessThanOrEqual(now + HOUR)
})

test('what came in the same task as the end of a wait is replayed at its own time, not at that of the replay', async () => {
  const taskQueue = `killed-worker-${randomUUID()}`
  const timestamp = new Date().toISOString()
  const given = { ...input, trigger: { ...input.trigger, timestamp }, unmoved: true }
  const first = await worker(taskQueue)
  const handle = await client.workflow.start('dater', { taskQueue, workflowId: taskQueue, args: [given] })
  await until(async () => (await waitsOf(handle))[0]?.step === 'short')
  first.signal('SIGKILL')
  await handle.signal('event', { messageId: 'other', name: 'Page Viewed', properties: {}, timestamp })
  await sleep(3_500)
  await worker(taskQueue)
  await until(async () => (await waitsOf(handle).catch(() => []))[0]?.step === 'long')
  const history = await handle.fetchHistory()
  await handle.terminate()
  // Later than any time that it tells of.
  await sleep(8_000)
  const workflowsPath = require.resolve('./workflows')
  await Worker.runReplayHistory({ workflowsPath, replayName: taskQueue }, history, taskQueue)
})
