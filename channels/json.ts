import { MalformedReceipt } from './channel'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The JSON of a receipt's body. Throws MalformedReceipt. */
export function jsonIn(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new MalformedReceipt('The body is not JSON.')
  }
}

/** A text that is there, at most 2,000 characters of it. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 2_000) : undefined

/** An object of a name; empty where there is none. */
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {})
