/**
 * A copy of JSON that every database and template can hold: in texts and names, NUL and halves of surrogate pairs become
 * U+FFFD; members called `__proto__` are left out. The depth must be known to be small (`depthOf`).
 */
export function clean<Json>(value: Json): Json {
  return cleaned(value) as Json
}

// Nearly every text is clean already; to look is cheaper than to copy.
export const cleanText = (text: string): string =>
  text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\uFFFD')

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    if (name !== '__proto__') copy[cleanText(name)] = cleaned((value as Record<string, unknown>)[name])
  }
  return copy
}

/** How deep objects and arrays lie in each other: 0 for `1`, 1 for `{}`, 2 for `{ a: [] }`. Stops counting past `limit`. */
export function depthOf(value: unknown, limit = Infinity): number {
  let depth = 0
  let level = [value].filter(isNested)
  // Level by level, not by recursion: what comes in may be nested deeper than the stack.
  while (level.length > 0 && depth <= limit) {
    depth++
    const next: object[] = []
    for (const parent of level)
      for (const member of Object.values(parent)) if (isNested(member)) next.push(member)
    level = next
  }
  return depth
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null
