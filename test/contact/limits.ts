import { Client } from 'pg'
import type { Limits } from '../../sdk/contact'

/** Makes these take the place of those that hold. */
export async function changeLimits(url: string, limits: Limits): Promise<void> {
  await withClient(url, (client) =>
    client.query(`update limits set state = 'replaced' where state = 'active'`),
  )
  await holdLimits(url, limits)
}

/** Makes these the limits of a database that has none of its own yet. */
export async function holdLimits(url: string, limits: Limits): Promise<void> {
  const insert = `insert into limits (state, document, by, because) values ('active', $1, 'test', 'a test asks for them')`
  await withClient(url, (client) => client.query(insert, [JSON.stringify(limits)]))
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await work(client).finally(() => client.end())
}
