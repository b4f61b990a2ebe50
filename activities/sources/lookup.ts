import type { Columns, Found, Lookup } from '../../sdk/lookup'
import type { Row, Sources } from '.'

export const LOOKUP_MS = 1_000

/** Reads what is declared of one customer. Never rejects. */
export async function lookUp(sources: Sources, lookup: Lookup, customerId: string): Promise<Found> {
  const { from, sql, columns } = lookup
  const read = await sources.read({ from, sql, key: customerId, timeoutMs: LOOKUP_MS, most: 2 })
  if (read.is === 'unread') return read
  const [row, another] = read.rows
  if (another) return { is: 'unread', because: 'several-rows' }
  return row ? typed(row, columns) : { is: 'no-row' }
}

/** The declared columns alone; what is null is left out. */
function typed(row: Row, columns: Columns): Found {
  const values: Record<string, number | string | boolean> = {}
  for (const [name, kind] of Object.entries(columns)) {
    if (!Object.hasOwn(row, name))
      return { is: 'unread', because: 'other-columns', detail: `there is no column ${name}` }
    const given = row[name]
    if (given === null) continue
    const value = readers[kind](given)
    if (value === undefined)
      return { is: 'unread', because: 'other-columns', detail: `the column ${name} is no ${kind}` }
    values[name] = value
  }
  return { is: 'found', values }
}

const readers = {
  /** Postgres hands out bigints and decimals as texts. */
  number(given: unknown): number | undefined {
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  },
  text: (given: unknown): string | undefined =>
    given instanceof Date ? given.toISOString() : typeof given === 'string' ? given : undefined,
  boolean: (given: unknown): boolean | undefined => (typeof given === 'boolean' ? given : undefined),
}
