import { z } from 'zod'
import { receiptEvents, type ReceiptKind } from '../sdk'
import type { EnrollmentRow, CustomerRow, KnownDevice, StoredEvent, TouchpointRow } from '../store/store'

// The nouns the HTTP surface answers with: their schemas, and how rows become them.

export const instant = z.iso.datetime().describe('ISO 8601, UTC')

export const pageOf = (item: z.ZodType) => z.object({ items: z.array(item), next: z.string().nullable() })

export const outcome = z
  .looseObject({ is: z.enum(['converted', 'completed', 'exited', 'held out', 'failed']) })
  .meta({ id: 'Outcome' })

const enrollmentFields = {
  id: z.string().describe('The workflow id: journey:customer[:key], each part percent-encoded'),
  entry: z.int().describe('1 for the first enrollment under this id, 2 after the first re-entry'),
  journey: z.string(),
  customerId: z.string(),
  key: z.string().nullable(),
  status: z.enum(['running', 'paused', 'ended']),
  step: z.string().nullable().describe('Where it waits; null when that is not known'),
  outcome: outcome.nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
}

export const enrollment = z
  .object({
    ...enrollmentFields,
    enrolledBy: z.string().describe('The messageId of the event that enrolled'),
  })
  .meta({ id: 'Enrollment' })

export const enrollmentDetail = z
  .object({
    ...enrollmentFields,
    live: z.boolean().describe('true: from the running workflow; false: as last recorded'),
    stage: z.string().nullable(),
    waits: z.array(
      z.object({ step: z.string(), verb: z.string(), since: z.string(), until: z.string().nullable() }),
    ),
    heldOut: z.boolean().nullable(),
    now: z.string().nullable().describe('The enrollment’s time'),
    timeline: z.array(z.looseObject({ at: z.string(), what: z.string(), words: z.string() })),
  })
  .meta({ id: 'EnrollmentDetail' })

export type Enrollment = z.output<typeof enrollment>
export type EnrollmentDetail = z.output<typeof enrollmentDetail>

export const touchpoint = z
  .object({
    id: z.string(),
    enrollmentId: z.string(),
    journey: z.string(),
    step: z.string(),
    channel: z.string(),
    message: z.string(),
    provider: z.string().nullable().describe('Who carried it, or would: a provider, or `provider:account`'),
    category: z.string(),
    status: z.enum(['proposed', 'held', 'sending', 'retrying', 'sent', 'withheld', 'failed', 'unknown']),
    because: z.string().nullable(),
    topic: z.string().nullable(),
    priority: z.number().describe('Propensity x context x value x lever'),
    heldUntil: instant.nullable(),
    expiresAt: instant.nullable(),
    at: instant,
    attempts: z.int(),
    verdicts: z.array(
      z.object({
        rule: z.string(),
        allows: z.boolean(),
        because: z.string(),
        until: instant.optional().describe('Held by this rule until then'),
      }),
    ),
    receipts: z
      .array(
        z.object({
          kind: z.enum(Object.keys(receiptEvents) as ReceiptKind[]),
          at: instant,
          hard: z.boolean().optional().describe('Bounces: nobody can ever be reached at the address'),
          machine: z.boolean().optional().describe('Opened or clicked by a program, not by a person'),
          because: z.string().optional(),
        }),
      )
      .describe('What the provider said later, in order of arrival'),
  })
  .meta({ id: 'Touchpoint' })

export const storedEvent = z
  .object({
    messageId: z.string(),
    kind: z.string(),
    customerId: z.string(),
    name: z.string(),
    properties: z.looseObject({}),
    occurredAt: instant,
    receivedAt: instant,
    state: z.enum(['pending', 'handled', 'set-aside']),
    attempts: z.int(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Event' })

export const customer = z
  .object({
    id: z.string(),
    traits: z.looseObject({}),
    groups: z.array(z.string()),
    clock: z
      .object({ now: instant, aheadMs: z.int() })
      .describe('The customer’s time; ahead only where it was moved'),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Customer' })

export const device = z
  .object({
    channel: z.enum(['push', 'web-push']),
    seenAt: instant.describe('By the customer’s clock'),
    dead: z.boolean().describe('A provider said that nothing reaches it any more'),
  })
  .meta({ id: 'Device' })

export const iso = (epochMs: number): string => new Date(epochMs).toISOString()
export const isoOrNull = (epochMs: number | null): string | null => (epochMs === null ? null : iso(epochMs))

export const toEnrollment = (row: EnrollmentRow, step: string | null = null): Enrollment => ({
  id: row.id,
  entry: row.entry,
  journey: row.journey,
  customerId: row.customerId,
  enrolledBy: row.enrolledBy,
  key: row.key,
  status: row.status === 'starting' ? 'running' : row.status,
  step,
  outcome: row.outcome,
  startedAt: iso(row.startedAt),
  endedAt: isoOrNull(row.endedAt),
})

export const toTouchpoint = (row: TouchpointRow): z.output<typeof touchpoint> => ({
  id: row.id,
  enrollmentId: row.enrollmentId,
  journey: row.journey,
  step: row.step,
  channel: row.channel,
  message: row.message,
  provider: row.provider,
  category: row.category,
  status: row.status,
  because: row.because,
  topic: row.topic,
  priority: row.priority,
  heldUntil: isoOrNull(row.heldUntil),
  expiresAt: isoOrNull(row.expiresAt),
  at: iso(row.at),
  attempts: row.attempts,
  verdicts: row.verdicts.map(({ until, ...verdict }) =>
    until === undefined ? verdict : { ...verdict, until: iso(until) },
  ),
  receipts: row.receipts.map(({ kind, at, hard, machine, because }) => ({
    kind,
    at: iso(at),
    hard,
    machine,
    because,
  })),
})

export const toEvent = (row: StoredEvent): z.output<typeof storedEvent> => ({
  messageId: row.messageId,
  kind: row.kind,
  customerId: row.customerId,
  name: row.name,
  properties: row.properties,
  occurredAt: iso(row.occurredAt),
  receivedAt: iso(row.receivedAt),
  state: row.state,
  attempts: row.attempts,
  reason: row.reason,
})

export const toDevice = ({ channel, seenAt, dead }: KnownDevice): z.output<typeof device> => ({
  channel,
  seenAt: iso(seenAt),
  dead,
})

export const toCustomer = (row: CustomerRow): z.output<typeof customer> => ({
  id: row.id,
  traits: row.traits,
  groups: row.groups,
  clock: { now: iso(Date.now() + row.clockOffsetMs), aheadMs: row.clockOffsetMs },
  createdAt: iso(row.createdAt),
  updatedAt: iso(row.updatedAt),
})
