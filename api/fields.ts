import { z } from 'zod'
import { depthOf } from '../sdk/clean'
import { durationMs, parseDate, type Duration } from '../sdk/time'

// What callers may send, field by field.

/** In properties and traits, levels. */
export const deepestProperties = 32

const isPlain = (text: string) => !/[\p{Cc}\p{Cs}]/u.test(text)
const notPlain = 'must not hold control characters or halves of surrogate pairs'
// For the documentation; halves of surrogate pairs are left to JSON's own rules.
const plainPattern = '^[^\\u0000-\\u001f\\u007f-\\u009f]+$'

const encodedBytes = (id: string) => (isPlain(id) ? encodeURIComponent(id).length : 0)

/** What `plainText(most)` accepts. */
export const isPlainText = (text: string, most: number): boolean =>
  text !== '' && text.length <= most && isPlain(text)

/** What an id of so many percent-encoded bytes may be, once it is a text. */
export const isId = (id: string, maxBytes: number): boolean =>
  id !== '' && isPlain(id) && encodedBytes(id) <= maxBytes

/** Text or a number, as Segment's clients send ids. Workflow ids hold it percent-encoded, hence the bytes. */
const idOf = (maxBytes: number) =>
  z
    .union([z.string().meta(idText(maxBytes)), z.number()], { error: 'must be a text or a number' })
    .transform(String)
    .refine((id) => id !== '', { error: 'must not be empty', abort: true })
    .refine(isPlain, { error: notPlain, abort: true })
    .refine((id) => encodedBytes(id) <= maxBytes, {
      error: `must have at most ${maxBytes} bytes when percent-encoded`,
    })

const idText = (maxLength: number) => ({ minLength: 1, maxLength, pattern: plainPattern })

export const customerId = idOf(512)
export const key = idOf(256)
export const groupId = idOf(512)

/** A customer's id in paths and queries, where everything is text. */
export const customerIdText = customerId.meta({ type: 'string', ...idText(512), anyOf: undefined })

export const plainText = (max: number) =>
  z
    .string({ error: 'must be a text' })
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must have at most ${max} characters` })
    .refine(isPlain, { error: notPlain })
    .meta({ pattern: plainPattern })

/** Segment's rule for message ids. */
export const messageId = plainText(100)
export const eventName = plainText(200)
export const word = plainText(200)

export const properties = z
  .record(z.string(), z.unknown(), { error: 'must be an object' })
  .refine((object) => depthOf(object, deepestProperties) <= deepestProperties, {
    error: `must be nested at most ${deepestProperties} levels deep`,
  })

/** Becomes epoch milliseconds. */
export const when = z
  .string({ error: 'must be a text' })
  .refine((text) => parseDate(text, 'UTC') !== undefined, {
    error: 'must be an ISO 8601 time such as 2026-11-23T09:00:00Z',
  })
  .transform((text) => parseDate(text, 'UTC')!)
  .meta({ format: 'date-time' })

/** An exact length of time, above none. */
export const duration = z
  .string({ error: 'must be a text' })
  .refine(isExact, { error: "must be a duration such as '2 days' or '3 hours'" })
  .transform((text) => text as Duration)
  .meta({ pattern: '^[1-9]\\d{0,3} (second|minute|hour|day|week)s?$' })

function isExact(text: string): boolean {
  try {
    return durationMs(text as Duration) > 0
  } catch {
    return false
  }
}

const limitRange = { error: 'must be a number from 1 to 200' }

export const pageQuery = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, limitRange)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 200, limitRange)
    .optional()
    .transform((limit) => limit ?? 50)
    .meta({ type: 'integer', minimum: 1, maximum: 200, default: 50, pattern: undefined }),
  cursor: z.string().min(1).max(1000).optional().describe('`next` of the page before'),
}

/** As `enrollmentId` of sdk/ids makes them. */
export const enrollmentId = z
  .string()
  .max(1000)
  .regex(/^[A-Za-z0-9_.!~*'()%-]+(:[A-Za-z0-9_.!~*'()%-]+){1,2}$/, {
    error: 'must read journey:customer or journey:customer:key, each part percent-encoded',
  })
