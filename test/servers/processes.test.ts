import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify } from '../../workers/servers/process-identity'
import { freePort, portAnswers } from '../../workers/servers/ports'
import { ProcessGroup } from '../../workers/servers/processes'
import type { ProcessSpec } from '../../workers/servers/supervised-process'
import { eventually, isAlive, removeTemporaryFolders, startFixture, temporaryFolder } from './support'

let dataDir: string
let said: string[]
let groups: ProcessGroup[]
let givenUp: Error[]

beforeEach(() => {
  dataDir = temporaryFolder()
  said = []
  groups = []
  givenUp = []
})
afterEach(async () => {
  for (const group of groups) await group.stop()
  removeTemporaryFolders()
})

async function open(): Promise<ProcessGroup> {
  const onGiveUp = (error: Error) => void givenUp.push(error)
  const group = await ProcessGroup.open({ dataDir, name: 'echo', say: (line) => said.push(line), onGiveUp })
  groups.push(group)
  return group
}

async function echo(behaviour = '', more: Partial<ProcessSpec> = {}): Promise<ProcessSpec> {
  const port = await freePort()
  const args = [join(__dirname, 'fixtures', 'echo-server.mjs'), String(port), behaviour]
  return {
    name: 'echo server',
    where: `on port ${port}`,
    logFile: join(dataDir, 'logs', 'echo.log'),
    launch: async () => ({ command: process.execPath, args }),
    ready: () => portAnswers(port),
    ...more,
  }
}

test('a server that is killed from outside is started again, and one line says so', async () => {
  const group = await open()
  const spec = await echo()
  const server = await group.start(spec)
  const first = server.pid!
  process.kill(first, 'SIGKILL')
  await eventually(async () => server.pid !== undefined && server.pid !== first && (await spec.ready()))
  expect(said).toEqual([`the echo server died (SIGKILL); starting it again ${spec.where}`])
  expect(group.processes).toEqual([{ name: 'echo server', pid: server.pid }])
})

test('one that dies five times within a minute is given up with a sentence', async () => {
  const group = await open()
  const server = await group.start(await echo('short-lived'))
  await eventually(() => givenUp.length > 0)
  expect(givenUp[0]!.message).toMatch(
    /^the echo server died 5 times within a minute and stays down; its log is \S/,
  )
  expect(said).toHaveLength(5)
  expect(said.at(-1)).toBe(givenUp[0]!.message)
  expect(server.pid).toBeUndefined()
})

test('one that ends before it serves fails the start with its last words', async () => {
  const group = await open()
  const spec = await echo()
  const launch = async () => ({ command: '/bin/sh', args: ['-c', 'echo no disk left; exit 3'] })
  await expect(group.start({ ...spec, launch })).rejects.toThrow(
    `the echo server ended before it served; its log ${spec.logFile} ends with: no disk left`,
  )
  expect(said).toEqual([])
})

test('a program that is not there fails the start', async () => {
  const group = await open()
  const launch = async () => ({ command: '/nowhere/server', args: [] })
  await expect(group.start({ ...(await echo()), launch })).rejects.toThrow(
    'the echo server ended before it served',
  )
})

test('a server that ignores the signal is killed after its grace', async () => {
  const group = await open()
  const server = await group.start(await echo('stubborn', { graceMs: 300 }))
  const pid = server.pid!
  const started = Date.now()
  await group.stop()
  expect(Date.now() - started).toBeGreaterThanOrEqual(300)
  expect(Date.now() - started).toBeLessThan(1_500)
  expect(isAlive(pid)).toBe(false)
})

test('servers lead a process group of their own, so that Ctrl-C does not reach them', async () => {
  const group = await open()
  const { pid } = await group.start(await echo())
  expect(processGroupOf(pid!)).toBe(pid)
})

test('the folder is in use while its owner lives, and free after a stop', async () => {
  const group = await open()
  await expect(open()).rejects.toThrow(
    `the data folder ${dataDir} is in use by process ${process.pid}: stop that one, or set DATA_DIR to another folder`,
  )
  await group.stop()
  await (await open()).stop()
})

test('what an owner killed without warning left running is ended by the next start', async () => {
  const owner = startFixture('hold-servers.ts', dataDir)
  const [{ pid }] = await owner.next()
  owner.child.kill('SIGKILL')
  await eventually(() => !isAlive(owner.child.pid!))
  expect(isAlive(pid)).toBe(true)
  await open()
  expect(isAlive(pid)).toBe(false)
})

test('another process that has the recorded pid now is left alone', async () => {
  const owner = startFixture('hold-servers.ts', dataDir)
  const [{ pid }] = await owner.next()
  owner.child.kill('SIGKILL')
  await eventually(() => !isAlive(owner.child.pid!))
  const record = join(dataDir, 'echo.pids.json')
  const [entry] = JSON.parse(readFileSync(record, 'utf8'))
  writeFileSync(record, JSON.stringify([{ ...entry, started: 'at another time' }]))
  await open()
  expect(isAlive(pid)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('stop leaves neither a process nor a record', async () => {
  const group = await open()
  const { pid } = await group.start(await echo())
  const identity = identify(pid!)!
  expect(identity.started).not.toBe('')
  await group.stop()
  expect(isAlive(pid!)).toBe(false)
  expect(existsSync(join(dataDir, 'echo.pids.json'))).toBe(false)
  expect(existsSync(join(dataDir, 'echo.lock'))).toBe(false)
})

function processGroupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
}
