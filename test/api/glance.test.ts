import fc from 'fast-check'
import { glance, glanceAtBatch } from '../../api/glance'
import { batchBody, bodyOf, kinds, toEvent, type Batch, type Kind, type Message } from '../../api/segment'
import { mostBytes } from '../../api/size'

// Fields are right, nearly right, or whatever JSON may hold; everything has been JSON text, as at the door.

const lengths = [0, 1, 56, 57, 100, 101, 170, 171, 200, 201, 512, 513, 1000, 1001]
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a\0b', '\ud800', '\udc00x', '\u0007', '\u009f', '\u2028', '🦊', '__proto__', ' '),
  fc.tuple(fc.constantFrom('x', '@', 'ü', '\ud83e'), fc.constantFrom(...lengths)).map(([unit, length]) => unit.repeat(length)), // prettier-ignore
)
const mostly = (right: fc.Arbitrary<unknown>, ...other: fc.Arbitrary<unknown>[]) =>
  fc.oneof({ arbitrary: right, weight: 20 }, ...other)
const id = mostly(fc.constantFrom<unknown>('ann', '🦊', 'o neil/1:%', 4711, 0.1, -1e300), text, fc.double())
const time = mostly(
  fc
    .date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom<unknown>('2026-02-29', '2026-02-28', '2026-11-23T09:00+02:75', '2026-11-23t09:00:00,123456z', '2026-11-23T09:00', '1796000000000', 1_796_000_000_000), // prettier-ignore
)
const name = mostly(fc.constantFrom('Order Completed', 'Bestellung schließen', 'x'.repeat(100)), text)
const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`
const properties = mostly(
  fc.dictionary(text, fc.jsonValue()),
  fc
    .constantFrom(
      ...[1, 31, 32, 33].map(nested),
      '[]',
      '{"__proto__":{"polluted":1}}',
      '{"a":[{"__proto__":1,"b":2}],"constructor":{"prototype":1}}',
      '{"a\\u0000b":["c\\u0000d"],"\\udfff":"\\ud800x"}',
    ) // prettier-ignore
    .map((json) => JSON.parse(json) as unknown),
)

const optional = (right: fc.Arbitrary<unknown>) => mostly(right, fc.constant(null), fc.jsonValue())
const message = fc
  .record(
    {
      userId: optional(id),
      anonymousId: optional(id),
      messageId: optional(name),
      timestamp: optional(time),
      sentAt: optional(time),
      event: optional(name),
      name: optional(text),
      category: optional(text),
      groupId: optional(id),
      previousId: optional(id),
      properties: optional(properties),
      traits: optional(properties),
      ['__proto__']: fc.jsonValue(),
      context: fc.jsonValue(),
    },
    { requiredKeys: ['event', 'groupId', 'previousId'] },
  )
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
const anything = mostly(message, fc.jsonValue())
const kind = fc.constantFrom(...kinds)
const inEveryRun = { seed: 4, numRuns: 1_000 }

const receivedAt = Date.parse('2026-11-24T12:00:00Z')
const asEvent = (kind: Kind, message: Message, sentAt?: number | null) =>
  toEvent(
    kind,
    { ...message, messageId: message.messageId ?? 'none' },
    { receivedAt, sentAt, clockOf: () => 0 },
  )
const asEvents = ({ batch, sentAt }: Batch) => batch.map((each) => asEvent(each.type, each, sentAt))

test('a glance accepts the messages that the schema accepts, and reads them alike', () => {
  let accepted = 0
  const alike = fc.property(kind, anything, (kind, given) => {
    const glanced = glance(kind, given)
    const read = bodyOf(kind).safeParse(given)
    expect(glanced !== undefined).toBe(read.success)
    if (!glanced) return
    accepted++
    expect(JSON.stringify(asEvent(kind, glanced))).toBe(JSON.stringify(asEvent(kind, read.data as Message)))
  })
  fc.assert(alike, inEveryRun)
  expect(Math.abs(accepted - 500)).toBeLessThan(300)
})

test('a glance accepts the batches that the schema accepts, and reads them alike', () => {
  let accepted = 0
  const schema = batchBody(2)
  const typed = fc
    .tuple(mostly(kind, text), anything)
    .map(([type, given]) => (typeof given === 'object' && given !== null ? { ...given, type } : given))
  const batch = fc.record(
    { batch: optional(fc.array(typed, { maxLength: 3 })), sentAt: optional(time) },
    { requiredKeys: ['batch'] },
  )
  const alike = fc.property(batch, (given) => {
    const glanced = glanceAtBatch(given, 2)
    const read = schema.safeParse(given)
    expect(glanced !== undefined).toBe(read.success)
    if (!glanced) return
    accepted++
    expect(JSON.stringify(asEvents(glanced))).toBe(JSON.stringify(asEvents(read.data!)))
  })
  fc.assert(alike, inEveryRun)
  expect(Math.abs(accepted - 500)).toBeLessThan(300)
})

test('numbers that JSON can write and no double holds are refused by both', () => {
  const given = JSON.parse('{"userId":1e999,"event":"Seen"}') as unknown
  expect(glance('track', given)).toBeUndefined()
  expect(bodyOf('track').safeParse(given).success).toBe(false)
})

test('no JSON has more bytes than is said of it', () => {
  const sized = fc.property(fc.oneof(fc.jsonValue(), text, fc.double(), message), (value) => {
    expect(mostBytes(value)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(value)))
  })
  fc.assert(sized, inEveryRun)
})
