import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Inbox, startInbox } from '../../workers/servers/inbox'
import { lastingPorts } from '../../workers/servers/ports'
import { Child, killAll } from '../start/child'
import { freshDatabase } from '../support/postgres'
import { until } from '../support/until'
import { composeFile, textOf, type Service } from './compose-file'
import { buildByHand, type Image } from './image'

// What the image would hold, and what docker-compose.yml would start in it, without a container engine: each
// instruction of the Dockerfile by hand, then each service's command with its environment, as a user without rights.

jest.setTimeout(240_000)

const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-image-'))
const key = 'a-key-of-the-image-test'
// Test files share one namespace, and with it the workflow ids.
const ada = `ada-${randomUUID()}`
const ours = ['api', 'worker', 'dispatcher'] as const
type Ours = (typeof ours)[number]

let image: Image
let inbox: Inbox
let services: Record<Ours, Service>
let ports: Record<Ours, { http: string; metrics: string }>
const running = {} as Record<Ours, Child>

beforeAll(async () => {
  image = buildByHand(folder)
  inbox = await startInbox({ dir: path.join(folder, 'mail') })
  const free = (await lastingPorts(6)).map(String)
  ports = Object.fromEntries(ours.map((name, at) => [name, { http: free[at]!, metrics: free[at + 3]! }])) as typeof ports // prettier-ignore
  const secret = 'a-secret-that-signs-links-in-tests-only'
  const API_KEYS = `admin:test:${createHash('sha256').update(key).digest('hex')}`
  const env = { POSTGRES_PASSWORD: 'p', TEMPORAL_POSTGRES_PASSWORD: 'p', API_KEYS, SECRET_KEYS: secret }
  services = composeFile(textOf('docker-compose.yml'), env).services as typeof services
  const databaseUrl = await freshDatabase()
  for (const name of ours) running[name] = start(name, databaseUrl)
})

afterAll(async () => {
  await killAll()
  await inbox?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The service's command and environment; only where the other servers are is this machine's own. */
function start(name: Ours, databaseUrl: string): Child {
  const { http, metrics } = ports[name]
  const here = {
    HOME: image.workdir,
    HOST: '127.0.0.1',
    PORT: http,
    HEALTH_PORT: http,
    METRICS_PORT: metrics,
    DATABASE_URL: databaseUrl,
    SMTP_URL: inbox.url,
    TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL!,
    TEMPORAL_NAMESPACE: 'default',
    TASK_QUEUE: path.basename(folder),
  }
  const settings = { ...image.environment, ...services[name].environment, ...here }
  return new Child('env', ['-C', image.workdir, ...withoutRights(), ...services[name].command!], settings)
}

/** Where the tests run as root, a user that owns nothing; elsewhere whoever runs them. */
const withoutRights = (): string[] =>
  process.getuid?.() === 0 ? ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', '--no-new-privs'] : [] // prettier-ignore

/** The service's health check, asking at this machine's port. */
async function isHealthy(name: Ours): Promise<boolean> {
  const [, command, ...args] = services[name].healthcheck!.test
  const check = new Child(command!, args.map((arg) => arg.replace(':3000/', `:${ports[name].http}/`)), {}) // prettier-ignore
  return (await check.ended).code === 0
}

const said = async (): Promise<string[]> => ours.map((name) => `${name}: ${running[name].said}`)

/** What the API knows of her, and what the processes said. */
async function whereAdaIs(): Promise<unknown> {
  const enrollment = await (await call('GET', `/v1/enrollments/trialOnboarding:${ada}`)).json()
  const pending = /^sojourn_events_pending .*$/m.exec(await (await call('GET', '/metrics')).text())![0]
  return { enrollment, pending, said: await said() }
}

async function call(method: string, target: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return fetch(`http://127.0.0.1:${ports.api.http}${target}`, { method, headers, body: body && JSON.stringify(body) }) // prettier-ignore
}

test('the image holds what runs and nothing else, for a user without rights', () => {
  expect(image.user).toBe('node')
  expect(image.command).toEqual(services.api.command)
  const holds = (name: string) => statSync(path.join(image.workdir, name), { throwIfNoEntry: false }) !== undefined // prettier-ignore
  expect(['dist/build/workflows.js', 'dist/build/manifest.json', 'node_modules/swagger-ui-dist'].filter(holds)).toHaveLength(3) // prettier-ignore
  expect(['test', 'workers', 'node_modules/typescript', 'node_modules/tsx', 'node_modules/jest'].filter(holds)).toEqual([]) // prettier-ignore
})

test('each service starts, is healthy by its own check, and a mail goes out', async () => {
  for (const name of ours) await until(() => isHealthy(name), said)
  for (const page of ['/docs', '/openapi.json', '/console/customers'])
    expect([page, (await call('GET', page)).status]).toEqual([page, 200])
  const traits = { email: `${ada}@example.com`, firstName: 'Ada', timezone: 'Europe/Berlin' }
  expect((await call('POST', '/v1/identify', { userId: ada, traits })).status).toBe(200)
  const event = { userId: ada, event: 'Trial Started', properties: { plan: 'team' } }
  expect((await call('POST', '/v1/track', event)).status).toBe(200)
  await until(async () => inbox.list({ to: `${ada}@example.com` }).length === 1, whereAdaIs)
})

test('the metrics that the guide names are there', async () => {
  const guide = textOf('docs/guides/deploy.md').replaceAll('temporal_visibility', '')
  const named = (prefix: string) => [...new Set(guide.match(new RegExp(`\\b${prefix}_\\w+`, 'g')))]
  const api = await (await call('GET', '/metrics')).text()
  expect(named('sojourn').filter((name) => !api.includes(name))).toEqual([])
  const worker = await (await fetch(`http://127.0.0.1:${ports.worker.metrics}/metrics`)).text()
  expect(worker).toContain('temporal_workflow_task_schedule_to_start_latency')
  // Some are shown only once there was something to count: these are looked for in Temporal's library.
  const unseen = named('temporal').filter((name) => !worker.includes(name))
  expect(unseen.filter((name) => !library().includes(name.replace('temporal_', '')))).toEqual([])
  process.stderr.write(`image: ${JSON.stringify(figures())}\n`)
})

const releases = () => path.join(image.workdir, 'node_modules/@temporalio/core-bridge/releases')

function library(): Buffer {
  const platforms = readdirSync(releases())
  expect(platforms).toHaveLength(1)
  return readFileSync(path.join(releases(), platforms[0]!, 'index.node'))
}

/** Megabytes: what the image holds beside its base, and what each process has resident. */
function figures(): Record<string, number> {
  const holds = Number.parseInt(execFileSync('du', ['-sm', image.workdir], { encoding: 'utf8' }), 10)
  const resident = (name: Ours) => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(running[name].pid)])) >> 10 // prettier-ignore
  return { holds, ...Object.fromEntries(ours.map((name) => [name, resident(name)])) }
}

test('SIGTERM ends each before Compose would kill it', async () => {
  for (const name of ours) running[name].signal('SIGTERM')
  const endings = await Promise.all(ours.map((name) => running[name].ended))
  expect(endings).toEqual(Array(3).fill({ code: 0, signal: null }))
})
