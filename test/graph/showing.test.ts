import { spawn } from 'node:child_process'
import path from 'node:path'
import { graphText } from '../../api/cli/graph'
import type { Manifest } from '../../sdk'
import { outlineJourneys } from '../../workers/outline'
import { outline, stopAll, testApi, type TestApi } from '../api/support'

const gymless = outline('older')
const { journeys } = outlineJourneys(path.join(__dirname, '../../workflows'))

let api: TestApi
beforeAll(async () => {
  const manifest: Manifest = { build: 'b1', journeys: { ...journeys, older: gymless } }
  api = await testApi({ manifest: async () => manifest })
})
afterAll(stopAll)

const get = (target: string, accept?: string) =>
  fetch(api.url + target, { headers: { authorization: 'Bearer read-key', ...(accept && { accept }) } })

test.each([
  ['?format=json', undefined, 'application/json'],
  ['?format=svg', 'application/json', 'image/svg+xml'],
  ['?format=mermaid', undefined, 'text/vnd.mermaid'],
  ['', 'image/svg+xml', 'image/svg+xml'],
  ['', 'text/vnd.mermaid, application/json;q=0.5', 'text/vnd.mermaid'],
  ['', 'text/html, */*', 'application/json'],
])('the graph with %s and Accept %s is %s', async (query, accept, type) => {
  const response = await get(`/v1/journeys/winBack/graph${query}`, accept)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain(type)
  expect(response.headers.get('vary')).toContain('Accept')
  const text = await response.text()
  expect(text).toMatch(type === 'application/json' ? /^\{"journey":"winBack"/ : /^(<svg|flowchart TD)/)
})

test('as JSON it has nodes, edges, goal and exits', async () => {
  const body = (await (await get('/v1/journeys/winBack/graph')).json()) as Record<string, unknown>
  expect(body).toMatchObject({
    journey: 'winBack',
    goal: { on: [{ name: 'Subscription Started', conditions: {} }], within: '120 days' },
    exitOn: [{ name: 'Account Closed', conditions: {} }],
    nodes: expect.arrayContaining([expect.objectContaining({ id: 'step:some-distance', does: '60 days' })]),
    edges: expect.arrayContaining([{ from: 'step:answer', to: 'step:call-back', labels: ['talks'] }]),
  })
})

test('there is none of an unknown journey, of a build from before graphs, or in another format', async () => {
  expect((await get('/v1/journeys/nothing/graph')).status).toBe(404)
  const older = await get('/v1/journeys/older/graph')
  expect(older.status).toBe(404)
  expect(((await older.json()) as { detail: string }).detail).toContain('older than graphs are')
  expect((await get('/v1/journeys/winBack/graph?format=png')).status).toBe(400)
})

test('the console shows the picture, and says why where there is none', async () => {
  const shown = await get('/console/journeys/winBack')
  expect(shown.status).toBe(200)
  const text = await shown.text()
  expect(text).toContain('<svg xmlns=')
  expect(text).toContain('some-distance')
  expect((await get('/console/journeys/older')).status).toBe(404)
  expect(await (await get('/console')).text()).toContain('href="/console/journeys/winBack"')
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const run = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = path.join(__dirname, '../../api/cli/sojourn.mjs')
    const env = { PATH: process.env.PATH, API_KEY: 'read-key' }
    const child = spawn(process.execPath, [command, 'graph', ...args], { env })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    child.once('close', (code) => resolve({ code, out, err }))
  })

test('the command shows the working copy, or what runs elsewhere', async () => {
  const [here, there] = await Promise.all([
    run('winBack', '--format', 'svg'),
    run('winBack', '--url', api.url),
  ])
  expect(here).toMatchObject({ code: 0, out: expect.stringContaining('<svg'), err: '' })
  expect(there).toMatchObject({ code: 0, out: expect.stringMatching(/^flowchart TD\n/), err: '' })
})

test('the text is of one journey or of all, and says what there is not', () => {
  const all = JSON.parse(graphText({ build: 'b1', journeys }, 'json', undefined)) as { journey: string }[]
  expect(all.map(({ journey }) => journey)).toEqual(Object.keys(journeys))
  expect(graphText({ build: 'b1', journeys }, 'mermaid', undefined)).toMatch(
    /^%% appointmentReminder\nflowchart TD\n/,
  )
  expect(() => graphText({ build: 'b1', journeys }, 'json', 'nothing')).toThrow(
    'There is no journey "nothing"',
  )
  expect(() => graphText({ build: 'b1', journeys }, 'svg', undefined)).toThrow('A picture holds one journey')
  expect(() => graphText({ build: 'b1', journeys: { older: gymless } }, 'json', 'older')).toThrow(
    'older than graphs',
  )
})
