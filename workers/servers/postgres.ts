import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { findExecutable, isExecutable, versionOf } from './executables'
import { freePort, portIsFree } from './ports'
import { ProcessGroup, type RunningProcess } from './processes'
import type { ProcessSpec } from './supervised-process'

const OLDEST_VERSION = 14
const SYSTEM_FOLDER = '/usr/lib/postgresql'
// A socket's path may be about 100 bytes long, less than a temporary folder's sometimes is.
const LONGEST_SOCKET_FOLDER = 80

export interface PostgresOptions {
  /** A folder for this alone; what an earlier start left in it is used again. */
  dataDir: string
  /** Any free one when not given. */
  port?: number
  /** The folder of `postgres` and `initdb`, looked in first. */
  binDir?: string
  /** PATH, looked in before /usr/lib/postgresql. */
  searchPath?: string
  say?: (line: string) => void
}

/** A Postgres of our own on the loopback address; no password. */
export interface RunningPostgres {
  /** Of the database "postgres". */
  url: string
  readonly processes: RunningProcess[]
  /** The URL of a database of this name, made when missing. */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

interface Cluster {
  binDir: string
  /** Postgres' own data, inside the data folder. */
  folder: string
  socketFolder: string
  port: number
  /** Postgres refuses to run as root. */
  runAs: { uid?: number; gid?: number }
}

/**
 * Starts a Postgres 14 or newer in a folder of its own, for tests. What it acknowledges is on the disk.
 * Throws an Error of one sentence when none is installed, the port or the folder is in use, or it doesn't serve.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { dataDir, say = () => {} } = options
  const binDir = await findPostgres(options)
  const group = await ProcessGroup.open({ dataDir, name: 'postgres', say })
  try {
    const cluster = await prepareCluster(binDir, options)
    await group.start(postgresSpec(cluster, resolve(dataDir)))
    return running(group, cluster.port)
  } catch (error) {
    await group.stop()
    throw error
  }
}

async function findPostgres({ binDir, searchPath }: PostgresOptions): Promise<string> {
  const onPath = findExecutable('postgres', searchPath)
  const candidates = [binDir, onPath && join(onPath, '..'), ...systemFolders()]
  for (const folder of candidates) if (folder && (await isUsable(folder))) return folder
  throw new Error(
    `no Postgres ${OLDEST_VERSION} or newer was found: install it (apt-get install postgresql, ` +
      'brew install postgresql), or name the folder of its programs',
  )
}

/** Newest version first. */
function systemFolders(): string[] {
  if (!existsSync(SYSTEM_FOLDER)) return []
  const versions = readdirSync(SYSTEM_FOLDER).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(SYSTEM_FOLDER, version, 'bin'))
}

async function isUsable(folder: string): Promise<boolean> {
  if (!isExecutable(join(folder, 'initdb'))) return false
  const version = /PostgreSQL\) (\d+)/.exec((await versionOf(join(folder, 'postgres'))) ?? '')
  return version !== null && Number(version[1]) >= OLDEST_VERSION
}

async function prepareCluster(binDir: string, { dataDir, port }: PostgresOptions): Promise<Cluster> {
  if (port) await portIsFree(port, 'the port of Postgres')
  const runAs = ordinaryUser()
  const folder = resolve(dataDir, 'postgres')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (runAs.uid !== undefined) giveTo(runAs.uid, runAs.gid!, resolve(dataDir), folder)
  const socketFolder = folder.length <= LONGEST_SOCKET_FOLDER ? folder : ''
  const cluster = { binDir, folder, socketFolder, port: port ?? (await freePort()), runAs }
  if (!existsSync(join(folder, 'PG_VERSION'))) await initialise(cluster)
  return cluster
}

/** Hands folders to a user, who may pass through those above them as far as they are temporary. */
function giveTo(uid: number, gid: number, ...folders: string[]): void {
  for (const folder of folders) chownSync(folder, uid, gid)
  const temporary = join(tmpdir(), '/')
  for (let above = dirname(folders[0]!); above.startsWith(temporary); above = dirname(above)) {
    chmodSync(above, statSync(above).mode | 0o001)
  }
}

async function initialise({ binDir, folder, runAs }: Cluster): Promise<void> {
  const args = ['-D', folder, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C']
  try {
    // Not our own working folder, which that user might not be allowed to enter.
    await promisify(execFile)(join(binDir, 'initdb'), args, { ...runAs, cwd: '/' })
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    throw new Error(
      `Postgres can't make its data folder ${folder}: ${stderr?.trim().split('\n')[0] || message}`,
    )
  }
}

const postgresSpec = (cluster: Cluster, dataDir: string): ProcessSpec => ({
  name: 'Postgres server',
  where: `on port ${cluster.port}`,
  logFile: join(dataDir, 'logs', 'postgres.log'),
  // SIGTERM would wait for clients to go.
  stopSignal: 'SIGINT',
  launch: async () => ({
    command: join(cluster.binDir, 'postgres'),
    args: ['-D', cluster.folder, '-h', '127.0.0.1', '-p', String(cluster.port), '-k', cluster.socketFolder],
    cwd: '/',
    ...cluster.runAs,
  }),
  ready: async () => {
    await withClient(urlOf(cluster.port, 'postgres'), (client) => client.query('select 1'))
    return true
  },
})

const running = (group: ProcessGroup, port: number): RunningPostgres => ({
  url: urlOf(port, 'postgres'),
  get processes() {
    return group.processes
  },
  createDatabase: (name) => createDatabase(port, name),
  stop: () => group.stop(),
})

async function createDatabase(port: number, name: string): Promise<string> {
  await withClient(urlOf(port, 'postgres'), async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  })
  return urlOf(port, name)
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

const urlOf = (port: number, database: string): string =>
  `postgres://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`

/** The user to run as when we are root: postgres, else nobody. */
function ordinaryUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const user = ['postgres', 'nobody'].find((name) => idOf('-u', name) !== undefined)
  if (!user) throw new Error('Postgres does not run as root, and there is neither a user postgres nor nobody')
  return { uid: idOf('-u', user), gid: idOf('-g', user) }
}

function idOf(which: '-u' | '-g', user: string): number | undefined {
  try {
    return Number(
      execFileSync('id', [which, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    )
  } catch {
    return undefined
  }
}
