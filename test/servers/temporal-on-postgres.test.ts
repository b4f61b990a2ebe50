import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { freePort, lastingPorts } from '../../workers/servers/ports'
import { startPostgres, type RunningPostgres } from '../../workers/servers/postgres'
import { startTemporalOnPostgres, type TemporalOnPostgres } from '../support/temporal-on-postgres'
import { eventually, isAlive, removeTemporaryFolders, temporaryFolder } from './support'

const taskQueue = 'temporal-on-postgres-test'
let postgres: RunningPostgres
let temporal: TemporalOnPostgres
let start: () => Promise<TemporalOnPostgres>

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  postgres = await startPostgres({ dataDir: temporaryFolder() })
  const [port] = await lastingPorts(1)
  const options = { dataDir: temporaryFolder(), port: port!, postgres, say: console.log }
  start = async () => (temporal = await startTemporalOnPostgres(options))
  // Minutes, where this machine never built it.
  await start()
}, 900_000)

afterAll(async () => {
  await temporal?.stop()
  await postgres?.stop()
  removeTemporaryFolders()
})

/** Runs `work` with a client and a worker for the fixtures' workflows. */
async function withWorker(work: (client: Client) => Promise<void>): Promise<void> {
  const { address } = temporal
  const native = await NativeConnection.connect({ address })
  const connection = await Connection.connect({ address })
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./fixtures/workflows'),
    logger: new DefaultLogger('ERROR'),
  })
  const worker = await Worker.create({ connection: native, taskQueue, workflowBundle })
  await worker.runUntil(work(new Client({ connection })))
  await connection.close()
  await native.close()
}

test('its workflows are in Postgres, listed by our search attributes, and live through a month in seconds', async () => {
  await withWorker(async (client) => {
    const handle = await client.workflow.start('sleepsAMonth', { workflowId: 'p-1', taskQueue })
    const waiting = await client.workflow.start('waits', { workflowId: 'p-2', taskQueue })
    await eventually(async () => (await client.workflow.count("SojournStep = 'waiting'")).count === 1)
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace: 'default',
      workflowExecution: { workflowId: 'p-1' },
      updateMask: { paths: ['time_skipping_config'] },
      workflowExecutionOptions: {
        timeSkippingConfig: {
          enabled: true,
          fastForwardConfig: { id: 'f1', duration: { seconds: (31 * 86_400) as never } },
        },
      },
    })
    expect(Date.parse(await handle.result()) - Date.now()).toBeGreaterThan(29 * 86_400_000)
    await waiting.signal('go', 'on')
    expect(await waiting.result()).toBe('on')
  })
})

test('after kill -9 it stays down until started again, on the same port, and a workflow goes on', async () => {
  await withWorker(async (client) => {
    const handle = await client.workflow.start('waits', { workflowId: 'p-3', taskQueue })
    const { pid, address } = temporal
    process.kill(pid, 'SIGKILL')
    await eventually(() => !isAlive(pid))
    await start()
    expect(temporal.address).toBe(address)
    expect(temporal.pid).not.toBe(pid)
    await handle.signal('go', 'after all')
    expect(await handle.result()).toBe('after all')
  })
})

test('without Go it says so in one sentence', async () => {
  const elsewhere = { dataDir: temporaryFolder(), cacheDir: temporaryFolder(), searchPath: '' }
  const start = startTemporalOnPostgres({ ...elsewhere, port: await freePort(), postgres, say: () => {} })
  await expect(start).rejects.toThrow(
    /^there is no Temporal server for Postgres: install Go 1\.26 or newer \(https:\/\/go\.dev\/dl\) to have it built$/,
  )
})

test('stop leaves nothing running', async () => {
  await temporal.stop()
  expect(isAlive(temporal.pid)).toBe(false)
})
