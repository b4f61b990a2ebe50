import { cleanText, depthOf } from '../sdk/clean'
import { parseDate } from '../sdk/time'
import { deepestProperties, isId, isPlainText } from './fields'
import { kinds, type Batch, type Kind, type Message } from './segment'

// Nearly every message is well-formed, and to see that takes a fraction of the time its schema takes. The schema remains the
// word on what is right, and says what is wrong; a test holds that both accept the same and read it alike.

type Given = Readonly<Record<string, unknown>>
/** `null` for a field that may be absent and is; `undefined` for one that is not as it should be. */
type Seen<Value> = Value | null | undefined

/** The message as its schema reads it; undefined when the schema would refuse it. */
export function glance<K extends Kind>(kind: K, given: unknown): (Message & { type: K }) | undefined {
  if (!isObject(given)) return undefined
  const message = { type: kind, ...shared(given), ...own[kind](given) }
  return isOfSomeone(message) && isSeen(message) ? (message as Message & { type: K }) : undefined
}

/** The batch as its schema reads it, with `most` messages at most; undefined when the schema would refuse it. */
export function glanceAtBatch(given: unknown, most: number): Batch | undefined {
  if (!isObject(given) || !Array.isArray(given.batch)) return undefined
  const sentAt = orAbsent(given.sentAt, seeTime)
  if (given.batch.length < 1 || given.batch.length > most || sentAt === undefined) return undefined
  const batch: Batch['batch'][number][] = []
  for (const each of given.batch) {
    const message = isKind(each?.type) ? glance(each.type, each) : undefined
    if (!message) return undefined
    batch.push(message)
  }
  return { batch, sentAt }
}

const shared = ({ messageId, userId, anonymousId, timestamp, sentAt }: Given) => ({
  messageId: orAbsent(messageId, seeMessageId),
  userId: orAbsent(userId, seeId),
  anonymousId: orAbsent(anonymousId, seeId),
  timestamp: orAbsent(timestamp, seeTime),
  sentAt: orAbsent(sentAt, seeTime),
})

const named = ({ name, category, properties }: Given) => ({
  name: orAbsent(name, seeTitle),
  category: orAbsent(category, seeTitle),
  properties: orAbsent(properties, seeProperties),
})

const own: Readonly<Record<Kind, (given: Given) => object>> = {
  track: ({ event, properties }) => ({
    event: seeEventName(event),
    properties: orAbsent(properties, seeProperties),
  }),
  identify: ({ traits }) => ({ traits: orAbsent(traits, seeProperties) }),
  page: named,
  screen: named,
  group: ({ groupId, traits }) => ({ groupId: seeId(groupId), traits: orAbsent(traits, seeProperties) }),
  alias: ({ userId, previousId }) => ({ userId: seeId(userId), previousId: seeId(previousId) }),
}

const orAbsent = <Value>(value: unknown, see: (value: unknown) => Value | undefined): Seen<Value> =>
  value == null ? null : see(value)

function seeId(value: unknown): string | undefined {
  const id = Number.isFinite(value) ? String(value) : value
  return typeof id === 'string' && isId(id, 512) ? id : undefined
}

const seeText = (most: number) => (value: unknown) =>
  typeof value === 'string' && isPlainText(value, most) ? value : undefined
const seeMessageId = seeText(100)
const seeEventName = seeText(200)

const seeTime = (value: unknown) => (typeof value === 'string' ? parseDate(value, 'UTC') : undefined)

const seeTitle = (value: unknown) =>
  typeof value === 'string' && value.length <= 1000 ? cleanText(value) : undefined

const seeProperties = (value: unknown) =>
  isObject(value) && depthOf(value, deepestProperties) <= deepestProperties ? value : undefined

const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isKind = (value: unknown): value is Kind => kinds.includes(value as Kind)

const isOfSomeone = ({ userId, anonymousId }: { userId: unknown; anonymousId: unknown }) =>
  userId != null || anonymousId != null

function isSeen(message: object): boolean {
  for (const name in message) if (message[name as keyof object] === undefined) return false
  return true
}
