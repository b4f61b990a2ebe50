import { isDeepStrictEqual } from 'node:util'
import { firstLimits, type Limits } from '../sdk/contact'
import { jsonText } from './json'
import { pageOf, type Sorting } from './page'
import { oneEditor, rulesChange } from './rules'
import type { Db, Row, Tx } from './schema'
import type { Author, LimitsChange, LimitsChanged, LimitsDecided, LimitsRevision, LimitsStore } from './store'
import { now, transact } from './transact'

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

const byRevision: Sorting<Row<'limits'>> = {
  columns: [{ name: 'revision', type: 'number' }],
  keyOf: ({ revision }) => [revision],
}

export const limitsStore = (db: Db): LimitsStore => ({
  async current() {
    const row = await activeRow(db)
    return row ? toRevision(row) : firstRevision
  },
  change: (change) => transact(db, (trx) => write(trx, change)),
  decide: (revision, decision, author, because) =>
    transact(db, (trx) => decide(trx, revision, decision, { ...author, because })),
  history: (page, state) =>
    pageOf(
      page,
      byRevision,
      (after, order, count) =>
        rows(db)
          .$if(state !== undefined, (query) => query.where('state', '=', state!))
          .where(after)
          .orderBy(order)
          .limit(count)
          .execute(),
      toRevision,
    ),
})

const rows = (db: Db | Tx) => db.selectFrom('limits').selectAll()
const activeRow = (db: Db | Tx) => rows(db).where('state', '=', 'active').executeTakeFirst()

async function write(trx: Tx, change: LimitsChange): Promise<LimitsChanged> {
  await oneEditor(trx)
  const active = await activeRow(trx)
  const holds = active?.revision ?? firstRevision.revision
  const same = await written(trx, change, active)
  if (same) return { is: 'kept', revision: toRevision(same) }
  if (change.basedOn !== undefined && change.basedOn !== holds) return { is: 'outdated', active: holds }
  if (!change.approval) await giveWay(trx, active)
  const row = await insert(trx, change, holds)
  return { is: 'kept', revision: toRevision(row) }
}

/** What holds already, or waits already as a draft of the same key: a repeated request changes nothing. */
async function written(
  trx: Tx,
  { limits, author, approval }: LimitsChange,
  active: Row<'limits'> | undefined,
): Promise<Row<'limits'> | undefined> {
  const drafts = await rows(trx).where('state', '=', 'draft').where('key', '=', author.key).execute()
  const known = [...(active ? [active] : []), ...(approval ? drafts : [])]
  return known.find(({ document }) => isDeepStrictEqual(document, limits))
}

/** What held until now is replaced, and what it holds is asked for again. */
async function giveWay(trx: Tx, active: Row<'limits'> | undefined): Promise<void> {
  await rulesChange(trx)
  if (!active) return
  const replaced = { state: 'replaced', replaced_at: now } as const
  await trx.updateTable('limits').set(replaced).where('revision', '=', active.revision).execute()
}

const insert = (
  trx: Tx,
  { limits, author, because, approval }: LimitsChange,
  basedOn: number,
): Promise<Row<'limits'>> =>
  trx
    .insertInto('limits')
    .values({
      ...author,
      state: approval ? 'draft' : 'active',
      document: jsonText(limits),
      based_on: basedOn,
      because,
    })
    .returningAll()
    .executeTakeFirstOrThrow()

async function decide(
  trx: Tx,
  revision: number,
  decision: 'approve' | 'reject',
  { key, by, because }: Author & { readonly because: string },
): Promise<LimitsDecided> {
  await oneEditor(trx)
  const draft = await rows(trx).where('revision', '=', revision).executeTakeFirst()
  if (!draft) return { is: 'unknown' }
  if (draft.state !== 'draft') return { is: 'decided', state: draft.state }
  if (draft.key === key) return { is: 'own' }
  const active = await activeRow(trx)
  const holds = active?.revision ?? firstRevision.revision
  if (decision === 'approve' && draft.based_on !== holds) return { is: 'outdated', active: holds }
  if (decision === 'approve') await giveWay(trx, active)
  const row = await trx
    .updateTable('limits')
    .set({ state: decision === 'approve' ? 'active' : 'rejected', decided_at: now })
    .set({ decided_key: key, decided_by: by, decided_because: because })
    .where('revision', '=', revision)
    .returningAll()
    .executeTakeFirstOrThrow()
  return { is: 'kept', revision: toRevision(row) }
}

const firstRevision: LimitsRevision = {
  revision: 0,
  state: 'active',
  limits: firstLimits,
  basedOn: 0,
  written: null,
  decided: null,
  replacedAt: null,
}

const toRevision = (row: Row<'limits'>): LimitsRevision => ({
  revision: row.revision,
  state: row.state,
  limits: row.document,
  basedOn: row.based_on,
  written: { key: row.key, by: row.by, because: row.because, at: row.at },
  decided:
    row.decided_at === null
      ? null
      : { key: row.decided_key!, by: row.decided_by, because: row.decided_because!, at: row.decided_at },
  replacedAt: row.replaced_at,
})
