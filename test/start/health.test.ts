import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Health, startHealth } from '../../workers/health'

let health: Health
let away = false

const there = async () => {
  if (away) throw new Error('away')
}

beforeAll(async () => {
  health = await startHealth('127.0.0.1', 0, { database: there, temporal: async () => undefined })
})
afterAll(() => health.stop())

async function ask(path: string): Promise<[number, object]> {
  const response = await fetch(`http://127.0.0.1:${health.port}${path}`)
  return [response.status, (await response.json()) as object]
}

test('a process that lives and has what it needs says so', async () => {
  expect(await ask('/healthz')).toEqual([200, { status: 'alive' }])
  const parts = { database: { ok: true }, temporal: { ok: true } }
  expect(await ask('/readyz')).toEqual([200, { status: 'ready', parts }])
  expect((await ask('/metrics'))[0]).toBe(404)
})

test('while something is away it lives, is not ready, and says what is away', async () => {
  away = true
  const parts = { database: { ok: false }, temporal: { ok: true } }
  expect(await ask('/readyz')).toEqual([503, { status: 'waiting', parts }])
  expect(await ask('/healthz')).toEqual([200, { status: 'alive' }])
  away = false
  expect((await ask('/readyz'))[0]).toBe(200)
})

test('a port that is taken is said in one sentence', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await expect(startHealth('127.0.0.1', port, {})).rejects.toThrow(
    `HEALTH_PORT ${port} cannot be listened on (listen EADDRINUSE: address already in use 127.0.0.1:${port}): set it to another port`,
  )
  await new Promise((resolve) => server.close(resolve))
})
