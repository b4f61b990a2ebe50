import pg from 'pg'
import type { Unread } from '../../sdk/lookup'

export type Row = Readonly<Record<string, unknown>>

export type Read = { readonly is: 'rows'; readonly rows: readonly Row[] } | Unread

export interface Query {
  /** The name of the database. */
  readonly from: string
  /** One select; `$1` is the key. */
  readonly sql: string
  readonly key: string
  readonly timeoutMs: number
  /** More are not read. */
  readonly most: number
}

/** Databases of the adopter's own, which are read and never written. Reading never rejects. */
export interface Sources {
  read(query: Query): Promise<Read>
  close(): Promise<void>
}

const CONNECTIONS = 5
const LONGEST_MS = 5_000

/** By the names that journeys know them by. */
export function createSources(urls: Readonly<Record<string, string>> = {}): Sources {
  const pools = new Map(Object.entries(urls).map(([name, url]) => [name, poolAt(url)]))
  return {
    async read(query) {
      const pool = pools.get(query.from)
      if (!pool) return unread('not-configured', `SOURCE_DATABASES has no ${query.from}`)
      return intime(query.timeoutMs, readFrom(pool, query))
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()))
    },
  }
}

const unread = (because: Unread['because'], detail?: string): Unread => ({ is: 'unread', because, detail })

function poolAt(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: CONNECTIONS,
    application_name: 'sojourn',
    connectionTimeoutMillis: LONGEST_MS,
    query_timeout: LONGEST_MS,
    idleTimeoutMillis: 30_000,
  })
  // A lost connection is no news, idle or lent: the next reader gets another, or the reason.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

/** A late answer is of no use; what is under way ends by the database's own timeout, or the client's. */
async function intime(ms: number, reading: Promise<Read>): Promise<Read> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Unread>((resolve) => {
    timer = setTimeout(() => resolve(unread('too-slow', `no answer within ${ms} ms`)), ms)
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}

async function readFrom(pool: pg.Pool, query: Query): Promise<Read> {
  let client: pg.PoolClient | undefined
  try {
    client = await pool.connect()
    const rows = await selected(client, query)
    client.release()
    return { is: 'rows', rows }
  } catch (error) {
    client?.release(true)
    return failure(error)
  }
}

/** As a subquery it can be nothing but a select; in a transaction that reads alone it changes nothing by functions either. */
async function selected(client: pg.PoolClient, { sql, key, timeoutMs, most }: Query): Promise<Row[]> {
  await client.query(`begin transaction read only; set local statement_timeout = ${Math.ceil(timeoutMs)}`)
  const text = `select * from (\n${sql.trim().replace(/;$/, '')}\n) as asked limit ${most}`
  const { rows } = await client.query<Record<string, unknown>>(text, [key])
  await client.query('rollback')
  return rows
}

const CANCELLED = '57014'

function failure(error: unknown): Unread {
  const { code, severity } = error as { code?: string; severity?: string }
  if (code === CANCELLED) return unread('too-slow')
  // Codes alone: messages may hold values.
  if (severity !== undefined && !/^(08|57P|53)/.test(code ?? ''))
    return unread('refused', `SQL state ${code}`)
  return unread('unreachable', code)
}
