import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { startPostgres } from '../../workers/servers/postgres'
import { eventually, isAlive, removeTemporaryFolders, script, startFixture, temporaryFolder } from './support'

afterEach(removeTemporaryFolders)

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

test('it starts, makes databases, survives kill -9 and stops leaving no process', async () => {
  const said: string[] = []
  const server = await startPostgres({ dataDir: temporaryFolder(), say: (line) => said.push(line) })
  const url = await server.createDatabase('my "shop"')
  expect(await server.createDatabase('my "shop"')).toBe(url)
  await query(url, 'create table kept (n int)')
  await query(url, 'insert into kept values (7)')
  expect(await query(url, 'show fsync')).toEqual([{ fsync: 'on' }])

  const { pid } = server.processes[0]!
  process.kill(pid, 'SIGKILL')
  await eventually(async () => (await query(url, 'select n from kept')).length === 1)
  expect(said[0]).toMatch(/^the Postgres server died \(SIGKILL\); starting it again on port \d+$/)

  const pids = [pid, ...server.processes.map((each) => each.pid)]
  await server.stop()
  expect(pids.map(isAlive)).toEqual([false, false])
})

test('stop does not wait for clients that stay', async () => {
  const server = await startPostgres({ dataDir: temporaryFolder() })
  const client = new Client({ connectionString: server.url })
  client.on('error', () => {})
  await client.connect()
  const started = Date.now()
  await server.stop()
  expect(Date.now() - started).toBeLessThan(5_000)
})

test('the same folder is used again by the next start, which ends what a killed starter left', async () => {
  const dataDir = temporaryFolder()
  const owner = startFixture('hold-postgres.ts', dataDir)
  const [{ pid }] = await owner.next()
  owner.child.kill('SIGKILL')
  await eventually(() => !isAlive(owner.child.pid!))
  const server = await startPostgres({ dataDir })
  expect(isAlive(pid)).toBe(false)
  expect(await query(await server.createDatabase('left'), 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
})

test('programs that are too old or cannot be run are passed over', async () => {
  const dataDir = temporaryFolder()
  const binDir = join(dataDir, 'bin')
  script(join(binDir, 'initdb'), 'exit 1')
  script(join(binDir, 'postgres'), 'echo "postgres (PostgreSQL) 13.9"')
  // Inside a folder that only we may enter, which the user that Postgres runs as has to pass.
  const server = await startPostgres({ dataDir: join(dataDir, 'own'), binDir, searchPath: binDir })
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
})

test('a folder in use is one sentence', async () => {
  const dataDir = temporaryFolder()
  mkdirSync(dataDir, { recursive: true })
  const server = await startPostgres({ dataDir })
  await expect(startPostgres({ dataDir })).rejects.toThrow(`the data folder ${dataDir} is in use by process`)
  await server.stop()
})
