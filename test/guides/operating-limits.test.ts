import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { firstLimits } from '../../sdk/contact'
import { stopAll, testApi, type TestApi } from '../api/support'
import { keyNamed } from '../support/keys'

// The guide's lines, run as they stand, one after the other.

const guide = readFileSync(path.join(__dirname, '../../docs/guides/operating-limits.md'), 'utf8')
const snippets = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code]) => code!)
const run = promisify(execFile)

let api: TestApi
let folder: string
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'sojourn-guide-'))))
afterAll(async () => {
  await stopAll()
  rmSync(folder, { recursive: true, force: true })
})

/** What the last line of the snippet answers, or all that its lines do. */
async function shell(code: string): Promise<any[]> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, SOJOURN_URL: api.url, SOJOURN_KEY: 'one-key', OTHER_KEY: 'other-key' }
  const { stdout } = await run('sh', ['-e', '-c', code], { cwd: folder, env })
  return stdout === '' ? [] : stdout.replaceAll('}{', '}\n{').split('\n').filter(Boolean).map((line) => JSON.parse(line)) // prettier-ignore
}

const keys = [keyNamed('one-key', 'admin'), keyNamed('other-key', 'admin')]

test('limits are read, previewed, changed, and named by whom and why', async () => {
  api = await testApi({ keys })
  expect(snippets).toHaveLength(5)
  await shell(snippets[0]!)
  const [preview] = await shell(snippets[1]!)
  expect(Object.keys(preview)).toEqual(expect.arrayContaining(['was', 'would', 'oneIn', 'unknown']))
  const [changed] = await shell(snippets[2]!)
  expect(changed.limits.caps).toEqual([
    { name: 'email', channels: ['email'], most: 3, window: { rolling: '7 days' } },
  ])
  const { items } = await api.store.limits.history({ limit: 10 })
  expect(items[0]).toMatchObject({
    state: 'active',
    written: { by: 'Ann', because: 'too many mails in spring' },
  })
})

test('what was read before somebody else’s change overwrites nothing', async () => {
  const author = { key: 'another', by: null }
  await api.store.limits.change({ limits: firstLimits, author, because: 'meanwhile', approval: false })
  const [refused] = await shell(snippets[2]!)
  expect(refused).toMatchObject({ code: 'limits-changed' })
})

test('a stop begins, is listed, and ends', async () => {
  const answers = await shell(snippets[4]!)
  expect(answers).toHaveLength(3)
  expect((await api.store.stops.list({ limit: 10 })).items).toMatchObject([
    { scope: 'channel', name: 'email', ended: { because: 'texts are right again' } },
  ])
})

test('where another has to approve, a change is a draft until then', async () => {
  api = await testApi({ keys, limitsApproval: true })
  for (const snippet of snippets.slice(0, 3)) await shell(snippet)
  const [draft] = (await api.store.limits.history({ limit: 1 }, 'draft')).items
  await shell(snippets[3]!.replace('/limits/7/', `/limits/${draft!.revision}/`))
  expect(await api.store.limits.current()).toMatchObject({
    revision: draft!.revision,
    decided: { because: 'agreed' },
  })
})
