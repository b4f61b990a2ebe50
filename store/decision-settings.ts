import { isDeepStrictEqual } from 'node:util'
import { firstSettings } from '../sdk/decision'
import type {
  DecisionPlace,
  DecisionStore,
  SettingsChange,
  SettingsChanged,
  SettingsRevision,
} from './deciding'
import { jsonText } from './json'
import { pageOf, type Sorting } from './page'
import type { Db, Row, Tx } from './schema'
import { lock, transact } from './transact'

const byRevision: Sorting<Row<'decision_settings'>> = {
  columns: [{ name: 'revision', type: 'number' }],
  keyOf: ({ revision }) => [revision],
}

export const settingsStore = (
  db: Db,
): Pick<DecisionStore, 'settings' | 'changeSettings' | 'settingsHistory'> => ({
  settings: (place) => settingsOf(db, place),
  changeSettings: (place, change) => transact(db, (trx) => write(trx, place, change)),
  settingsHistory: (place, page) =>
    pageOf(
      page,
      byRevision,
      (after, order, count) => rows(db, place).where(after).orderBy(order).limit(count).execute(),
      toRevision,
    ),
})

const rows = (db: Db | Tx, { journey, step }: DecisionPlace) =>
  db.selectFrom('decision_settings').selectAll().where('journey', '=', journey).where('step', '=', step)

async function settingsOf(db: Db | Tx, place: DecisionPlace): Promise<SettingsRevision> {
  return toRevision(await rows(db, place).orderBy('revision', 'desc').limit(1).executeTakeFirst())
}

async function write(
  trx: Tx,
  place: DecisionPlace,
  { settings, author, because, basedOn }: SettingsChange,
): Promise<SettingsChanged> {
  await lock(trx, 'decision', JSON.stringify([place.journey, place.step]))
  const holds = await settingsOf(trx, place)
  if (isDeepStrictEqual(holds.settings, settings)) return { is: 'kept', revision: holds }
  if (basedOn !== undefined && basedOn !== holds.revision) return { is: 'outdated', active: holds.revision }
  const row = await trx
    .insertInto('decision_settings')
    .values({ ...place, document: jsonText(settings), ...author, because })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { is: 'kept', revision: toRevision(row) }
}

/** The row, or what holds where none was ever written. */
export const toRevision = (row: Row<'decision_settings'> | undefined): SettingsRevision =>
  row
    ? {
        revision: row.revision,
        settings: row.document,
        written: { key: row.key, by: row.by, because: row.because, at: row.at },
      }
    : { revision: 0, settings: firstSettings, written: null }
