import { Problem } from '../sdk/problem'

/** Refuses a batch with a message over the limit; what is no batch at all is the schema's business. */
export function refuseLarge(body: unknown, limit: number): void {
  const { batch } = (body ?? {}) as { batch?: unknown }
  if (!Array.isArray(batch)) return
  const errors = batch.flatMap((message, index) => {
    // Nearly every message is far from the limit: only one that might be over it is written out to be measured.
    const bytes = mostBytes(message) <= limit ? 0 : Buffer.byteLength(JSON.stringify(message))
    if (bytes <= limit) return []
    return [{ path: `batch[${index}]`, message: `has ${bytes} bytes; an event may have ${limit}` }]
  })
  if (errors[0]) throw new Problem('too-large', `${errors[0].path} ${errors[0].message}.`, errors)
}

const longestEscape = '\\u0000'.length
const longestNumber = '-0.0000012345678901234567'.length

/** The JSON of the value has no more bytes than this. It must not be nested deeper than the stack. */
export function mostBytes(value: unknown): number {
  if (typeof value === 'string') return value.length * longestEscape + 2
  if (typeof value !== 'object' || value === null) return longestNumber
  let bytes = 2
  if (Array.isArray(value)) for (const member of value) bytes += mostBytes(member) + 1
  else for (const name in value) bytes += mostBytes(name) + mostBytes(value[name as keyof object]) + 2
  return bytes
}
