import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { freshDatabase } from '../support/postgres'

const root = path.join(__dirname, '../..')
const hash = 'ab'.repeat(32)
let running: ChildProcess | undefined

afterEach(() => running?.kill('SIGKILL'))

function start(settings: Record<string, string>): { process: ChildProcess; said: () => string } {
  const env = { PATH: process.env.PATH, ...settings }
  running = spawn(process.execPath, ['--import', 'tsx', 'api/server.ts'], { cwd: root, env })
  let text = ''
  for (const stream of [running.stdout!, running.stderr!])
    stream.on('data', (chunk) => (text += String(chunk)))
  return { process: running, said: () => text }
}

test('wrong or missing settings end the start with a sentence each', async () => {
  const wrong = start({ PORT: 'x', PROT: '1' })
  expect((await once(wrong.process, 'exit'))[0]).toBe(1)
  expect(wrong.said().trim().split('\n')).toEqual([
    expect.stringMatching(/^PORT is "x"/),
    expect.stringMatching(/^PROT is not/),
  ])
  const missing = start({ NODE_ENV: 'production' })
  expect((await once(missing.process, 'exit'))[0]).toBe(1)
  expect(missing.said()).toMatch(
    /^DATABASE_URL is not set.*\nAPI_KEYS is not set.*\nSECRET_KEYS is not set.*\nPUBLIC_URL is not set.*\n$/,
  )
})

test('events are accepted while Temporal is away, and SIGTERM ends it well', async () => {
  const api = start({
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://journeys.example',
    PORT: '0',
    DATABASE_URL: await freshDatabase(),
    API_KEYS: `ingest:cdp:${hash}`,
    SECRET_KEYS: 's'.repeat(32),
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  })
  let url: string | undefined
  while ((url = /"url":"([^"]+)"/.exec(api.said())?.[1]) === undefined && api.process.exitCode === null) {
    await Promise.race([once(api.process.stdout!, 'data'), once(api.process, 'exit')])
  }
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toMatchObject([
    200,
    { events: 'ready', enrollment: 'waiting for Temporal' },
  ])
  api.process.kill('SIGTERM')
  expect(await once(api.process, 'exit')).toEqual([0, null])
})
