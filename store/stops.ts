import { sql } from 'kysely'
import type { Stop } from '../sdk/contact'
import { pageOf, type Sorting } from './page'
import { oneEditor, rulesChange } from './rules'
import type { Db, Row, Tx } from './schema'
import type { Author, StopRow, StopStore } from './store'
import { now, transact } from './transact'

const byId: Sorting<Row<'stops'>> = {
  columns: [{ name: 'id', type: 'number' }],
  keyOf: ({ id }) => [id],
}

export const stopStore = (db: Db): StopStore => ({
  begin: (stop, author, because) => transact(db, (trx) => begin(trx, stop, author, because)),
  end: (id, author, because) => transact(db, (trx) => end(trx, id, author, because)),
  list: (page, inForce) =>
    pageOf(
      page,
      byId,
      (after, order, count) =>
        rows(db)
          .$if(inForce !== undefined, (query) => query.where('ended_at', inForce ? 'is' : 'is not', null))
          .where(after)
          .orderBy(order)
          .limit(count)
          .execute(),
      toStop,
    ),
})

const rows = (db: Db | Tx) => db.selectFrom('stops').selectAll()

async function begin(
  trx: Tx,
  { scope, name }: Omit<Stop, 'id'>,
  author: Author,
  because: string,
): Promise<{ stop: StopRow; new: boolean }> {
  await oneEditor(trx)
  const known = await rows(trx)
    .where('scope', '=', scope)
    .where(sql<boolean>`name is not distinct from ${name}::text`)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (known) return { stop: toStop(known), new: false }
  const row = await trx
    .insertInto('stops')
    .values({ scope, name, ...author, because })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { stop: toStop(row), new: true }
}

async function end(trx: Tx, id: number, { key, by }: Author, because: string): Promise<StopRow | undefined> {
  await oneEditor(trx)
  const ended = await trx
    .updateTable('stops')
    .set({ ended_key: key, ended_by: by, ended_because: because, ended_at: now })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (ended) await rulesChange(trx)
  const row = ended ?? (await rows(trx).where('id', '=', id).executeTakeFirst())
  return row && toStop(row)
}

const toStop = (row: Row<'stops'>): StopRow => ({
  id: row.id,
  scope: row.scope,
  name: row.name,
  begun: { key: row.key, by: row.by, because: row.because, at: row.at },
  ended:
    row.ended_at === null
      ? null
      : { key: row.ended_key!, by: row.ended_by, because: row.ended_because!, at: row.ended_at },
})
