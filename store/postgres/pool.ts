import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { parameter } from '../json'
import { isUnavailable } from '../unavailable'
import { prepared } from '../prepared'

const BIGINT = 20

export interface PoolOptions {
  readonly url: string
  readonly size: number
  /** Whether a statement may take as long as it needs. */
  readonly patient?: boolean
  readonly say: (line: string) => void
}

/** What every connection of ours has: nothing may hang for ever, and bigints are numbers. */
export const connectionOptions = (url: string, patient = false): pg.ClientConfig => ({
  connectionString: url,
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
  application_name: 'sojourn',
  types: {
    getTypeParser: (oid: number, format?: 'text') =>
      oid === BIGINT ? Number : pg.types.getTypeParser(oid, format),
  } as pg.CustomTypesConfig,
  ...(patient
    ? {}
    : { statement_timeout: 30_000, query_timeout: 35_000, idle_in_transaction_session_timeout: 30_000 }),
})

/** A pool of pg in the form Kysely asks for. A lost connection never ends the process: its query rejects, a later one gets another. */
export function postgresPool({ url, size, patient, say }: PoolOptions): PostgresPool {
  const pool = new pg.Pool({ ...connectionOptions(url, patient), max: size, idleTimeoutMillis: 30_000 })
  pool.on('error', (error) => say(`database: an idle connection was lost (${error.message})`))
  // One that is given back as lost, and breaks only then, has nobody else who listens.
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return {
    connect: async () => borrowed(await pool.connect()),
    end: () => pool.end(),
  }
}

function borrowed(client: pg.PoolClient): PostgresPoolClient {
  let lost: Error | undefined
  // While it is lent out, the pool does not listen for its errors.
  const onError = (error: Error) => void (lost ??= error)
  client.on('error', onError)
  const query = async (text: string, values: readonly unknown[]) => {
    if (lost) throw lost
    try {
      return await client.query({ name: prepared.get(text), text, values: values.map(parameter) })
    } catch (error) {
      if (isUnavailable(error)) lost ??= error as Error
      throw error
    }
  }
  const release = () => {
    client.off('error', onError)
    client.release(lost)
  }
  return { query, release } as unknown as PostgresPoolClient
}
