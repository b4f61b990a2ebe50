import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import pg from 'pg'
import pino from 'pino'
import { startApi } from '../../api'
import { temporalGateway } from '../../api/temporal-gateway'
import { createLogger } from '../../logger'
import { openStore, type Store } from '../../store'
import { openOnDisk } from '../../store/pglite/open'
import { startPostgres } from '../../workers/servers/postgres'
import { keyNamed } from '../support/keys'
import { bareTable, startBare, type BarePool } from './bare'
import { startLoad, type Load, type LoadRequest } from './load'

/** How long it takes: `rounds` times two times `seconds` for each of three batch sizes and two databases. */
export interface IngestOptions {
  readonly rounds?: number
  readonly seconds?: number
  readonly databases?: readonly Database[]
}

type Database = 'postgres' | 'pglite'
type Figures = Record<`at${Size}`, number>
type Size = (typeof sizes)[number]

interface Result {
  readonly ratioAt1: number
  readonly ratioAt10: number
  readonly ratioAt100: number
  /** Events per second, medians. */
  readonly ours: Figures
  readonly bare: Figures
  /** CPU time of the server's process for an event, microseconds, medians; the embedded database's is in it. */
  readonly cpuOurs: Figures
  readonly cpuBare: Figures
}

/** Both servers, on one database. */
interface Servers {
  readonly ours: string
  readonly bare: string
}

const sizes = [1, 10, 100] as const
const warmUpSeconds = 1

/**
 * Events per second accepted from 32 connections, by our API and by a bare express handler with one insert of many rows, in
 * turn. Prints a table; resolves with the figures. A ratio is the median of the rounds' ratios.
 */
export async function ingest(options: IngestOptions = {}): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = { benchmark: 'ingest' }
  for (const database of options.databases ?? ['postgres', 'pglite']) {
    const result = await inFolder((folder) => on[database](folder, (servers) => compare(servers, options)))
    console.log(tableOf(database, result))
    results[database] = result
  }
  return results
}

async function inFolder<Value>(work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-ingest-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Work = (servers: Servers) => Promise<Result>

const on: Record<Database, (folder: string, work: Work) => Promise<Result>> = {
  async postgres(folder, work) {
    const postgres = await startPostgres({ dataDir: folder })
    try {
      const url = await postgres.createDatabase('ingest')
      const store = await openStore({ url })
      const pool = new pg.Pool({ connectionString: url, max: 10 })
      // Ending it does not wait for the server's last word.
      pool.on('error', () => undefined)
      return await serving(store, pool, work).finally(() => pool.end())
    } finally {
      await postgres.stop()
    }
  },
  // The embedded database is one connection's alone: the bare handler gets a second one on the same disk.
  async pglite(folder, work) {
    const bareFolder = join(folder, 'bare')
    mkdirSync(bareFolder)
    await openStore({ dataDir: bareFolder }).then((store) => store.close())
    const pool = await openOnDisk(bareFolder)
    const store = await openStore({ dataDir: folder })
    return serving(store, pool as unknown as BarePool, work).finally(() => pool.end())
  },
}

/** Runs the work on both servers; closes them and the store. */
async function serving(store: Store, pool: BarePool, work: Work): Promise<Result> {
  const connection = await pool.connect()
  await connection.query(bareTable, [])
  connection.release()
  const temporal = Connection.lazy()
  const ours = await startOurs(store, temporal)
  const bare = await startBare(pool)
  try {
    return await work({ ours: ours.url, bare: bare.url })
  } finally {
    await Promise.all([ours.stop(), bare.stop()])
    await temporal.close()
    await store.close()
  }
}

/** As in production, its log included; Temporal is not reached for to take events. */
const startOurs = (store: Store, connection: Connection) =>
  startApi(
    {
      store,
      temporal: temporalGateway(new Client({ connection })),
      manifest: () => store.builds.current(),
      keys: [keyNamed('ingest-key', 'ingest')],
      secrets: ['a-secret-that-signs-links-in-benchmarks-only'],
      publicUrl: 'http://journeys.example',
      logger: createLogger('info', pino.destination('/dev/null')),
    },
    '127.0.0.1',
    0,
  )

async function compare(servers: Servers, options: IngestOptions): Promise<Result> {
  const load = startLoad()
  try {
    const [one, ten, hundred] = [
      await pairs(load, servers, 1, options),
      await pairs(load, servers, 10, options),
      await pairs(load, servers, 100, options),
    ]
    const figures = (of: keyof Pair, what: keyof Measured): Figures => ({
      at1: Math.round(median(one.map((pair) => pair[of][what]))),
      at10: Math.round(median(ten.map((pair) => pair[of][what]))),
      at100: Math.round(median(hundred.map((pair) => pair[of][what]))),
    })
    return {
      ratioAt1: ratioOf(one),
      ratioAt10: ratioOf(ten),
      ratioAt100: ratioOf(hundred),
      ours: figures('ours', 'perSecond'),
      bare: figures('bare', 'perSecond'),
      cpuOurs: figures('ours', 'cpuMicros'),
      cpuBare: figures('bare', 'cpuMicros'),
    }
  } finally {
    await load.stop()
  }
}

interface Pair {
  readonly ours: Measured
  readonly bare: Measured
}

interface Measured {
  readonly perSecond: number
  readonly cpuMicros: number
}

/** The rounds, each side first in every other one, so that neither always finds the other's leftovers. */
async function pairs(
  load: Load,
  servers: Servers,
  size: Size,
  { rounds = 5, seconds = 2.4 }: IngestOptions,
): Promise<Pair[]> {
  const measured: Pair[] = []
  const measureOurs = (duration: number) => measure(load, oursAt(servers.ours, size, duration))
  const measureBare = (duration: number) => measure(load, bareAt(servers.bare, size, duration))
  await measureOurs(warmUpSeconds)
  await measureBare(warmUpSeconds)
  for (let round = 0; round < rounds; round++) {
    const before = round % 2 === 0 ? await measureOurs(seconds) : undefined
    const bare = await measureBare(seconds)
    measured.push({ ours: before ?? (await measureOurs(seconds)), bare })
  }
  return measured
}

async function measure(load: Load, request: LoadRequest): Promise<Measured> {
  const before = process.cpuUsage()
  const { events, seconds } = await load.ask(request)
  const { user, system } = process.cpuUsage(before)
  return { perSecond: events / seconds, cpuMicros: (user + system) / events }
}

const oursAt = (url: string, size: Size, seconds: number): LoadRequest => ({
  url,
  path: size === 1 ? '/v1/track' : '/v1/batch',
  authorization: 'Bearer ingest-key',
  size,
  seconds,
  customers: 5_000,
})

const bareAt = (url: string, size: Size, seconds: number): LoadRequest => ({
  ...oursAt(url, size, seconds),
  path: '/events',
})

const ratioOf = (rounds: readonly Pair[]): number =>
  Math.round(median(rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond)) * 100) / 100

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function tableOf(database: Database, { ours, bare, cpuOurs, cpuBare, ...ratios }: Result): string {
  const lines = sizes.map((size) => [
    size,
    ...[ours, bare].map((figures) => figures[`at${size}`]),
    ratios[`ratioAt${size}`].toFixed(2),
    ...[cpuOurs, cpuBare].map((figures) => figures[`at${size}`]),
  ])
  return [['batch', 'ours/s', 'bare/s', 'ratio', 'ours µs', 'bare µs'], ...lines]
    .map((cells) => [database.padEnd(9), ...cells.map((cell) => String(cell).padStart(8))].join(' '))
    .join('\n')
}
