import { Connection } from '@temporalio/client'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { areFree, lastingPorts, portAnswers } from './ports'
import type { ProcessSpec } from './supervised-process'
import {
  dynamicSettings,
  onSqlite,
  type Persistence,
  writeServerConfig,
  writeUiConfig,
} from './temporal-config'
import { waitUntil } from './waiting'

/** Where a development server keeps its data and serves. */
export interface ServerPlace {
  /** Absolute. */
  dataDir: string
  port: number
  address: string
  namespace: string
}

const DATABASE = 'temporal.db'
// gRPC and membership for each of three parts, and membership for the frontend.
const INTERNAL_PORTS = 7
// An orderly end of the bare server takes 10 s, most of it its own background workers waiting for one another.
// What it acknowledged is on disk by then, so it isn't waited for.
const SERVER_GRACE_MS = 1_000

/** The bare server as built by Go, on a SQLite file unless told otherwise. */
export const serverSpec = (path: string, place: ServerPlace, persistence?: Persistence): ProcessSpec => ({
  ...common(place),
  graceMs: SERVER_GRACE_MS,
  launch: async () => {
    const { dir, databaseFile } = filesOf(place)
    const internal = await internalPorts(dir)
    writeServerConfig(dir, persistence ?? onSqlite(databaseFile), { frontend: place.port, internal })
    return {
      command: path,
      args: ['--root', dir, '--config', 'config', '--env', 'sojourn', '--allow-no-auth', 'start'],
    }
  },
})

/** The development server in the Temporal CLI, with its UI when a port for it is given. */
export const cliSpec = (path: string, place: ServerPlace, uiPort: number | undefined): ProcessSpec => ({
  ...common(place),
  // The database is named from its own folder: the CLI puts the name into a URI, which a path might break.
  launch: async () => ({ command: path, args: cliArguments(place, uiPort), cwd: filesOf(place).dir }),
})

/** The UI's own program, to stand beside the bare server. */
export const uiSpec = (path: string, place: ServerPlace, port: number): ProcessSpec => ({
  name: 'Temporal UI',
  where: `on port ${port}`,
  logFile: join(place.dataDir, 'logs', 'temporal-ui.log'),
  graceMs: 1_000,
  launch: async () => {
    const { dir } = filesOf(place)
    writeUiConfig(dir, { port, address: place.address, namespace: place.namespace })
    return { command: path, args: ['-r', dir, '-c', 'ui', '-e', 'sojourn', 'start'] }
  },
  ready: async () => (await fetch(`http://127.0.0.1:${port}/`)).ok,
})

const common = ({ dataDir, port, address }: ServerPlace) => ({
  name: 'Temporal server',
  where: `on port ${port}`,
  logFile: join(dataDir, 'logs', 'temporal.log'),
  ready: () => serves(address, port),
})

function cliArguments(place: ServerPlace, uiPort: number | undefined): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(place.port)],
    ...['--db-filename', DATABASE, '--namespace', place.namespace],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=2'],
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...dynamicSettings().flatMap((setting) => ['--dynamic-config-value', setting]),
  ]
}

/**
 * The ports of the server's parts, the same as at the last start while they are free. The database remembers for
 * most of a minute where the parts were, and until then no task would reach them elsewhere.
 */
async function internalPorts(dir: string): Promise<number[]> {
  const file = join(dir, 'internal-ports.json')
  const last = readPorts(file)
  if (last.length === INTERNAL_PORTS && (await waitUntil(() => areFree(last), 1_000))) return last
  const ports = await lastingPorts(INTERNAL_PORTS)
  writeFileSync(file, JSON.stringify(ports))
  return ports
}

function readPorts(file: string): number[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as number[]
  } catch {
    return []
  }
}

function filesOf({ dataDir }: ServerPlace): { dir: string; databaseFile: string } {
  const dir = join(dataDir, 'temporal')
  mkdirSync(dir, { recursive: true })
  return { dir, databaseFile: join(dir, DATABASE) }
}

async function serves(address: string, port: number): Promise<boolean> {
  // A gRPC client that meets a closed port waits a second before it tries again; so the port is looked at first.
  if (!(await portAnswers(port))) return false
  const connection = await Connection.connect({ address, connectTimeout: '2s' })
  await connection.close()
  return true
}
