import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openStore, type Store } from '../../store'
import { startPostgres } from '../../workers/servers/postgres'

/** What `freshDatabase` copies: the newest schema, made once a test run. */
export const TEMPLATE = 'sojourn_template'

/** A new database on the test run's Postgres, with the newest schema. */
export async function freshDatabase(): Promise<string> {
  return (await databaseOn(process.env.SOJOURN_TEST_POSTGRES!, TEMPLATE)).url
}

/** A store on a new database. */
export const freshStore = async (): Promise<Store> => openStore({ url: await freshDatabase() })

/** A Postgres database of one test file's own. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A new empty database: on the test run's Postgres, or where there is none, on one started for it. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env.SOJOURN_TEST_POSTGRES
  return server ? databaseOn(server) : databaseOnOwnServer()
}

async function databaseOn(server: string, template = 'template1'): Promise<TestDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`
  await asAdmin(server, `create database ${name} template ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.toString(), drop: () => asAdmin(server, `drop database ${name} with (force)`) }
}

async function databaseOnOwnServer(): Promise<TestDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sojourn-postgres-'))
  const server = await startPostgres({ dataDir })
  const drop = async () => {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { url: await server.createDatabase('test'), drop }
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
