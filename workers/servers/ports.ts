import { connect, createServer, type Server } from 'node:net'

const LOOPBACK = '127.0.0.1'
const LASTING_FROM = 15_000
const LASTING_TO = 32_000

/** A TCP port on the loopback address that nobody listens on now. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/** As many different free loopback ports as asked for. */
export async function freePorts(count: number): Promise<number[]> {
  // Held open together: ports asked for one after another could be the same one.
  const held = await Promise.all(Array.from({ length: count }, () => listen(0)))
  const ports = held.map(portOf)
  await Promise.all(held.map(close))
  return ports
}

/**
 * Free loopback ports to be had again at the next start: below those that the system gives to outgoing connections.
 */
export async function lastingPorts(count: number): Promise<number[]> {
  for (;;) {
    const first = LASTING_FROM + Math.floor(Math.random() * (LASTING_TO - LASTING_FROM - count))
    const ports = Array.from({ length: count }, (_, offset) => first + offset)
    if (await areFree(ports)) return ports
  }
}

/** True when each of the loopback ports can be listened on. */
export async function areFree(ports: number[]): Promise<boolean> {
  const held = await Promise.all(ports.map((port) => listen(port).catch(() => undefined)))
  const open = held.filter((server) => server !== undefined)
  await Promise.all(open.map(close))
  return open.length === ports.length
}

/**
 * Returns when `port` can be listened on at the loopback address.
 * Throws an Error of one sentence naming the port and the setting to change.
 */
export async function portIsFree(port: number, setting: string): Promise<void> {
  try {
    await close(await listen(port))
  } catch (error) {
    throw new Error(portProblem(port, setting, error))
  }
}

/** True when something accepts connections at `port`. */
export function portAnswers(port: number, host = LOOPBACK): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1_000 })
    const settle = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}

/** The sentence for a port that can't be listened on. */
export function portProblem(port: number, setting: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return `port ${port} is already in use: stop what listens there, or set ${setting} to another port`
  }
  return `port ${port} can't be listened on (${code ?? String(error)}): set ${setting} to another port`
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host: LOOPBACK }, () => resolve(server))
  })
}

const portOf = (server: Server): number => (server.address() as { port: number }).port

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
