import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import pg from 'pg'
import { createLogger } from '../../logger'
import { makeBuild } from '../../workers/make-build'
import { freePort, lastingPorts } from '../../workers/servers/ports'
import { startPostgres } from '../../workers/servers/postgres'
import { startTemporal } from '../../workers/servers/temporal'
import { buildInto } from '../start/compiled'
import { Crew } from '../start/crew'
import type { Later } from './scope'

/** Our processes from compiled code, each on its own, over a Postgres and a Temporal server for them alone; their journey is `answering`. */
export interface Deployment {
  readonly url: string
  readonly authorization: string
  readonly temporal: Client
  readonly temporalAddress: string
  readonly database: pg.Pool
  readonly crew: Crew
  /** The workflow bundle they run. */
  readonly bundle: string
}

export interface DeploymentOptions {
  readonly smtpUrl: string
  readonly workers?: number
  /** Settings beside those that all need. */
  readonly settings?: Readonly<Record<string, string>>
}

const key = 'a-key-for-measuring'
export const taskQueue = 'bench'

/** Starts them; takes about a minute. */
export async function deploy(
  folder: string,
  later: Later,
  { smtpUrl, workers = 1, settings = {} }: DeploymentOptions,
): Promise<Deployment> {
  const { address, databaseUrl } = await startServers(folder, later)
  const dist = buildInto(folder)
  await replaceBuild(path.join(dist, 'build'))
  const [port] = await lastingPorts(1)
  const crew = new Crew(dist, {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://journeys.example',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    SMTP_URL: smtpUrl,
    API_KEYS: `ingest:bench:${createHash('sha256').update(key).digest('hex')}`,
    SECRET_KEYS: 'a-secret-that-signs-links-in-benchmarks-only',
    TEMPORAL_ADDRESS: address,
    TASK_QUEUE: taskQueue,
    ...settings,
  })
  later(() => crew.stop())
  crew.start('api', 'api')
  crew.start('dispatcher', 'dispatcher')
  for (let number = 1; number <= workers; number++) crew.start(`worker ${number}`, 'worker')
  await crew.up()
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  later(() => database.end())
  const connection = await Connection.connect({ address })
  later(() => connection.close())
  return {
    url: `http://127.0.0.1:${port}`,
    authorization: `Bearer ${key}`,
    temporal: new Client({ connection }),
    temporalAddress: address,
    database,
    crew,
    bundle: path.join(dist, 'build', 'workflows.js'),
  }
}

async function startServers(folder: string, later: Later): Promise<{ address: string; databaseUrl: string }> {
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres') })
  later(() => postgres.stop())
  const temporal = await startTemporal({
    dataDir: path.join(folder, 'temporal'),
    port: await freePort(),
    withUi: false,
    searchPath: process.env.PATH,
    say: () => undefined,
  })
  later(() => temporal.stop())
  return { address: temporal.address, databaseUrl: await postgres.createDatabase('bench') }
}

/** The journeys of `deployed` in place of the shipped ones. */
async function replaceBuild(folder: string): Promise<void> {
  const { workflowBundle, manifest } = await makeBuild(createLogger('warn'), path.join(__dirname, 'deployed'))
  if ('code' in workflowBundle) writeFileSync(path.join(folder, 'workflows.js'), workflowBundle.code)
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest))
}

/** Resolves once every accepted event has been handed on. */
export async function handedOn({ database }: Deployment): Promise<void> {
  while ((await countOf(database, `select count(*) from events where state = 'pending'`)) > 0)
    await sleep(200)
}

export async function countOf(database: pg.Pool, query: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>(query)
  return Number(rows[0]!.count)
}
