import { firstLimits, type Limits } from '../sdk/contact'
import type { Db } from './schema'
import type { LimitsStore } from './store'

/** The limits that hold, kept in memory by their revision; without a revision, those of the first start. */
export class ActiveLimits {
  private known: { revision: number | null; limits: Limits } = { revision: null, limits: firstLimits }

  constructor(private readonly db: Db) {}

  /** As last seen. */
  get latest(): Limits {
    return this.known.limits
  }

  /** Those of a revision that a statement just saw as the active one. */
  async of(revision: number | null): Promise<Limits> {
    if (revision !== this.known.revision) this.known = await this.read(revision)
    return this.known.limits
  }

  private async read(revision: number | null): Promise<{ revision: number | null; limits: Limits }> {
    if (revision === null) return { revision, limits: firstLimits }
    const { document } = await this.db
      .selectFrom('limits')
      .select('document')
      .where('revision', '=', revision)
      .executeTakeFirstOrThrow()
    return { revision, limits: document }
  }
}

export const limitsStore = (db: Db, active: ActiveLimits): LimitsStore => ({
  async active() {
    const row = await db
      .selectFrom('limits')
      .select('revision')
      .where('state', '=', 'active')
      .executeTakeFirst()
    return active.of(row?.revision ?? null)
  },
})
