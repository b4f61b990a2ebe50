import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../schema'
import type { Neighbours } from '../wake'
import { Listener } from './listener'

const CHANNEL = 'sojourn_events'

/** Other processes on the same Postgres, told and heard by NOTIFY: never in the insert's transaction, which it would slow down. */
export function postgresNeighbours(url: string, db: Db): Neighbours {
  const self = randomUUID()
  return {
    async tell() {
      await sql`select pg_notify(${CHANNEL}, ${self})`.execute(db)
    },
    async hear(wake) {
      const listener = new Listener(url, CHANNEL, (payload) => {
        if (payload !== self) wake()
      })
      await listener.open()
      return () => listener.close()
    },
  }
}
