import { Client, Connection } from '@temporalio/client'
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { freePorts } from '../../workers/servers/ports'
import { startTemporal, type RunningTemporal, type TemporalOptions } from '../../workers/servers/temporal'
import { ensureBinaries } from '../../workers/servers/temporal-binary'
import { SEARCH_ATTRIBUTES } from '../../workers/servers/namespace'
import {
  eventually,
  isAlive,
  ordinaryCache,
  removeTemporaryFolders,
  startFixture,
  temporaryFolder,
} from './support'

const taskQueue = 'servers-test'
const [journey, , status, customer] = SEARCH_ATTRIBUTES.map((name) =>
  defineSearchAttributeKey(name, 'KEYWORD'),
)
const said: string[] = []
let workflowBundle: { code: string }
const servers: RunningTemporal[] = []

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  // Minutes, where this machine never built them.
  await ensureBinaries(ordinaryCache(), { searchPath: process.env.PATH, say: console.log })
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./fixtures/workflows'),
    logger: new DefaultLogger('ERROR'),
  })
}, 900_000)
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  said.length = 0
  removeTemporaryFolders()
})

async function options(): Promise<TemporalOptions> {
  const [port, uiPort] = await freePorts(2)
  // No search path: a CLI installed here would be taken instead of the build.
  const rest = { cacheDir: ordinaryCache(), say: (line: string) => void said.push(line) }
  return { dataDir: temporaryFolder(), port, uiPort, namespace: 'journeys', withUi: false, ...rest }
}

async function start(given: TemporalOptions): Promise<RunningTemporal> {
  const server = await startTemporal(given)
  servers.push(server)
  return server
}

/** Runs `work` with a client and a worker for the fixtures' workflows. */
async function withWorker(server: RunningTemporal, work: (client: Client) => Promise<void>): Promise<void> {
  const { address, namespace } = server
  const native = await NativeConnection.connect({ address })
  const connection = await Connection.connect({ address })
  const worker = await Worker.create({ connection: native, namespace, taskQueue, workflowBundle })
  await worker.runUntil(work(new Client({ connection, namespace })))
  await connection.close()
  await native.close()
}

test('a started server has the namespace, the search attributes and movable clocks, all usable at once', async () => {
  const given = await options()
  const server = await start({ ...given, withUi: true })
  expect(server).toMatchObject({
    address: `127.0.0.1:${given.port}`,
    namespace: 'journeys',
    timeSkipping: true,
  })
  expect(server.processes.map(({ name }) => name)).toEqual(['Temporal server', 'Temporal UI'])
  expect(await (await fetch(server.uiUrl!)).text()).toContain('<html')
  await withWorker(server, async (client) => {
    const { config } = await client.workflowService.describeNamespace({ namespace: 'journeys' })
    expect(String(config!.workflowExecutionRetentionTtl!.seconds)).toBe(String(30 * 24 * 3600))
    const attributes = [
      { key: journey!, value: 'care' },
      { key: status!, value: 'running' },
      { key: customer!, value: 'c-1' },
    ]
    const handle = await client.workflow.start('waits', {
      workflowId: 'care:c-1',
      taskQueue,
      typedSearchAttributes: new TypedSearchAttributes(attributes),
    })
    const query =
      "SojournJourney = 'care' AND SojournCustomer = 'c-1' AND SojournStatus = 'running' AND SojournStep = 'waiting'"
    await eventually(async () => (await client.workflow.count(query)).count === 1)
    for await (const found of client.workflow.list({ query })) expect(found.workflowId).toBe('care:c-1')
    await handle.signal('go', 'now')
    expect(await handle.result()).toBe('now')
  })
})

test('a workflow lives through a month in seconds when its clock is moved', async () => {
  const server = await start(await options())
  await withWorker(server, async (client) => {
    const handle = await client.workflow.start('sleepsAMonth', { workflowId: 'care:c-2', taskQueue })
    const before = Date.now()
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace: server.namespace,
      workflowExecution: { workflowId: handle.workflowId },
      updateMask: { paths: ['time_skipping_config'] },
      workflowExecutionOptions: {
        timeSkippingConfig: {
          enabled: true,
          fastForwardConfig: { id: 'f1', duration: { seconds: (31 * 86_400) as never } },
        },
      },
    })
    const woke = Date.parse(await handle.result())
    expect(woke - before).toBeGreaterThan(29.9 * 86_400_000)
    expect(Date.now() - before).toBeLessThan(20_000)
  })
})

test('after kill -9 of the server it is up again on the same port, and a started workflow goes on', async () => {
  const server = await start(await options())
  await withWorker(server, async (client) => {
    const handle = await client.workflow.start('waits', { workflowId: 'care:c-3', taskQueue })
    const { pid } = server.processes[0]!
    process.kill(pid, 'SIGKILL')
    await eventually(() => server.processes.length === 1 && server.processes[0]!.pid !== pid)
    await eventually(async () => {
      await handle.signal('go', 'after all')
      return true
    })
    expect(await handle.result()).toBe('after all')
  })
  expect(said).toEqual([
    `the Temporal server died (SIGKILL); starting it again on port ${server.address.slice(10)}`,
  ])
})

test('what a killed starter left running is ended by the next start, which finds its workflows', async () => {
  const given = await options()
  const owner = startFixture('hold-temporal.ts', JSON.stringify(given))
  const [{ pid }] = await owner.next()
  const connection = await Connection.connect({ address: `127.0.0.1:${given.port}` })
  await new Client({ connection, namespace: 'journeys' }).workflow.start('waits', {
    workflowId: 'care:c-4',
    taskQueue,
  })
  await connection.close()
  owner.child.kill('SIGKILL')
  await eventually(() => !isAlive(owner.child.pid!))
  expect(isAlive(pid)).toBe(true)

  const server = await start(given)
  expect(isAlive(pid)).toBe(false)
  await withWorker(server, async (client) => {
    await client.workflow.getHandle('care:c-4').signal('go', 'again')
    expect(await client.workflow.getHandle('care:c-4').result()).toBe('again')
  })
})

test('restart keeps the data, stop takes under 8 s and leaves nothing', async () => {
  const server = await start(await options())
  const before = server.processes[0]!.pid
  await server.restart!()
  const { pid } = server.processes[0]!
  expect(pid).not.toBe(before)
  const started = Date.now()
  await server.stop()
  expect(Date.now() - started).toBeLessThan(8_000)
  expect([isAlive(before), isAlive(pid)]).toEqual([false, false])
  expect(server.processes).toEqual([])
})

test('the server listens on the loopback address alone', async () => {
  const server = await start(await options())
  const listening = socketsOf(server.processes[0]!.pid)
  expect(listening.length).toBeGreaterThan(4)
  expect(new Set(listening)).toEqual(new Set(['127.0.0.1']))
})

test('a port in use is one sentence, and nothing stays behind', async () => {
  const given = await options()
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(given.port, '127.0.0.1', resolve))
  await expect(startTemporal(given)).rejects.toThrow(
    `port ${given.port} is already in use: stop what listens there, or set TEMPORAL_PORT to another port`,
  )
  await new Promise((resolve) => taken.close(resolve))
  expect(existsSync(join(given.dataDir, 'temporal.lock'))).toBe(false)
})

test('a server elsewhere is checked, used and left alone', async () => {
  const own = await start(await options())
  const elsewhere = await startTemporal({ ...(await options()), address: own.address })
  expect(elsewhere).toMatchObject({ address: own.address, timeSkipping: true, processes: [] })
  await elsewhere.stop()
  expect(isAlive(own.processes[0]!.pid)).toBe(true)
})

test('an address where nothing answers is one sentence', async () => {
  const [port] = await freePorts(1)
  await expect(startTemporal({ ...(await options()), address: `127.0.0.1:${port}` })).rejects.toThrow(
    `no Temporal server answers at TEMPORAL_ADDRESS 127.0.0.1:${port}`,
  )
}, 30_000)

/** The addresses a process listens at, from the kernel's tables. */
function socketsOf(pid: number): string[] {
  const tables = ['tcp', 'tcp6'].map((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8'))
  const inodes = new Set(socketInodes(pid))
  const rows = tables.flatMap((table) => table.split('\n').map((row) => row.trim().split(/\s+/)))
  return rows.filter((row) => row[3] === '0A' && inodes.has(row[9]!)).map((row) => addressOf(row[1]!))
}

function socketInodes(pid: number): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

const addressOf = (hex: string): string =>
  hex.startsWith('0100007F:') ? '127.0.0.1' : `not loopback: ${hex}`
