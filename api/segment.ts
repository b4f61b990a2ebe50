import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { clean, cleanText } from '../sdk/clean'
import { deviceEvents } from '../sdk/device'
import type { EventKind, IncomingEvent } from '../store/store'
import { customerId, eventName, groupId, messageId, properties, when } from './fields'

// The Segment HTTP form: what its clients send, and the events it becomes. Everything else they send is left aside.

const common = {
  messageId: messageId.nullish().describe('Counts once; without it one is made, and a repeat counts again'),
  userId: customerId.nullish().describe('The customer'),
  anonymousId: customerId.nullish().describe('The customer while there is no userId'),
  timestamp: when.nullish().describe('When it happened; default: now'),
  sentAt: when
    .nullish()
    .describe('The sender’s clock when sending; corrects timestamp by that clock’s error'),
}

const context = z
  .unknown()
  .optional()
  .describe(
    'Read of it is `device`, with its token and type, where the event tells of one; other things are left aside',
  )

const title = z.string().max(1000, { error: 'must have at most 1000 characters' }).transform(cleanText)
const someone = {
  anyOf: ['userId', 'anonymousId'].map((id) => ({
    required: [id],
    properties: { [id]: { not: { type: 'null' } } },
  })),
}
const hasId = (message: { userId?: unknown; anonymousId?: unknown }) =>
  message.userId != null || message.anonymousId != null
const needsId = { path: ['userId'], error: 'userId or anonymousId is needed' }

const bodies = {
  track: z.object({ ...common, event: eventName, properties: properties.nullish(), context }).refine(hasId, needsId).meta(someone),
  identify: z.object({ ...common, traits: properties.nullish() }).refine(hasId, needsId).meta(someone),
  page: z.object({ ...common, name: title.nullish(), category: title.nullish(), properties: properties.nullish() }).refine(hasId, needsId).meta(someone),
  screen: z.object({ ...common, name: title.nullish(), category: title.nullish(), properties: properties.nullish() }).refine(hasId, needsId).meta(someone),
  group: z.object({ ...common, groupId, traits: properties.nullish() }).refine(hasId, needsId).meta(someone),
  alias: z.object({ ...common, userId: customerId, previousId: customerId }),
} // prettier-ignore

export const kinds = Object.keys(bodies) as Kind[]
export type Kind = keyof typeof bodies
export const bodyOf = (kind: Kind): z.ZodType => bodies[kind]

const typed = <K extends Kind>(kind: K) =>
  bodies[kind].safeExtend({ type: z.literal(kind) }).meta(kind === 'alias' ? {} : someone)

/** The messages of a batch, each of its own `type`. */
export const batchBody = (most: number): z.ZodType<Batch> =>
  z.object({
    batch: z
      .array(
        z.discriminatedUnion(
          'type',
          [typed('track'), typed('identify'), typed('page'), typed('screen'), typed('group'), typed('alias')],
          { error: `must be an object with a type of ${kinds.join(', ')}` },
        ),
        { error: 'must be a list of messages' },
      )
      .min(1, { error: 'must hold a message' })
      .max(most, { error: `must hold at most ${most} messages` }),
    sentAt: common.sentAt,
  })

/** One message, validated; which fields there are depends on its kind. */
export interface Message {
  readonly messageId?: string | null
  readonly userId?: string | null
  readonly anonymousId?: string | null
  readonly timestamp?: number | null
  readonly sentAt?: number | null
  readonly event?: string
  readonly name?: string | null
  readonly category?: string | null
  readonly groupId?: string
  readonly previousId?: string
  readonly properties?: Record<string, unknown> | null
  readonly traits?: Record<string, unknown> | null
  readonly context?: unknown
}

/** `sentAt` stands for its messages, unless one has its own. */
export interface Batch {
  readonly batch: readonly (Message & { readonly type: Kind })[]
  readonly sentAt?: number | null
}

/** When it came in, by the sender’s clock too where a batch says so, and how far the customer's clock is ahead of ours. */
export interface Receipt {
  readonly receivedAt: number
  readonly sentAt?: number | null
  clockOf(customerId: string): number
}

export function toEvent(kind: Kind, message: Message, receipt: Receipt): IncomingEvent {
  const { userId, anonymousId } = message
  const customerId = (userId ?? anonymousId)!
  return {
    messageId: message.messageId ?? randomUUID(),
    kind: kind satisfies EventKind,
    customerId,
    name: nameOf(kind, message),
    properties: clean({ ...message.properties, ...message.traits, ...deviceOf(message) }),
    ...(userId != null && anonymousId != null ? { anonymousId } : {}),
    occurredAt: happenedAt(message, receipt) + receipt.clockOf(customerId),
  }
}

const tellsOfDevice: readonly unknown[] = Object.values(deviceEvents)

/** Where a client of the form keeps it. */
function deviceOf({ event, context }: Message): { device?: unknown } {
  const { device } = (tellsOfDevice.includes(event) ? (context ?? {}) : {}) as { device?: unknown }
  const { token, type } = (device ?? {}) as { token?: unknown; type?: unknown }
  return token === undefined ? {} : { device: { token, type } }
}

function nameOf(kind: Kind, message: Message): string {
  if (kind === 'track') return message.event!
  if (kind === 'group') return message.groupId!
  if (kind === 'alias') return message.previousId!
  return kind === 'identify' ? '' : (message.name ?? message.category ?? '')
}

const dayMs = 24 * 60 * 60 * 1000
const earliest = Date.parse('0001-01-01T00:00:00Z')
const latest = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Segment's rule: the sender's clock is off by `receivedAt - sentAt`, and so is its timestamp. The past is taken as given.
 * More than a day ahead of us nothing can have happened: a wrong clock, so it counts as now, lest it outrank every later fact.
 */
function happenedAt(message: Message, receipt: Receipt): number {
  const { receivedAt } = receipt
  if (message.timestamp == null) return receivedAt
  const sentAt = message.sentAt ?? receipt.sentAt
  const corrected = message.timestamp + (sentAt == null ? 0 : receivedAt - sentAt)
  return corrected > receivedAt + dayMs ? receivedAt : Math.min(Math.max(corrected, earliest), latest)
}
