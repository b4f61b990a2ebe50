import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApi } from './app'
import type { ApiDeps } from './deps'

export interface RunningApi {
  /** Where this machine reaches it. */
  readonly url: string
  readonly port: number
  /** Takes no more connections, lets running requests finish (8 s at most), and resolves when all are closed. */
  stop(): Promise<void>
}

/** Serves the API. `port` 0 takes a free one. Rejects with one clear sentence when it cannot listen. */
export async function startApi(deps: ApiDeps, host: string, port: number): Promise<RunningApi> {
  const stopping = new AbortController()
  const server = createServer(createApi({ ...deps, stopping: stopping.signal }))
  await listen(server, host, port)
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    port: taken,
    stop: () => {
      stopping.abort()
      return stop(server)
    },
  }
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(whyNot(error, host, port))))
    server.listen(port, host, resolve)
  })

function whyNot({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use on ${host}: stop what uses it, or set PORT to another one.`
  if (code === 'EACCES') return `Port ${port} may not be used by this user: set PORT to one above 1023.`
  return `The API cannot listen on ${host}, port ${port} (${message}): set HOST to an address of this machine.`
}

const patienceMs = 8_000

/** A kept-alive connection counts as open until its request is answered; those idle are closed as they become so. */
function stop(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs)
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(cut)
      resolve()
    })
  })
}
