import { Connection, type ConnectionOptions } from '@temporalio/client'
import { resolve } from 'node:path'
import { allowsTimeSkipping, ensureNamespace, ensureSearchAttributes, lengthenRetention } from './namespace'
import { portIsFree } from './ports'
import { ProcessGroup, type RunningProcess } from './processes'
import { findTemporal } from './temporal-binary'
import { cliSpec, serverSpec, uiSpec, type ServerPlace } from './temporal-specs'

export { ensureNamespace, ensureSearchAttributes } from './namespace'

export interface TemporalOptions {
  /** The folder for the server's data and logs; one Sojourn uses it at a time. */
  dataDir: string
  /** A server that runs elsewhere, "host:port": nothing is started. */
  address?: string
  /** TLS, API key and the like for `address`. */
  connection?: Omit<ConnectionOptions, 'address'>
  /** TEMPORAL_CLI_PATH. */
  cliPath?: string
  /** TEMPORAL_PORT; 7233 when not given. */
  port?: number
  /** UI_PORT; 8233 when not given. */
  uiPort?: number
  /** "default" when not given. */
  namespace?: string
  /** True when not given. */
  withUi?: boolean
  /** Where downloads and builds are kept; ~/.cache/sojourn when not given. */
  cacheDir?: string
  /** PATH, for `temporal` and `go`; neither is looked for without it. */
  searchPath?: string
  say: (line: string) => void
  /** A server died five times within a minute and stays down. It is said in any case. */
  onGiveUp?: (error: Error) => void
}

/** A Temporal server to work with. */
export interface RunningTemporal {
  /** "host:port" of its gRPC service. */
  address: string
  namespace: string
  /** The UI's page, when we run one. */
  uiUrl?: string
  /** Whether a workflow's clock can be moved here. */
  timeSkipping: boolean
  /** What runs now for it; empty for a server elsewhere. */
  readonly processes: RunningProcess[]
  /** Ends the server and starts it again with the same data; not for a server elsewhere. */
  restart?(): Promise<void>
  /** Ends what was started, within 8 s. A server elsewhere is left alone. */
  stop(): Promise<void>
}

/**
 * The Temporal server at `address`; without one a development server on the loopback address, found or built, kept
 * running, with the namespace and the search attributes there and usable.
 * Throws an Error of one sentence when a port or the data folder is in use, when no server is found, or when it
 * doesn't serve.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const { address, namespace = 'default' } = options
  if (address) return useServerElsewhere(address, namespace, options.connection)
  const group = await ProcessGroup.open({ ...options, name: 'temporal' })
  try {
    return await startServer(group, options, namespace)
  } catch (error) {
    await group.stop()
    throw error
  }
}

async function useServerElsewhere(
  address: string,
  namespace: string,
  connectionOptions: TemporalOptions['connection'],
): Promise<RunningTemporal> {
  const connection = await Connection.connect({ connectTimeout: '10s', ...connectionOptions, address }).catch(
    (error: Error) => {
      throw new Error(`no Temporal server answers at TEMPORAL_ADDRESS ${address}: ${error.message}`)
    },
  )
  const timeSkipping = await allowsTimeSkipping(connection, namespace)
  await connection.close()
  return { address, namespace, timeSkipping, processes: [], stop: async () => {} }
}

async function startServer(
  group: ProcessGroup,
  options: TemporalOptions,
  namespace: string,
): Promise<RunningTemporal> {
  const { port = 7233, uiPort = 8233, withUi = true } = options
  // Before a server is looked for, which may mean minutes of building.
  await portIsFree(port, 'TEMPORAL_PORT')
  if (withUi) await portIsFree(uiPort, 'UI_PORT')
  const found = await findTemporal(options)
  const dataDir = resolve(options.dataDir)
  const place: ServerPlace = { dataDir, port, address: `127.0.0.1:${port}`, namespace }
  const hasUi = withUi && (found.kind === 'cli' || found.uiPath !== undefined)
  const server = await group.start(
    found.kind === 'cli'
      ? cliSpec(found.path, place, hasUi ? uiPort : undefined)
      : serverSpec(found.path, place),
  )
  const timeSkipping = await prepareServer(place)
  if (found.kind === 'server' && found.uiPath) await group.start(uiSpec(found.uiPath, place, uiPort))
  const uiUrl = hasUi ? `http://127.0.0.1:${uiPort}` : undefined
  const restart = async () => {
    await server.stop()
    await server.start()
    await prepareServer(place)
  }
  const { address } = place
  return running(group, { address, namespace, uiUrl, timeSkipping, restart })
}

/** Sees to the namespace and the search attributes; tells whether clocks can be moved. */
export async function prepareServer({ address, namespace }: ServerPlace): Promise<boolean> {
  const connection = await Connection.connect({ address })
  try {
    await ensureNamespace(connection, namespace)
    await lengthenRetention(connection, namespace)
    await ensureSearchAttributes(connection, namespace)
    return await allowsTimeSkipping(connection, namespace)
  } finally {
    await connection.close()
  }
}

const running = (
  group: ProcessGroup,
  facts: Omit<RunningTemporal, 'processes' | 'stop'>,
): RunningTemporal => ({
  ...facts,
  get processes() {
    return group.processes
  },
  stop: () => group.stop(),
})
