import { Kysely, PostgresDialect, sql, type PostgresPool } from 'kysely'
import { appends } from './append'
import { audienceStore } from './audiences'
import { buildStore } from './builds'
import { consentStore } from './consents'
import { customerStore } from './customers'
import { deletionStore } from './deletions'
import { deviceStore } from './devices'
import { decisionStore } from './decisions'
import { enrollmentStore } from './enrollments'
import { eventStore } from './events'
import { heldStore } from './held'
import { inboxStore } from './inbox'
import { freeAllLanes, laneStore } from './lanes'
import { ActiveLimits, limitsStore } from './limits'
import { migrate } from './migrate'
import { operationStore } from './operations'
import { partitionStore } from './partitions/upkeep'
import { pastStore } from './past'
import { openInMemory, openOnDisk } from './pglite/open'
import { postgresNeighbours } from './postgres/neighbours'
import { postgresPool } from './postgres/pool'
import { receiptStore } from './receipts'
import type { Db, Tables } from './schema'
import { taskStore } from './tasks'
import { stopStore } from './stops'
import type { Store } from './store'
import { suppressionStore } from './suppressions'
import { touchpointStore } from './touchpoints'
import { DatabaseAway } from './unavailable'
import { wakeCalls, type Wake } from './wake'

export { laneOf } from './lanes'
export { BeingDeleted } from './transact'
export { isUnavailable } from './unavailable'
export { suppressibleChannels, suppressionKey } from './suppressions'
export { refOf } from './touchpoint-row'
export type * from './store'

export interface StoreOptions {
  /** Postgres, as postgres://name:password@host:port/database. */
  readonly url?: string
  /** Without `url`: embedded PGlite in `dataDir`/pglite; without both, in memory. */
  readonly dataDir?: string
  /** In memory: a tar of a data folder to begin from, as PGlite dumps it. */
  readonly image?: Blob
  /** Connections to Postgres at most; default 10, and one more that listens. */
  readonly poolSize?: number
  /** Told in a line each what an operator should know. */
  readonly say?: (line: string) => void
}

const PING_MS = 2_000

/**
 * Opens the database and brings its schema up to date. Rejects with an Error of one sentence when the folder is in use or a
 * migration was changed, and with one that `isUnavailable` knows when Postgres cannot be reached.
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  return options.url ? openPostgres(options.url, options) : openEmbedded(options)
}

async function openPostgres(url: string, { poolSize = 10, say = () => {} }: StoreOptions): Promise<Store> {
  const unhurried = kyselyOver(postgresPool({ url, size: 1, patient: true, say }))
  await migrate(unhurried).finally(() => unhurried.destroy())
  const db = kyselyOver(postgresPool({ url, size: poolSize, say }))
  return storeOver('postgres', db, wakeCalls(postgresNeighbours(url, db)))
}

async function openEmbedded({ dataDir, image, say = () => {} }: StoreOptions): Promise<Store> {
  const db = kyselyOver(dataDir === undefined ? await openInMemory(image) : await openOnDisk(dataDir))
  try {
    await migrate(db)
    await freeAllLanes(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  if (dataDir !== undefined)
    say(`database: embedded PGlite in ${dataDir}, for development; production needs DATABASE_URL`)
  return storeOver('pglite', db, wakeCalls())
}

const kyselyOver = (pool: PostgresPool): Db => new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

function storeOver(kind: Store['kind'], db: Db, wake: Wake): Store {
  const append = appends()
  const limits = new ActiveLimits(db)
  return {
    kind,
    events: eventStore(db, wake, append),
    lanes: laneStore(db),
    customers: customerStore(db),
    devices: deviceStore(db),
    deletions: deletionStore(db, wake, append),
    enrollments: enrollmentStore(db, wake, append),
    touchpoints: touchpointStore(db, limits),
    consents: consentStore(db, wake, append),
    suppressions: suppressionStore(db),
    receipts: receiptStore(db, wake, append),
    inbox: inboxStore(db),
    audiences: audienceStore(db),
    limits: limitsStore(db),
    stops: stopStore(db),
    held: heldStore(db, limits),
    past: pastStore(db),
    decisions: decisionStore(db),
    tasks: taskStore(db, wake, append),
    builds: buildStore(db),
    operations: operationStore(db),
    partitions: partitionStore(db),
    ping: () => ping(db),
    async close() {
      await wake.close()
      await db.destroy()
    },
  }
}

async function ping(db: Db): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DatabaseAway('The database did not answer within 2 s')), PING_MS)
  })
  try {
    await Promise.race([sql`select 1`.execute(db), late])
  } finally {
    clearTimeout(timer)
  }
}
