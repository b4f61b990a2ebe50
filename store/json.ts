import { clean, cleanText, depthOf } from '../sdk/clean'

/** JSON as text that Postgres takes as jsonb. */
export type JsonText = string & { readonly isJson: true }

/** Levels of a value that is kept whole. */
export const DEEPEST_JSON = 100
const unstorable = /\\u(0000|d[89ab])/i

/**
 * The value as JSON that every database here can hold: what Postgres refuses in texts is replaced (sdk/clean), and what lies
 * more than `deepest` levels deep becomes null (PGlite never returns from thousands of them).
 */
export function jsonText(value: unknown, deepest = DEEPEST_JSON): JsonText {
  const flat = depthOf(value, deepest) > deepest ? cut(value, deepest) : value
  const text = JSON.stringify(flat)
  return (unstorable.test(text) ? JSON.stringify(clean(flat)) : text) as JsonText
}

function cut(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return null
  if (Array.isArray(value)) return value.map((member) => cut(member, levels - 1))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cut(member, levels - 1)]))
}

/** A query's parameter with its texts, alone or in lists, made storable. Every parameter of every query passes here. */
export function parameter(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  return Array.isArray(value) ? value.map(parameter) : value
}

const LAST_DATE = 8.64e15

/** Epoch milliseconds that a bigint and a Date can hold: whole, and within the dates JavaScript knows. */
export const storableTime = (ms: number): number =>
  Math.trunc(Math.min(Math.max(Number.isNaN(ms) ? 0 : ms, -LAST_DATE), LAST_DATE))
