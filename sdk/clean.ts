/**
 * JSON as every database and template can hold it: in texts and names, NUL and halves of surrogate pairs become U+FFFD;
 * members called `__proto__` are left out. What is clean already is given back as it is. The depth must be known to be small
 * (`depthOf`).
 */
export function clean<Json>(value: Json): Json {
  return isClean(value) ? value : (cleaned(value) as Json)
}

const isCleanText = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

export const cleanText = (text: string): string =>
  isCleanText(text) ? text : text.toWellFormed().replaceAll('\0', '\uFFFD')

// Nearly everything is clean already, and to look takes half as long as to copy. for…in is the fastest way to look.
function isClean(value: unknown): boolean {
  if (typeof value === 'string') return isCleanText(value)
  if (!isNested(value)) return true
  if (Array.isArray(value)) return value.every(isClean)
  for (const name in value) {
    if (name === '__proto__' || !isCleanText(name) || !isClean(value[name])) return false
  }
  return true
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (!isNested(value)) return value
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    if (name !== '__proto__') copy[cleanText(name)] = cleaned(value[name])
  }
  return copy
}

/**
 * How deep objects and arrays lie in each other: 0 for `1`, 1 for `{}`, 2 for `{ a: [] }`. It looks no deeper than one level
 * past `limit`, and gives that: what comes in may be nested deeper than the stack.
 */
export function depthOf(value: unknown, limit: number): number {
  if (!isNested(value)) return 0
  if (limit === 0) return 1
  let below = 0
  if (Array.isArray(value)) for (const member of value) below = Math.max(below, depthOf(member, limit - 1))
  else for (const name in value) below = Math.max(below, depthOf(value[name], limit - 1))
  return below + 1
}

const isNested = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
