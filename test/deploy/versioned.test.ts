import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { needVersioning, rollOutOwn } from '../../workers/versioning'
import { lastingPorts } from '../../workers/servers/ports'
import type { Manifest } from '../../sdk'
import { killAll, startSource } from '../start/child'
import { buildInto } from '../start/compiled'
import { until } from '../support/until'
import { Deployment } from './deployment'

// WORKER_VERSIONING in processes as they are deployed, and in `npm start`.

jest.setTimeout(300_000)

const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-versioned-'))
const versioned = { WORKER_VERSIONING: 'true' }

afterAll(async () => {
  await killAll()
  rmSync(folder, { recursive: true, force: true })
})

test('compiled processes take nobody before their build is rolled out, and everybody then', async () => {
  const dist = buildInto(folder)
  const { build } = JSON.parse(readFileSync(path.join(dist, 'build', 'manifest.json'), 'utf8')) as Manifest
  const deployment = await Deployment.open(dist, versioned)
  const { crew, store } = deployment
  try {
    for (const kind of ['worker', 'dispatcher', 'api'] as const) crew.start(kind, kind)
    await crew.up()
    const rollout = async () => (await deployment.call('GET', '/v1/rollout')).body
    await until(async () => (await rollout()).builds?.length === 1, rollout)
    expect(await rollout()).toMatchObject({ current: null, builds: [{ build, state: 'inactive' }] })
    await deployment.identify('ada')
    await deployment.track('ada', 'Trial Started', { plan: 'team' })
    const running = async () => (await store.enrollments.counts('trialOnboarding')).running
    await until(async () => (await running()) === 1, running)
    const sent = async () =>
      (await store.touchpoints.ofCustomer('ada', { limit: 9 })).items.map(({ step }) => step)
    expect(await sent()).toEqual([])
    const order = { build, percent: 100, by: 'Mia' }
    expect((await deployment.call('POST', '/v1/rollout', order)).status).toBe(200)
    await until(async () => (await sent()).includes('welcome'), sent)
    expect(await rollout()).toMatchObject({ current: build, builds: [{ build, running: 1 }] })
    await crew.stop()
  } finally {
    await deployment.close()
  }
})

test('npm start rolls its own build out', async () => {
  const [PORT, SMTP_PORT] = (await lastingPorts(2)).map(String) as [string, string]
  const TEMPORAL_ADDRESS = process.env.SOJOURN_TEST_TEMPORAL!
  const DATA_DIR = path.join(folder, 'data')
  const TASK_QUEUE = `versioned-${randomUUID()}`
  const settings = { ...versioned, PORT, SMTP_PORT, TEMPORAL_ADDRESS, DATA_DIR, TASK_QUEUE, DEMO: 'false' }
  const sojourn = startSource('workers/dev.ts', settings)
  await sojourn.says('Sojourn runs.')
  const response = await fetch(`http://127.0.0.1:${PORT}/v1/rollout`, { headers: { authorization: 'Bearer dev' } }) // prettier-ignore
  const { current, builds } = (await response.json()) as { current: string; builds: object[] }
  expect(builds).toMatchObject([{ build: current, state: 'current' }])
  sojourn.signal('SIGTERM')
  await sojourn.ended
})

/** A server that answers with this status of gRPC. */
const serverSaying = (code: number, details: string) => {
  const describeWorkerDeployment = () => Promise.reject(Object.assign(new Error(details), { code, details }))
  const client = { workflowService: { describeWorkerDeployment } }
  return { client, namespace: 'default' } as unknown as Parameters<typeof needVersioning>[0]
}

test.each([
  ['turned off at the server', 7, 'Worker Deployment Versions are disabled on this namespace'],
  ['unknown to an old server', 12, 'unknown method DescribeWorkerDeployment'],
])('where it is %s, a sentence says what to do', async (_, code, details) => {
  const sentence = `Temporal does not allow it in the namespace default (${details}). Leave it out`
  await expect(needVersioning(serverSaying(code, details), 'queue')).rejects.toThrow(sentence)
})

test('a server that knows of no such workers yet, or cannot be asked, is not taken for one without', async () => {
  await expect(
    needVersioning(serverSaying(5, 'no Worker Deployment found'), 'queue'),
  ).resolves.toBeUndefined()
  await expect(needVersioning(serverSaying(14, 'away'), 'queue')).rejects.toThrow(/^away$/)
})

test('a build is rolled out as soon as the server knows of it, and not for ever', async () => {
  let tries = 0
  const known = (at: number) => async () => {
    if (++tries < at) throw new Error('unknown')
  }
  await rollOutOwn(known(2), 3)
  expect(tries).toBe(2)
  await expect(rollOutOwn(known(99), 2)).rejects.toThrow('unknown')
  expect(tries).toBe(4)
})
