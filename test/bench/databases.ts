import pg from 'pg'
import { openStore, type Store } from '../../store'
import { startPostgres } from '../../workers/servers/postgres'
import { inFolder } from './scope'

/** Works with a store on a Postgres of its own, and with a connection beside it. */
export const onPostgres = <Value>(
  work: (store: Store, client: pg.Client) => Promise<Value>,
): Promise<Value> =>
  inFolder(async (folder, later) => {
    const server = await startPostgres({ dataDir: folder })
    later(() => server.stop())
    const url = await server.createDatabase('measured')
    const store = await openStore({ url })
    later(() => store.close())
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    later(() => client.end())
    return work(store, client)
  })

/** Works with a store on an embedded database on the disk. */
export const onEmbedded = <Value>(work: (store: Store) => Promise<Value>): Promise<Value> =>
  inFolder(async (folder, later) => {
    const store = await openStore({ dataDir: folder })
    later(() => store.close())
    return work(store)
  })
