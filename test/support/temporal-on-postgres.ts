import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { areFree, portIsFree } from '../../workers/servers/ports'
import type { RunningPostgres } from '../../workers/servers/postgres'
import { sendSignal } from '../../workers/servers/process-identity'
import { SupervisedProcess } from '../../workers/servers/supervised-process'
import { prepareServer } from '../../workers/servers/temporal'
import { ensureServerAndSqlTool } from '../../workers/servers/temporal-binary'
import { onPostgres } from '../../workers/servers/temporal-config'
import { serverSpec } from '../../workers/servers/temporal-specs'
import { waitUntil } from '../../workers/servers/waiting'

export interface TemporalOnPostgresOptions {
  /** The folder for the server's configuration and log. */
  dataDir: string
  port: number
  /** Where the databases `temporal` and `temporal_visibility` are, or are made. */
  postgres: Pick<RunningPostgres, 'createDatabase'>
  /** "default" when not given. */
  namespace?: string
  /** PATH of this process when not given; Go is looked for in it. */
  searchPath?: string
  /** Where builds are kept; ~/.cache/sojourn when not given. */
  cacheDir?: string
  say: (line: string) => void
}

/** A Temporal server as in production: its data is in Postgres. */
export interface TemporalOnPostgres {
  /** "host:port" of its gRPC service. */
  readonly address: string
  readonly pid: number
  /** Ends it; of one that was killed nothing is left to end. */
  stop(): Promise<void>
}

/**
 * Starts a Temporal server on a Postgres, with its schema, the namespace and the search attributes, and returns when
 * all is usable; clocks can be moved. Nobody revives it: after its death it is started by the same call with the same
 * options, and goes on with what Postgres holds. Throws an Error of one sentence when it can't be built (there is no
 * Go), the port stays in use, the schema can't be made, or it doesn't serve.
 */
export async function startTemporalOnPostgres(
  options: TemporalOnPostgresOptions,
): Promise<TemporalOnPostgres> {
  const { port, postgres, say, namespace = 'default' } = options
  const { server, sqlTool } = await ensureServerAndSqlTool({ searchPath: process.env.PATH, ...options })
  const workflows = await postgres.createDatabase('temporal')
  const visibility = await postgres.createDatabase('temporal_visibility')
  await Promise.all([
    makeSchema(sqlTool, workflows, 'temporal'),
    makeSchema(sqlTool, visibility, 'visibility'),
  ])
  // The system takes a moment to clear away what was killed.
  await waitUntil(() => areFree([port]), 5_000)
  await portIsFree(port, 'the port of Temporal')
  const place = { dataDir: resolve(options.dataDir), port, address: `127.0.0.1:${port}`, namespace }
  const spec = { ...serverSpec(server, place, onPostgres(workflows, visibility)), revive: false }
  const running = await started(new SupervisedProcess(spec, { say, changed: () => {}, gaveUp: () => {} }))
  await prepareServer(place)
  return { address: place.address, ...running }
}

/** The tables as of this version; what is there already is left. */
async function makeSchema(sqlTool: string, url: string, name: 'temporal' | 'visibility'): Promise<void> {
  const { hostname, port, username, pathname } = new URL(url)
  const there = ['--plugin', 'postgres12', '--ep', hostname, '-p', port, '-u', username]
  const database = ['--db', decodeURIComponent(pathname.slice(1))]
  const run = (...command: string[]) => promisify(execFile)(sqlTool, [...there, ...database, ...command])
  try {
    await run('setup-schema', '-v', '0.0')
    await run('update-schema', '--schema-name', `postgresql/v12/${name}`)
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    const words = stderr?.trim().split('\n').at(-1) || message
    throw new Error(`the schema of Temporal's database ${database[1]} can't be made: ${words}`)
  }
}

async function started(server: SupervisedProcess): Promise<Pick<TemporalOnPostgres, 'pid' | 'stop'>> {
  await server.start()
  const pid = server.pid!
  // For an owner that exits without stop().
  const kill = () => sendSignal(pid, 'SIGKILL')
  process.on('exit', kill)
  const stop = async () => {
    process.off('exit', kill)
    await server.stop()
  }
  return { pid, stop }
}
