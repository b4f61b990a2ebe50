import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import type { EnrollmentInput, EnrollmentStatus } from '../../workflows/enrollment/protocol'
import { type Child, killAll, startSource } from '../start/child'
import { until } from '../support/until'

jest.setTimeout(120_000)

const address = process.env.SOJOURN_TEST_TEMPORAL!
const taskQueue = `killed-worker-${randomUUID()}`
let client: Client

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address }) })
})
afterAll(async () => {
  await killAll()
  await client.connection.close()
})

async function worker(): Promise<Child> {
  const child = startSource('test/enrollment/bare-worker.ts', {}, address, taskQueue)
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

test('a wait that ended while its worker was dead is over when the next begins, however often it is asked about', async () => {
  const first = await worker()
  const handle = await client.workflow.start('napper', { taskQueue, workflowId: taskQueue, args: [input] })
  await until(async () => (await waitsOf(handle))[0]?.step === 'short')
  const end = Date.parse((await waitsOf(handle))[0]!.until!)
  first.signal('SIGKILL')
  await first.ended
  let asking = true
  const asked = Array.from({ length: 8 }, async () => {
    while (asking) await handle.query('status').then(() => sleep(50), () => sleep(50)) // prettier-ignore
  })
  await worker()
  await until(async () => (await waitsOf(handle))[0]?.step === 'long')
  asking = false
  await Promise.all(asked)
  const [wait] = await waitsOf(handle)
  expect(Date.parse(wait!.until!)).toBeGreaterThanOrEqual(end + 3_600_000)
  await handle.terminate()
})
