import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { temporalGateway, type TemporalGateway } from '../../api/temporal-gateway'
import { until } from '../support/until'

let connection: Connection
let native: NativeConnection
let client: Client
let worker: Worker
let running: Promise<void>
let gateway: TemporalGateway
const taskQueue = `gateway-${randomUUID()}`
const run = randomUUID().slice(0, 8)
const journey = `gateway${run}`

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const address = process.env.SOJOURN_TEST_TEMPORAL!
  connection = await Connection.connect({ address })
  native = await NativeConnection.connect({ address })
  client = new Client({ connection })
  gateway = temporalGateway(client)
  worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowsPath: path.join(__dirname, 'fixtures/waiting.ts'),
  })
  running = worker.run()
})

afterAll(async () => {
  worker.shutdown()
  await running
  await native.close()
  await connection.close()
})

async function start(customer: string, step?: string): Promise<string> {
  const workflowId = `${journey}:${encodeURIComponent(customer)}`
  const searchAttributes = {
    SojournJourney: [journey],
    ...(step === undefined ? {} : { SojournStep: [step] }),
  }
  await client.workflow.start('waiting', { workflowId, taskQueue, searchAttributes })
  return workflowId
}

test('answers by the workflow itself, or that there is none', async () => {
  const id = await start('status')
  expect(await gateway.status(id)).toMatchObject({ id })
  expect(await gateway.timeline(id)).toEqual([])
  expect(await gateway.status(`${journey}:nobody`)).toBeUndefined()
  expect(await gateway.timeline(`${journey}:nobody`)).toEqual([])
})

test('tells done, refused and gone apart', async () => {
  const id = await start('update')
  expect(await gateway.update(id, 'pause', { by: 'Mia' }, 'u1')).toMatchObject({
    is: 'done',
    status: { id, seen: ['pause by Mia'] },
  })
  expect(await gateway.update(id, 'resume', { by: 'Mia' }, 'u2')).toEqual({
    is: 'refused',
    because: 'Refused: it is not paused',
  })
  expect(await gateway.update(`${journey}:nobody`, 'pause', { by: 'Mia' }, 'u3')).toEqual({ is: 'gone' })
  expect(await gateway.update(id, 'exit', { by: 'Mia' }, 'u4')).toMatchObject({ is: 'done' })
  await client.workflow.getHandle(id).result()
  expect(await gateway.update(id, 'pause', { by: 'Mia' }, 'u5')).toEqual({ is: 'gone' })
})

test('one update id is carried out once', async () => {
  const id = await start('twice')
  await Promise.all([1, 2, 3].map(() => gateway.update(id, 'pause', { by: 'Mia' }, 'same')))
  expect(await gateway.status(id)).toMatchObject({ seen: ['pause by Mia'] })
})

test('updates get through while the workflow continues as new again and again', async () => {
  const id = await start('busy')
  const orders = Array.from({ length: 12 }, (_, number) =>
    gateway.update(id, number % 3 === 0 ? 'move' : 'pause', { by: String(number) }, `busy-${number}`),
  )
  expect((await Promise.all(orders)).map((updated) => updated.is)).toEqual(
    Array.from({ length: 12 }, () => 'done'),
  )
})

test('finds and counts enrollments by step, in pages', async () => {
  const step = "it's a step"
  const ids = await Promise.all([1, 2, 3].map((number) => start(`step-${number}`, step)))
  await start('elsewhere', 'another')
  const found = async () => (await gateway.countByStep(journey, [step, 'another', 'nowhere']))[step] === 3
  await until(found)
  expect(await gateway.countByStep(journey, [step, 'another', 'nowhere'])).toEqual({
    [step]: 3,
    another: 1,
    nowhere: 0,
  })
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await gateway.listByStep(step, journey, 2, cursor)
    seen.push(...page.ids)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  expect(seen.sort()).toEqual(ids.sort())
  expect((await gateway.listByStep(step, undefined, 10)).ids.sort()).toEqual(ids)
  expect((await gateway.listByStep(step, 'otherJourney', 10)).ids).toEqual([])
  const steps = await gateway.stepsOf([...ids, `${journey}:nobody`, `${journey}:elsewhere`])
  expect(steps).toEqual(
    new Map([...ids.map((id) => [id, step] as const), [`${journey}:elsewhere`, 'another']]),
  )
  await expect(gateway.listByStep(step, journey, 2, 'nonsense')).rejects.toMatchObject({
    code: 'invalid-request',
  })
})

test('says that Temporal is away, in time', async () => {
  const nowhere = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: '1s' })
  const lost = temporalGateway(new Client({ connection: nowhere }))
  const away = { code: 'temporal-unavailable' }
  const asked = [
    lost.ping(),
    lost.status('a:b'),
    lost.countByStep('a', ['b']),
    lost.update('a:b', 'pause', { by: 'Mia' }, 'u'),
  ]
  await Promise.all(asked.map((each) => expect(each).rejects.toMatchObject(away)))
  await nowhere.close()
})

test('an enrollment without a worker is away, not gone', async () => {
  const workflowId = `${journey}:unattended`
  await client.workflow.start('waiting', { workflowId, taskQueue: `${taskQueue}-nobody` })
  await expect(gateway.status(workflowId)).rejects.toMatchObject({ code: 'temporal-unavailable' })
})
