import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { until } from '../support/until'
import { World } from '../support/world'

const run = promisify(execFile)
const root = path.join(__dirname, '../..')

let world: World
let snippets: { language: string; code: string }[]

beforeAll(async () => {
  world = await World.open()
  const guide = await readFile(path.join(root, 'docs/guides/signal-from-your-service.md'), 'utf8')
  snippets = [...guide.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, code]) => ({
    language: language!,
    code: code!,
  }))
  await world.identify('ada', { email: 'ada@example.com' })
})
afterAll(async () => world?.close())

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  SOJOURN_URL: world.url,
  SOJOURN_KEY: 'test',
  TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL,
})

/** Runs a snippet as it stands; only our package is taken from the working copy, whose names tsx shows on the default export. */
async function javascript(code: string): Promise<string> {
  const client = JSON.stringify(path.join(root, 'api/client.ts'))
  const source = code.replace(
    /import (\{[^}]+\}) from 'sojourn\/client'/,
    `import sojourn from ${client}\nconst $1 = sojourn`,
  )
  const args = ['--import', 'tsx', '--input-type=module', '--eval', source]
  return (await run(process.execPath, args, { cwd: root, env: environment() })).stdout
}

test('the guide shows three ways, and there are three snippets', () => {
  expect(snippets.map(({ language }) => language)).toEqual(['sh', 'js', 'js'])
})

test('1: curl', async () => {
  const { stdout } = await run('sh', ['-c', snippets[0]!.code], { env: environment() })
  expect(JSON.parse(stdout)).toEqual({ success: true })
  await world.settled('order-o-17')
  expect((await world.store.enrollments.get('postPurchase:ada:o-17'))?.status).toBe('running')
})

test('2: the published Segment client', async () => {
  await javascript(snippets[1]!.code)
  await world.settled('delivered-o-17')
  // The event is heard; the run that it ends goes over into the next stage's.
  await until(async () => {
    const { body } = await world.call('GET', '/v1/enrollments/postPurchase:ada:o-17')
    return body.stage === 'review'
  })
})

test('3: the Temporal client', async () => {
  expect(await javascript(snippets[2]!.code)).toContain('review try-it')
  const timeline = await world.client.workflow
    .getHandle('postPurchase:ada:o-17')
    .query<{ words: string }[]>('timeline')
  expect(timeline.map(({ words }) => words)).toEqual(
    expect.arrayContaining(['paused by order-service: recall', 'resumed by order-service']),
  )
  await world.forward('ada', '7 days')
  expect(await world.touchpoints('ada')).toEqual(['how-is-it sent', 'recommend sent'])
})
