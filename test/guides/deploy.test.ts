import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import pg from 'pg'
import { parseAllDocuments } from 'yaml'
import { describeConfig } from '../../config'
import { searchAttributes } from '../../workers/search-attributes'
import { SEARCH_ATTRIBUTES } from '../../workers/servers/namespace'
import { composeFile, textOf } from '../compose/compose-file'
import { freshDatabase } from '../support/postgres'
import { until } from '../support/until'
import { World } from '../support/world'

const guide = textOf('docs/guides/deploy.md')
const snippets = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code]) => code!)

const settings = [...describeConfig().matchAll(/^\| ([A-Z_]+) \|/gm)].map(([, name]) => name!)

test('the setup is the one that .env.example tells', () => {
  const lines = [...textOf('.env.example').matchAll(/^# {3}(\S.*)$/gm)].map(([, line]) => line!)
  const said = snippets('sh')[0]!.trim().split('\n')
  expect(lines.join(' && ')).toBe([`${said[0]} && ${said[1]}`, said[2]].join(' && '))
})

test('shell snippets are shell, and name services that exist', () => {
  for (const code of snippets('sh')) execFileSync('sh', ['-n', '-c', code])
  const named = guide.match(/(?<=--scale )\w+|(?<=exec -T )[\w-]+/g)!
  const stopped = /docker compose stop (.*)/.exec(guide)![1]!.split(' ')
  expect([...named, ...stopped].filter((name) => !(name in composeFile().services))).toEqual([])
})

test('the manifests set what is a setting, and ask where we answer', () => {
  const documents = snippets('yaml').flatMap((code) => parseAllDocuments(code))
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  const [config, secret, deployment] = documents.map((document) => document.toJS())
  const names = [...Object.keys(config.data), ...Object.keys(secret.stringData)]
  const unknown = names.filter((name) => !settings.includes(name) && !/^TEMPORAL_(ADDRESS|NAMESPACE)$/.test(name)) // prettier-ignore
  expect(unknown).toEqual([])
  const { containers, terminationGracePeriodSeconds } = deployment.spec.template.spec
  const { image, command, livenessProbe, readinessProbe } = containers[0]
  expect(image).toBe(`registry.example.com/${composeFile().services.worker!.image}`)
  expect(command).toEqual(composeFile().services.worker!.command)
  expect(String(livenessProbe.httpGet.port)).toBe(config.data.HEALTH_PORT)
  expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual(['/healthz', '/readyz'])
  expect(terminationGracePeriodSeconds).toBeGreaterThan(10)
})

test('the settings for Temporal Cloud connect as they say', () => {
  const [byKey, byCertificate] = snippets('sh')
    .filter((code) => code.startsWith('TEMPORAL_'))
    .map(connection)
  expect(byKey).toMatchObject({
    namespace: 'sojourn.a1b2c',
    connectionOptions: { address: 'eu-central-1.aws.api.temporal.io:7233', apiKey: 'the-key', tls: true },
  })
  expect(byCertificate).toMatchObject({ connectionOptions: { address: 'sojourn.a1b2c.tmprl.cloud:7233' } })
})

function connection(code: string) {
  const given = code.replace(/_PATH=.*/g, (path) => path.replace('_PATH', '_DATA'))
  const overrideEnvVars = Object.fromEntries(given.trim().split('\n').map((line) => line.split('='))) // prettier-ignore
  return loadClientConnectConfig({ overrideEnvVars, disableFile: true })
}

test('the search attributes are those that enrollments carry', () => {
  const names = Object.values(searchAttributes).map(({ name }) => name)
  expect([...SEARCH_ATTRIBUTES].sort()).toEqual([...names].sort())
  for (const name of names) expect(guide).toContain(`\`${name}\``)
})

describe('when Temporal was restored to a time before ours', () => {
  // Test files share one namespace, and with it the workflow ids.
  const ada = `ada-${randomUUID()}`
  const workflowId = `trialOnboarding:${ada}`
  let world: World
  let database: pg.Client

  beforeAll(async () => {
    const databaseUrl = await freshDatabase()
    world = await World.open({ database: { url: databaseUrl } })
    database = new pg.Client({ connectionString: databaseUrl })
    await database.connect()
  })
  afterAll(async () => {
    await database?.end()
    await world?.close()
  })

  const waitsAt = (step: string) =>
    until(
      async () => (await world.call('GET', `/v1/enrollments/${workflowId}`)).body.step === step,
      () => world.call('GET', `/v1/enrollments/${workflowId}`),
    )
  const mails = () => world.inbox.list({ to: `${ada}@example.com` }).length

  test('the statements of the guide bring enrollments back, and nothing is sent twice', async () => {
    const since = Date.now() - 60_000
    await world.identify(ada, { email: `${ada}@example.com`, firstName: 'Ada' })
    await world.event(ada, 'Trial Started', { plan: 'team' })
    await waitsAt('first-project')
    expect(mails()).toBe(1)

    const workflowExecution = { workflowId }
    const { namespace } = world.client.options
    await world.client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution })
    const exists = () => world.client.workflow.getHandle(workflowId).describe().then(() => true, () => false) // prettier-ignore
    await until(async () => !(await exists()))

    const mending = snippets('sql').find((code) => code.includes(':since'))!
    await database.query(mending.replaceAll(':since', String(since)))
    await until(exists)
    await waitsAt('first-project')
    expect(mails()).toBe(1)
    expect((await world.store.enrollments.get(workflowId))?.status).toBe('running')
    // It hears what comes now.
    await world.event(ada, 'Project Created', { name: 'First' })
    await waitsAt('habit')
  })
})
