import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time'
import type { History } from '@temporalio/common/lib/proto-utils'
import { Worker } from '@temporalio/worker'
import { temporalGateway } from '../../api/temporal-gateway'
import { askedTooSoon } from '../../sdk/enrollment'
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

const replayed = (workflows: string, history: History, id: string): Promise<void> =>
  Worker.runReplayHistory({ workflowsPath: require.resolve(workflows), replayName: id }, history, id)

interface Slept {
  /** When the short sleep was to end by the first worker's code. */
  readonly end: number
  /** When the long one, which follows it, ends by the second's. */
  readonly next: number
  /** The customer's. */
  readonly now: number
  /** Why questions failed, at Temporal and at the API's gateway. */
  readonly refused: ReadonlySet<string>
  readonly refusedByApi: ReadonlySet<string>
}

/** Its worker dies in the short sleep, and another takes over after its end, while it is asked about. */
async function sleepsOver(journey: string, aheadMs = 0, workflows = './workflows'): Promise<Slept> {
  const taskQueue = `killed-worker-${randomUUID()}`
  const first = await worker(taskQueue)
  const handle = await client.workflow.start(journey, { taskQueue, workflowId: taskQueue, args: [input] })
  if (aheadMs > 0) await move(taskQueue, aheadMs)
  await until(async () => (await waitsOf(handle))[0]?.step === 'short')
  const end = Date.parse((await waitsOf(handle))[0]!.until!)
  first.signal('SIGKILL')
  await first.ended
  let asking = true
  const failures = async (ask: () => Promise<unknown>): Promise<ReadonlySet<string>> => {
    const messages = new Set<string>()
    while (asking) await ask().then(() => sleep(50), (error: Error) => messages.add(error.message)) // prettier-ignore
    return messages
  }
  const gateway = temporalGateway(client)
  const asked = [failures(() => handle.query('status')), failures(() => gateway.status(taskQueue))]
  await worker(taskQueue, workflows)
  // A worker that is just starting may refuse to answer.
  await until(async () => (await waitsOf(handle).catch(() => []))[0]?.step === 'long')
  asking = false
  const [refused, refusedByApi] = await Promise.all(asked)
  const [wait] = await waitsOf(handle)
  const now = Date.now() + aheadMs
  const history = await handle.fetchHistory()
  await handle.terminate()
  await replayed(workflows, history, taskQueue)
  return { end, next: Date.parse(wait!.until!), now, refused: refused!, refusedByApi: refusedByApi! }
}

const HOUR = 3_600_000

/** On the server, as the API does. */
async function move(workflowId: string, ms: number): Promise<void> {
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: 'default',
    workflowExecution: { workflowId },
    updateMask: { paths: ['time_skipping_config'] },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        fastForwardConfig: { id: randomUUID(), duration: msToTs(ms) },
      },
    },
  })
}

test('a wait that ended while its worker was dead is over when the next begins, though it is asked about', async () => {
  const { end, next, now, refused, refusedByApi } = await sleepsOver('napper')
  expect(refused).toContain(askedTooSoon)
  expect([...refusedByApi].join()).not.toContain(askedTooSoon)
  expect(next).toBeGreaterThanOrEqual(end + HOUR)
  expect(next).toBeLessThanOrEqual(now + HOUR)
})

test('a newer build that makes the wait longer does not take its new end for the time, with a moved clock, too', async () => {
  const { end, next, now, refused } = await sleepsOver('traveller', 2 * HOUR, './longer-naps')
  expect(refused).toContain(askedTooSoon)
  expect(next).toBeGreaterThanOrEqual(end + HOUR)
  expect(next).toBeLessThanOrEqual(now + HOUR)
})

test('what came in the same task as the end of a wait is at the time of that task, when it is replayed, too', async () => {
  const taskQueue = `killed-worker-${randomUUID()}`
  const timestamp = new Date().toISOString()
  const given = { ...input, trigger: { ...input.trigger, timestamp } }
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
  await replayed('./workflows', history, taskQueue)
})
