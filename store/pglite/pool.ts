import type { PGlite } from '@electric-sql/pglite'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { parameter } from '../json'
import { DatabaseAway } from '../unavailable'

const LONGEST_WAIT_MS = 30_000

/** PGlite's single connection in the form Kysely asks for: lent to one at a time, in the order of asking. */
export function pglitePool(database: PGlite, close: () => Promise<void>): PostgresPool {
  const turns = new Turns()
  const query = async (text: string, values: readonly unknown[]) => {
    // Only the simple protocol takes several statements at once, as migrations are; and it takes no parameters.
    if (values.length === 0) return (await database.exec(text)).at(-1) ?? { rows: [] }
    return database.query(text, values.map(parameter))
  }
  return {
    connect: async () => ({ query, release: await turns.take() }) as unknown as PostgresPoolClient,
    end: async () => {
      const done = await turns.take()
      await close().finally(done)
    },
  }
}

/** A queue in which each waits for the one before. */
class Turns {
  private last = Promise.resolve()

  /** Resolves with how to end the turn. Rejects with DatabaseAway when it does not come in time. */
  async take(): Promise<() => void> {
    const before = this.last
    let done = () => {}
    this.last = new Promise((resolve) => (done = resolve))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new DatabaseAway('The embedded database was busy for 30 s')),
        LONGEST_WAIT_MS,
      )
    })
    try {
      await Promise.race([before, late])
      return done
    } catch (error) {
      void before.then(done)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}
