import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

// What `move`, `rollout` and `shadow` make of their arguments. The API here refuses all but what a journey is, and
// notes what it was asked.

const root = path.join(__dirname, '../..')
const command = path.join(root, 'api/cli/sojourn.mjs')
const folder = mkdtempSync(path.join(tmpdir(), 'sojourn-orders-'))
const file = path.join(folder, 'file')

let server: Server
const asked = new Map<string, { readonly line: string; readonly body: unknown }[]>()

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const [, name, ...target] = request.url!.split('/')
      const line = `${request.method} /${target.join('/')}`
      asked.set(name!, [
        ...(asked.get(name!) ?? []),
        { line, body: body === '' ? undefined : JSON.parse(body) },
      ])
      const isJourney = line === 'GET /v1/journeys/postPurchase'
      const refusal = { status: 409, code: 'not-acceptable-now', detail: 'Not here.' }
      response.writeHead(isJourney ? 200 : 409, { 'content-type': 'application/json' })
      response.end(JSON.stringify(isJourney ? { stages: ['review', 'again'] } : refusal))
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

let runs = 0

/** How it ends, what it says, and what it asked the API. */
async function told(cwd: string, ...args: string[]) {
  const name = `run-${++runs}`
  const { port } = server.address() as AddressInfo
  const env = { PATH: process.env.PATH, API_KEY: 'key' }
  const child = spawn(process.execPath, [command, ...args, '--url', `http://127.0.0.1:${port}/${name}`], { env, cwd }) // prettier-ignore
  let err = ''
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, err: err.trim(), asked: asked.get(name) ?? [] }
}

const usage = 'usage: npx sojourn <command>'
const move = ['move', 'postPurchase', '--to-stage', 'again']

const wrong: readonly (readonly [args: readonly string[], says: string])[] = [
  [['move'], usage],
  [['move', 'postPurchase'], usage],
  [['move', 'postPurchase', 'winBack', '--to-stage', 'again'], usage],
  [[...move, '--rate', '0'], '--rate must be a number above 0'],
  [[...move, '--rate', 'fast'], '--rate must be a number above 0'],
  [[...move, '--where', 'plan=team'], '--where takes name=value, the name one of stage, step'],
  [[...move, '--where', 'step'], 'not "step"'],
  [[...move, '--where', 'stage=a', '--where', 'stage=b'], '--where takes one stage; there are two'],
  [[...move, '--where', 'customers=@nowhere'], 'no such file'],
  [['move', '--undo', file, '--dry-run'], '--undo takes a file alone'],
  [[...move, '--undo', file], '--undo takes a file alone'],
  [['rollout', 'b1', 'b2'], usage],
  [['rollout', 'b1', '--percent', '101'], '--percent must be a number from 0 to 100'],
  [['rollout', 'b1', '--percent', ''], '--percent must be a number from 0 to 100'],
  [['rollout', 'wake', '--rate', '-1'], "Option '--rate' argument is ambiguous"],
  [['shadow', 'winBack'], usage],
  [['shadow', '--file', file], usage],
  [['shadow', 'winBack', '--file', file, '--share', '0'], '--share must be above 0, up to 1'],
  [['shadow', 'winBack', '--file', file, '--since', 'monday'], '--since must be an ISO date'],
  [['shadow', 'winBack', '--file', file, '--every', 'often'], '--every must be a duration'],
  [['rollout', '--prcent', '3'], "Unknown option '--prcent'"],
]

/** Some at a time: each is a process of its own. */
test('what makes no sense is said, with nothing asked or written', async () => {
  for (let first = 0; first < wrong.length; first += 4) {
    const some = wrong.slice(first, first + 4)
    const ends = await Promise.all(some.map(([args]) => told(folder, ...args)))
    for (const [index, { code, err, asked }] of ends.entries())
      expect({ args: some[index]![0], code, err, asked }).toEqual({
        args: some[index]![0],
        code: 2,
        err: expect.stringContaining(some[index]![1]),
        asked: [],
      })
  }
  expect(existsSync(file)).toBe(false)
})

test('a shadow away from any working copy says so', async () => {
  const { code, err, asked } = await told(folder, 'shadow', 'winBack', '--file', file, '--once')
  expect({ code, err, asked }).toEqual({ code: 1, err: expect.stringContaining('There are no journeys in'), asked: [] }) // prettier-ignore
})

const list = 'GET /v1/enrollments?journey=postPurchase'

test.each([
  ['rollout', ['rollout'], 'GET /v1/rollout', undefined],
  ['rollout of a share', ['rollout', 'b1', '--percent', '30', '--by', 'Mia'], 'POST /v1/rollout', { build: 'b1', percent: 30, by: 'Mia' }], // prettier-ignore
  ['rollout to all', ['rollout', 'b1'], 'POST /v1/rollout', { build: 'b1', percent: 100 }],
  ['wake', ['rollout', 'wake', '--from', 'b0', '--rate', '5'], 'GET /v1/rollout', undefined],
  ['move', [...move, '--where', 'step=review', '--dry-run'], `${list}&step=review`, undefined],
  ['shadow', ['shadow', 'winBack', '--file', file, '--once', '--share', '0.5'], 'GET /v1/', undefined],
])('%s asks the API, and tells its refusal', async (_, args, line, body) => {
  const { code, err, asked } = await told(root, ...args)
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Not here.') })
  expect(asked.at(-1)).toEqual({ line: expect.stringContaining(line), body })
})
