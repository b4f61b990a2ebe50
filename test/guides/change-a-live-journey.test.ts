import { execFile, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fraction } from '../../sdk/hash'
import { changedBuild, from } from '../check/changed'
import { until } from '../support/until'
import { World } from '../support/world'

// The last chapter's edit and commands, as they stand, against a deployment with customers inside.

const root = path.join(__dirname, '../..')
const guide = readFileSync(path.join(root, 'docs/guides/change-a-live-journey.md'), 'utf8')
const chapter = guide.slice(guide.indexOf('## One change, from the edit to the end'))
const commands = [...chapter.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code]) => code!)
const [, removed, added] = /```diff\n- +(.*)\n\+ +(.*)\n```/.exec(chapter)!
const journeyFile = 'workflows/journeys/trial-onboarding.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-change-'))
const copy = path.join(folder, 'copy')
// One of the half that is in the shadow.
const silent = ['ada', 'bea', 'cleo', 'dora', 'edith'].find(
  (name) => fraction('shadow', 'trialOnboarding', name) < 0.5,
)!
let world: World

beforeAll(async () => {
  world = await World.open()
  makeCopy()
  await world.identify(silent, { email: `${silent}@example.com`, timezone: 'Europe/Berlin' })
  await world.event(silent, 'Trial Started', { plan: 'team' })
  await world.untilTouchpoints(silent, ['welcome sent'])
  await world.forward(silent, '6 days')
  await world.untilTouchpoints(silent, ['welcome sent', 'show-first-step sent'])
}, 120_000)
afterAll(async () => {
  await world?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A working copy with the edit, on a branch beside main. */
function makeCopy(): void {
  for (const part of ['activities', 'api', 'catalog', 'channels', 'sdk', 'store', 'workers', 'workflows', 'config.ts', 'logger.ts', 'package.json', 'tsconfig.json'])
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'dir')
  writeFileSync(path.join(copy, '.gitignore'), 'node_modules\n')
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-C', copy, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args])
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '.')
  git('commit', '--quiet', '--message', 'Before')
  git('switch', '--quiet', '--create', 'sooner')
  const source = readFileSync(path.join(copy, journeyFile), 'utf8')
  expect(source.split(removed!)).toHaveLength(2)
  writeFileSync(path.join(copy, journeyFile), source.replace(removed!, added!))
  const event = { type: 'track', userId: 'x', event: 'Trial Started', timestamp: '2026-03-02T09:00:00Z' }
  const last = { type: 'page', userId: 'y', name: 'Home', timestamp: '2026-05-02T09:00:00Z' }
  writeFileSync(path.join(copy, 'events.ndjson'), [event, last].map((each) => JSON.stringify(each)).join('\n'))
  const npx = path.join(folder, 'bin', 'npx')
  mkdirSync(path.dirname(npx))
  writeFileSync(npx, `#!/bin/sh\n[ "$1" = sojourn ] || exit 64\nshift\nexec '${process.execPath}' api/cli/sojourn.mjs "$@"\n`)
  chmodSync(npx, 0o755)
} // prettier-ignore

const env = (): NodeJS.ProcessEnv => ({
  PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
  API_KEY: 'test',
  PUBLIC_URL: world.url,
  TEMPORAL_ADDRESS: process.env.SOJOURN_TEST_TEMPORAL,
  TASK_QUEUE: world.taskQueue,
})

const run = (code: string): Promise<{ code: number; out: string }> =>
  new Promise((resolve) =>
    execFile('sh', ['-e', '-c', code], { cwd: copy, env: env() }, (error, out, problem) =>
      resolve({ code: error ? Number(error.code) : 0, out: `${out}${error ? problem : ''}` }),
    ),
  )

/** Until it has looked once; then as by Ctrl-C. */
async function runUntilLooked(code: string): Promise<{ code: number | null; out: string }> {
  const child = spawn('sh', ['-e', '-c', `exec ${code}`], { cwd: copy, env: env() })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += String(chunk)))
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  await Promise.race([until(async () => existsSync(path.join(copy, 'shadow.json'))), closed])
  child.kill('SIGINT')
  return { code: await closed, out }
}

test('the chapter has the commands that are run here', () => {
  expect(commands.map((code) => /sojourn (\w+)/.exec(code)?.[1])).toEqual([
    'graph', 'backtest', 'shadow', 'check', 'why',
  ]) // prettier-ignore
})

test('the graph, and what the edit would have done with recorded events', async () => {
  const [graph, backtest] = await Promise.all([run(commands[0]!), run(commands[1]!)])
  expect(graph).toEqual({ code: 0, out: expect.stringContaining('2 days') })
  expect(backtest.code).toBe(0)
  expect(backtest.out).toContain('1 customers would have been treated differently by main')
})

test('in the shadow it shows the first step a day earlier, and that is all', async () => {
  const { code, out } = await runUntilLooked(commands[2]!)
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('does what it did with 1 of 1') })
  const lines = out.split('\n').map((line) => line.trim().replace(/ \S+Z /, ' ')) // prettier-ignore
  const at = lines.indexOf(silent)
  expect(lines.slice(at + 1).filter(Boolean)).toEqual([
    '+ show-first-step by email sent',
    '- show-first-step by email sent',
  ])
  expect(await world.touchpoints(silent)).toEqual(['welcome sent', 'show-first-step sent'])
})

test('nobody inside is harmed; a new worker takes over, and they go on', async () => {
  const before = await run(commands[3]!)
  expect(before).toEqual({
    code: 0,
    out: expect.stringContaining('another timeout: 2 days instead of 3 days'),
  })
  await world.takeOver(await changedBuild([from(removed!, added!)]))
  const shown = await run(commands[4]!.replace('why ada', `why ${silent}`))
  expect(shown.code).toBe(0)
  expect(shown.out).toContain('"running":1')
  expect(shown.out).toContain('show-first-step')
  await world.forward(silent, '30 days')
  await world.untilOutcome(silent, 'trialOnboarding', expect.objectContaining({ is: 'completed' }))
})
