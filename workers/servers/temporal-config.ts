import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The loopback ports of a server's parts. The frontend's is the one clients use; the others only have to be free. */
export interface TemporalPorts {
  frontend: number
  /** gRPC and membership for each part, and membership for the frontend: seven. */
  internal: number[]
}

const SETTINGS = {
  // Moving a customer's clock.
  'frontend.WorkflowTimeSkippingEnabled': true,
  // A new search attribute can be used at once instead of within a minute.
  'system.forceSearchAttributesCacheRefreshOnRead': true,
  // What the former reads comes from the database each time.
  'frontend.persistenceMaxQPS': 10_000,
  'history.persistenceMaxQPS': 45_000,
  // Lists are asked for ten times a second by default, too few for a console and tests beside each other.
  'frontend.namespaceRPS.visibility': 100,
  'frontend.namespaceRPS': 10_000,
  // One development machine: a cache of 128,000 workflows would be memory never given back.
  'history.hostLevelCacheMaxSize': 8_096,
  // It asks Temporal's site for newer versions.
  'frontend.enableServerVersionCheck': false,
}

/** `key=value` pairs of the dynamic configuration, values as JSON: the form the Temporal CLI takes. */
export const dynamicSettings = (): string[] =>
  Object.entries(SETTINGS).map(([key, value]) => `${key}=${JSON.stringify(value)}`)

/** The server's own names for where its data is. */
export type Persistence = ReturnType<typeof onSqlite> | ReturnType<typeof onPostgres>

/**
 * Writes the configuration of a Temporal server kept in `dir` (absolute), to be run as
 * `server --root dir --config config --env sojourn start`.
 */
export function writeServerConfig(dir: string, persistence: Persistence, ports: TemporalPorts): void {
  const dynamicFile = join(dir, 'config', 'dynamic.yaml')
  const dynamic = Object.entries(SETTINGS).map(([key, value]) => [key, [{ value }]])
  writeYaml(dynamicFile, Object.fromEntries(dynamic))
  writeYaml(join(dir, 'config', 'sojourn.yaml'), {
    log: { stdout: true, level: 'warn' },
    persistence,
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: services(ports),
    clusterMetadata: clusterMetadata(ports.frontend),
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicFile, pollInterval: '10s' },
  })
}

/** Writes the configuration of the UI, to be run as `server -r dir -c ui -e sojourn start`. Ports are loopback. */
export function writeUiConfig(dir: string, ui: { port: number; address: string; namespace: string }): void {
  writeYaml(join(dir, 'ui', 'sojourn.yaml'), {
    temporalGrpcAddress: ui.address,
    host: '127.0.0.1',
    port: ui.port,
    enableUi: true,
    defaultNamespace: ui.namespace,
    disableNewsFetch: true,
    hideLogs: true,
    // The page is served without TLS, over which a secure cookie would not travel.
    cors: { cookieInsecure: true },
  })
}

/** One file for everything, made at the first start. */
export function onSqlite(databaseFile: string) {
  const store = {
    sql: {
      pluginName: 'sqlite',
      databaseName: uriPath(databaseFile),
      connectAddr: 'localhost',
      connectProtocol: 'tcp',
      connectAttributes: { cache: 'private', setup: 'true', journal_mode: 'wal', synchronous: '2' },
      maxConns: 1,
      maxIdleConns: 1,
      maxConnLifetime: '1h',
    },
  }
  return {
    defaultStore: 'workflows',
    visibilityStore: 'visibility',
    numHistoryShards: 1,
    datastores: { workflows: store, visibility: store },
  }
}

/** Two Postgres databases whose schema is there already, given by their URLs. */
export const onPostgres = (workflows: string, visibility: string) => ({
  defaultStore: 'workflows',
  visibilityStore: 'visibility',
  numHistoryShards: 4,
  datastores: { workflows: postgresStore(workflows, 6), visibility: postgresStore(visibility, 2) },
})

/** Each of the server's four parts opens as many connections. */
function postgresStore(url: string, maxConns: number) {
  const { host, username, password, pathname } = new URL(url)
  return {
    sql: {
      pluginName: 'postgres12',
      databaseName: decodeURIComponent(pathname.slice(1)),
      connectAddr: host,
      connectProtocol: 'tcp',
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      maxConns,
      maxIdleConns: maxConns,
      maxConnLifetime: '1h',
    },
  }
}

function services({ frontend, internal }: TemporalPorts) {
  const rpc = (grpcPort: number, membershipPort: number) => ({
    rpc: { grpcPort, membershipPort, bindOnLocalHost: true },
  })
  const [membership, ...rest] = internal as [number, ...number[]]
  return {
    frontend: rpc(frontend, membership),
    history: rpc(rest[0]!, rest[1]!),
    matching: rpc(rest[2]!, rest[3]!),
    worker: rpc(rest[4]!, rest[5]!),
  }
}

const clusterMetadata = (frontend: number) => ({
  enableGlobalNamespace: false,
  failoverVersionIncrement: 10,
  masterClusterName: 'active',
  currentClusterName: 'active',
  clusterInformation: {
    active: {
      enabled: true,
      initialFailoverVersion: 1,
      rpcName: 'frontend',
      rpcAddress: `127.0.0.1:${frontend}`,
    },
  },
})

// The server puts the name into a file: URI as it is.
const uriPath = (file: string): string => file.replace(/[%?#]/g, encodeURIComponent)

/** JSON is YAML, and needs no care for what a path may hold. */
function writeYaml(file: string, value: object): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}
