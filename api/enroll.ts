import { randomUUID } from 'node:crypto'
import type { JourneyOutline } from '../sdk'
import { clean } from '../sdk/clean'
import { enrollmentId } from '../sdk/ids'
import { Problem } from '../sdk/problem'
import type { EnrollmentRow, IncomingEvent, StoredEvent } from '../store/store'
import { clocksOf } from './clock'
import type { Api } from './deps'
import { toEnrollment, type Enrollment } from './shapes'

export interface EnrollRequest {
  readonly customerId: string
  readonly key?: string | null
  readonly properties?: Record<string, unknown> | null
  readonly messageId?: string
}

export type Enrolled =
  | { readonly status: 200 | 201; readonly body: Enrollment }
  | { readonly status: 202; readonly body: { id: string; messageId: string } }

/**
 * Stores the request as an event, as everything that starts an enrollment, and waits a little for the dispatcher.
 * Throws the problems `refused`, `message-id-taken` and `invalid-request`.
 */
export async function enroll(journey: JourneyOutline, request: EnrollRequest, api: Api): Promise<Enrolled> {
  checkKey(journey, request)
  const clockOf = await clocksOf([request.customerId], api)
  const event = toEvent(journey, request, Date.now() + clockOf(request.customerId))
  const isNew = (await api.store.events.append([event])) === 1
  if (!isNew) await checkSame(event, api)
  const stored = await settled(event.messageId, api)
  if (stored?.state === 'set-aside')
    throw new Problem('refused', `The request was set aside: ${stored.reason}`)
  const id = await enrollmentIdOf(event, api)
  if (stored?.state !== 'handled') return { status: 202, body: { id, messageId: event.messageId } }
  return { status: isNew ? 201 : 200, body: await enteredBy(event, journey, api) }
}

function checkKey(journey: JourneyOutline, { key }: EnrollRequest): void {
  if ((key == null) === (journey.key === undefined)) return
  const message = journey.key
    ? `is needed: ${journey.name} has one enrollment for each ${journey.key}`
    : `must be left out: ${journey.name} has one enrollment for each customer`
  throw new Problem('invalid-request', `key: ${message}.`, [{ path: 'key', message }])
}

const toEvent = (
  journey: JourneyOutline,
  { customerId, key, properties, messageId }: EnrollRequest,
  occurredAt: number,
): IncomingEvent => ({
  messageId: messageId ?? randomUUID(),
  kind: 'enroll',
  customerId,
  name: journey.name,
  properties: { ...(key == null ? {} : { key }), ...(properties ? { properties: clean(properties) } : {}) },
  occurredAt,
})

/** The event once the dispatcher is through with it; as it is when the time is up. */
async function settled(messageId: string, api: Api): Promise<StoredEvent | undefined> {
  const until = Date.now() + api.limits.enrollWaitMs
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    const event = await api.store.events.byMessageId(messageId)
    if (event?.state !== 'pending' || Date.now() >= until) return event
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

async function checkSame(asked: IncomingEvent, { store }: Api): Promise<void> {
  const stored = await store.events.byMessageId(asked.messageId)
  const [one, other] = await Promise.all(
    [asked, stored ?? asked].map(({ customerId }) => store.customers.canonical(customerId)),
  )
  const { kind, name, properties } = stored ?? asked
  const same =
    kind === 'enroll' && name === asked.name && one === other && properties.key === asked.properties.key
  if (!same)
    throw new Problem('message-id-taken', `The message id "${asked.messageId}" was used for another request.`)
}

async function enrollmentIdOf({ customerId, name, properties }: IncomingEvent, api: Api): Promise<string> {
  const canonical = await api.store.customers.canonical(customerId)
  return enrollmentId(name, api.customerRef(canonical), properties.key as string | undefined)
}

/**
 * The enrollment this message began; a customer merged from others may have it under another id.
 * Throws the problem `refused` when the journey's entry rule let another one stand.
 */
async function enteredBy(event: IncomingEvent, journey: JourneyOutline, { store }: Api): Promise<Enrollment> {
  const filter = { customerId: event.customerId, journey: journey.name }
  const { items } = await store.enrollments.list(filter, { limit: 200 })
  const ofKey = items.filter(({ key }) => (key ?? undefined) === event.properties.key)
  const own = ofKey.find(({ enrolledBy }) => enrolledBy === event.messageId)
  if (own) return toEnrollment(own)
  throw new Problem(
    'refused',
    ofKey[0] ? whyRefused(ofKey[0], journey) : `${journey.name} did not take the customer.`,
  )
}

function whyRefused(newest: EnrollmentRow, { name, reentry }: JourneyOutline): string {
  if (newest.status !== 'ended') return `The customer is in ${name} already, as ${newest.id}.`
  if (reentry === 'once') return `${name} takes a customer once, and this one was in it.`
  return `${name} takes a customer again only some time after the last enrollment ended.`
}
