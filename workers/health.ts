import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a process needs in order to work, by name; each resolves while it is there. */
export type Needs = Readonly<Record<string, () => Promise<unknown>>>

export interface Health {
  readonly port: number
  stop(): Promise<void>
}

/**
 * Answers whoever runs this process: /healthz 200 while it lives; /readyz 200 while all that it needs is there and
 * 503 otherwise, with each part's state. Rejects with one sentence when it cannot listen.
 */
export async function startHealth(host: string, port: number, needs: Needs): Promise<Health> {
  const server = createServer((request, response) => {
    void answerTo(request.url, needs).then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    )
  })
  await listen(server, host, port)
  return { port: (server.address() as AddressInfo).port, stop: () => close(server) }
}

async function answerTo(path: string | undefined, needs: Needs): Promise<{ status: number; body: object }> {
  if (path === '/healthz') return { status: 200, body: { status: 'alive' } }
  if (path !== '/readyz') return { status: 404, body: { status: 'unknown' } }
  const parts = Object.fromEntries(await Promise.all(Object.entries(needs).map(stateOf)))
  const ready = Object.values(parts).every(({ ok }) => ok)
  return { status: ready ? 200 : 503, body: { status: ready ? 'ready' : 'waiting', parts } }
}

async function stateOf([name, isThere]: [string, Needs[string]]): Promise<[string, { ok: boolean }]> {
  const ok = await isThere().then(
    () => true,
    () => false,
  )
  return [name, { ok }]
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', ({ message }) =>
      reject(new Error(`HEALTH_PORT ${port} cannot be listened on (${message}): set it to another port`)),
    )
    server.listen(port, host, resolve)
  })

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
