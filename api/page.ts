import { Problem } from '../sdk/problem'
import type { Page } from '../store/store'

/** A page of the store, its items as answers. Throws the problem `invalid-request` for a cursor that is none. */
export async function pageFrom<Row, Item>(
  page: Promise<Page<Row>>,
  to: (row: Row) => Item,
): Promise<Page<Item>> {
  const { items, next } = await page.catch(refuseCursor)
  return { items: items.map(to), next }
}

/** A cursor of the right form may still hold what the database cannot read: SQL states of class 22. */
function refuseCursor(error: unknown): never {
  const unreadable = /^22/.test(String((error as { code?: unknown }).code))
  throw error instanceof RangeError || unreadable ? wrongCursor() : error
}

export function wrongCursor(): Problem {
  const fault = { path: 'query.cursor', message: 'must be the `next` of the page before' }
  return new Problem('invalid-request', `${fault.path}: ${fault.message}.`, [fault])
}
