import { sql, type RawBuilder } from 'kysely'
import type { Page, PageQuery } from './store'

type Key = string | number

/** How a list is sorted, newest first: columns whose values together are unique, and how to read them off an item. */
export interface Sorting<Row> {
  readonly columns: readonly { readonly name: string; readonly type: 'number' | 'string' }[]
  readonly keyOf: (row: Row) => readonly Key[]
}

/**
 * The page that begins after the cursor; `fetch` is given a condition and an order to apply, and how many rows to read.
 * Throws RangeError for a cursor that is not of this list.
 */
export async function pageOf<Row, Item>(
  { limit, cursor }: PageQuery,
  sorting: Sorting<Row>,
  fetch: (after: RawBuilder<boolean>, order: RawBuilder<unknown>, count: number) => Promise<Row[]>,
  toItem: (row: Row) => Item,
): Promise<Page<Item>> {
  const names = sorting.columns.map(({ name }) => sql.ref(name))
  const after = cursor === undefined ? sql<boolean>`true` : before(names, keyIn(cursor, sorting))
  const order = sql.join(names.map((name) => sql`${name} desc`))
  const rows = await fetch(after, order, limit + 1)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map(toItem),
    next: last === undefined ? null : cursorOf(sorting.keyOf(last)),
  }
}

const before = (names: readonly RawBuilder<unknown>[], key: readonly Key[]): RawBuilder<boolean> =>
  sql<boolean>`(${sql.join(names)}) < (${sql.join(key)})`

const cursorOf = (key: readonly Key[]): string => Buffer.from(JSON.stringify(key)).toString('base64url')

function keyIn(cursor: string, { columns }: Sorting<never>): readonly Key[] {
  const key = parsed(Buffer.from(cursor, 'base64url').toString())
  const fits =
    Array.isArray(key) &&
    key.length === columns.length &&
    columns.every(({ type }, at) => isKey(key[at], type))
  if (!fits) throw new RangeError('This cursor is not the `next` of a page before.')
  return key as readonly Key[]
}

const isKey = (value: unknown, type: 'number' | 'string'): boolean =>
  typeof value === type && (type === 'string' || Number.isSafeInteger(value))

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
