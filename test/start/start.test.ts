import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { scripts } from '../../package.json'
import { lastingPorts } from '../../workers/servers/ports'
import { until } from '../support/until'
import { Child, killAll, startSource } from './child'

// `npm start` as its users have it: the whole in one process, with a Temporal server and a UI as children.

jest.setTimeout(90_000)

const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-start-'))
let settings: Record<string, string>
let sojourn: Child

beforeAll(async () => {
  settings = await settingsFor(path.join(folder, 'data'))
  sojourn = await started()
})

// Without it, one early end would show as many refused connections.
afterEach(() => {
  const { ending, said } = sojourn
  if (ending && ending.code !== 0)
    throw new Error(`it ended with ${JSON.stringify(ending)}, having said: ${said}`)
})

afterAll(async () => {
  await killAll()
  for (const pid of serversOf(settings.DATA_DIR!)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function settingsFor(DATA_DIR: string): Promise<Record<string, string>> {
  const [PORT, UI_PORT, TEMPORAL_PORT, SMTP_PORT] = (await lastingPorts(4)).map(String)
  return { DATA_DIR, PORT: PORT!, UI_PORT: UI_PORT!, TEMPORAL_PORT: TEMPORAL_PORT!, SMTP_PORT: SMTP_PORT!, DEMO: 'false' } // prettier-ignore
}

/** As one node process, so that SIGKILL meets all of it. */
async function started(): Promise<Child> {
  const child = startSource('workers/dev.ts', settings)
  await child.says('Sojourn runs.')
  return child
}

async function call(method: string, target: string, body?: unknown): Promise<{ status: number; body: any }> {
  const response = await fetch(`http://127.0.0.1:${settings.PORT}${target}`, {
    method,
    headers: { authorization: 'Bearer dev', 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

async function beginTrial(customer: string): Promise<void> {
  const traits = { email: `${customer}@example.com`, firstName: customer, timezone: 'Europe/Berlin' }
  expect((await call('POST', '/v1/identify', { userId: customer, traits })).status).toBe(200)
  const event = { userId: customer, event: 'Trial Started', properties: { plan: 'team' } }
  expect((await call('POST', '/v1/track', event)).status).toBe(200)
}

const live = async (customer: string): Promise<any> =>
  (await call('GET', `/v1/enrollments/trialOnboarding:${customer}`)).body

const touchpoints = async (customer: string): Promise<string[]> =>
  (await call('GET', `/v1/customers/${customer}/touchpoints`)).body.items
    .map(({ step, status }: { step: string; status: string }) => `${step} ${status}`)
    .toReversed()

const waitsAt = (customer: string, step: string): Promise<void> =>
  until(async () => (await live(customer)).step === step, () => live(customer)) // prettier-ignore

/** The mails on the disk, by recipient and subject: `npm start`'s inbox keeps each as a file. */
function mails(customer: string): string[] {
  const kept = path.join(settings.DATA_DIR!, 'mail')
  const texts = readdirSync(kept, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(path.join(kept, name), 'utf8'))
  return texts
    .filter((text) => text.includes(`To: ${customer}@example.com`))
    .map((text) => /^Subject: (.*)$/m.exec(text)![1]!.trim())
}

/** Processes whose command line names the folder: the servers that `npm start` runs beside itself. */
function serversOf(dataDir: string): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => line.includes(dataDir)).map((line) => Number.parseInt(line, 10))
}

/** As `npm start` lists them for its successor, the Temporal server first. */
const recordedServers = (): { pid: number }[] =>
  JSON.parse(readFileSync(path.join(settings.DATA_DIR!, 'temporal.pids.json'), 'utf8'))

test('kill -9 of the whole loses nothing and sends nothing twice', async () => {
  expect((await call('GET', '/readyz')).status).toBe(200)
  await beginTrial('ada')
  await waitsAt('ada', 'first-project')
  await beginTrial('bob')
  sojourn.signalGroup('SIGKILL')
  await sojourn.ended

  sojourn = await started()
  await waitsAt('ada', 'first-project')
  expect((await live('ada')).status).toBe('running')
  const forwarded = await call('POST', '/v1/customers/ada/fast-forward', { by: '5 days' })
  expect(forwarded.status).toBe(200)
  expect(await touchpoints('ada')).toEqual(['welcome sent', 'show-first-step sent'])
  expect(mails('ada')).toHaveLength(2)
  expect(new Set(mails('ada')).size).toBe(2)

  // Killed right after the event was accepted: should it have met the moment of sending, the ledger says that it isn't known.
  await until(async () => (await touchpoints('bob')).length > 0, () => live('bob')) // prettier-ignore
  await until(async () => /sent|sending|unknown/.test((await touchpoints('bob'))[0]!))
  const welcomes = (await touchpoints('bob'))[0] === 'welcome sent' ? [1] : [0, 1]
  expect(welcomes).toContain(mails('bob').length)
})

test('a Temporal server killed while all runs comes back, and enrollments answer again', async () => {
  await beginTrial('cleo')
  await waitsAt('cleo', 'first-project')
  const [server] = recordedServers()
  process.kill(server!.pid, 'SIGKILL')
  await sojourn.says('the Temporal server died (SIGKILL); starting it again')
  await call('POST', '/v1/track', { userId: 'cleo', event: 'Project Created', properties: { name: 'First' } })
  await waitsAt('cleo', 'habit')
  expect(recordedServers()[0]!.pid).not.toBe(server!.pid)
  expect(mails('cleo')).toHaveLength(1)
})

describe('what stands in the way of a start is said in one sentence', () => {
  /** Everything said but progress, and the exit code. */
  async function refused(
    changed: Record<string, string>,
  ): Promise<{ code: number | null; sentences: string[] }> {
    const other = { ...(await settingsFor(path.join(folder, 'other'))), ...changed }
    const child = startSource('workers/dev.ts', other)
    const { code } = await child.ended
    const sentences = child.said.split('\n').filter((line) => line.trim() && !line.startsWith('database: '))
    return { code, sentences }
  }

  test('a wrong setting', async () => {
    expect(await refused({ PORT: 'abc' })).toEqual({
      code: 1,
      sentences: ['PORT is "abc"; it must be a whole number from 0 to 65535.'],
    })
  })

  test.each(['PORT', 'SMTP_PORT', 'TEMPORAL_PORT', 'UI_PORT'])('%s is in use', async (name) => {
    const taken = await occupied()
    const port = (taken.address() as { port: number }).port
    expect(await refused({ [name]: String(port) })).toEqual({
      code: 1,
      sentences: [
        `Sojourn cannot start: port ${port} is already in use: stop what listens there, or set ${name} to another port`,
      ],
    })
    await new Promise((resolve) => taken.close(resolve))
  })

  test('another Sojourn has the data folder', async () => {
    const { code, sentences } = await refused({ DATA_DIR: settings.DATA_DIR! })
    expect(code).toBe(1)
    expect(sentences).toHaveLength(1)
    expect(sentences[0]).toContain(settings.DATA_DIR)
    expect(sentences[0]).toMatch(/in use by process \d+.*set DATA_DIR to another folder/)
    expect((await live('cleo')).step).toBe('habit')
  })

  const occupied = (): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
    })
})

test('Ctrl-C in the terminal stops everything, and says so by exit code 0', async () => {
  sojourn.signalGroup('SIGTERM')
  expect(await sojourn.ended).toEqual({ code: 0, signal: null })

  // What `npm start` runs. npm itself ends by the signal that its group got, whatever its child does.
  const [node, ...args] = scripts.start.split(' ')
  expect(node).toBe('node')
  sojourn = new Child(process.execPath, args, settings)
  await sojourn.says('Sojourn runs.')
  expect(serversOf(settings.DATA_DIR!)).not.toEqual([])
  const from = Date.now()
  sojourn.signalGroup('SIGINT')
  expect(await sojourn.ended).toEqual({ code: 0, signal: null })
  expect(Date.now() - from).toBeLessThan(10_000)
  expect(sojourn.said).toContain('Everything is kept')
  expect(sojourn.signalGroup(0)).toBe(false)
  expect(serversOf(settings.DATA_DIR!)).toEqual([])
})
