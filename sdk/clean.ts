/**
 * A copy of JSON that every database and template can hold: in texts and names, NUL and halves of surrogate pairs become
 * U+FFFD; members called `__proto__` are left out. The depth must be known to be small (`depthOf`).
 */
export function clean<Json>(value: Json): Json {
  return cleaned(value) as Json
}

export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name]) => name !== '__proto__')
  return Object.fromEntries(members.map(([name, member]) => [cleanText(name), cleaned(member)]))
}

/** How deep objects and arrays lie in each other: 0 for `1`, 1 for `{}`, 2 for `{ a: [] }`. Stops counting past `limit`. */
export function depthOf(value: unknown, limit = Infinity): number {
  let depth = 0
  let level = [value].filter(isNested)
  // Level by level, not by recursion: what comes in may be nested deeper than the stack.
  while (level.length > 0 && depth <= limit) {
    depth++
    level = level.flatMap((parent) => Object.values(parent).filter(isNested))
  }
  return depth
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null
