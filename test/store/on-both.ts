import { openStore, type Store } from '../../store'
import { embeddedStore } from '../support/embedded'
import { testDatabase, type TestDatabase } from '../support/postgres'

export interface OnOne {
  /** The store of this file and database. */
  readonly store: Store
  /** Another one over the same database, as another process would have; PGlite has none, so it is the same there. */
  another(): Promise<Store>
}

/** Describes the same cases for Postgres and for PGlite; a customer id never appears in two of them. */
export function describeOnBoth(name: string, cases: (on: OnOne) => void): void {
  describe.each(['postgres', 'pglite'] as const)(`${name} on %s`, (kind) => {
    let database: TestDatabase | undefined
    let store: Store
    const others: Store[] = []
    beforeAll(async () => {
      if (kind === 'postgres') database = await testDatabase()
      store = await (database ? openStore({ url: database.url }) : embeddedStore())
    })
    afterAll(async () => {
      for (const each of [...others, store]) await each?.close()
      await database?.drop()
    })
    cases({
      get store() {
        return store
      },
      async another() {
        if (!database) return store
        const other = await openStore({ url: database.url })
        others.push(other)
        return other
      },
    })
  })
}

let count = 0

/** An id that no other case of this file uses. */
export const fresh = (name: string): string => `${name}-${++count}`
