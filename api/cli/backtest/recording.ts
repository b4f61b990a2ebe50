import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { misfit } from '../../../catalog/misfit'
import type { IncomingEvent } from '../../../sdk'
import { grouped } from '../../../sdk/grouped'
import type { Recorded } from '../../../sdk/testing'
import { bodyOf, kinds, toEvent, type Kind, type Message } from '../../segment'

/** Recorded events, by customer. */
export interface Recording {
  readonly customers: readonly Recorded[]
  readonly events: number
  /** When the last of them happened, epoch ms. */
  readonly until: number
  readonly faults: readonly LineFault[]
}

/** A line that was left out, counting from 1. */
export interface LineFault {
  readonly line: number
  readonly because: string
}

type Read = { readonly event: IncomingEvent } | { readonly because: string }

/**
 * Reads a file with one event a line, in Segment's form with its `type`. Every line is checked as the API checks it, and must have
 * a timestamp. Two ids that an identify or alias makes one customer are one from the beginning.
 */
export async function readRecording(file: string): Promise<Recording> {
  const events: IncomingEvent[] = []
  const faults: LineFault[] = []
  const seen = new Set<string>()
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1
    if (text.trim() === '') continue
    const read = readLine(text, line)
    if ('because' in read) faults.push({ line, because: read.because })
    else if (!seen.has(read.event.messageId)) events.push((seen.add(read.event.messageId), read.event))
  }
  const until = events.reduce((latest, { occurredAt }) => Math.max(latest, occurredAt), 0)
  return { customers: byCustomer(events), events: events.length, until, faults }
}

function readLine(text: string, line: number): Read {
  const message = parsed(text)
  if (!message) return { because: 'it is not a JSON object' }
  const { type } = message
  if (!kinds.includes(type as Kind)) return { because: `its type must be one of ${kinds.join(', ')}` }
  const checked = bodyOf(type as Kind).safeParse(message)
  if (!checked.success) return { because: faultOf(checked.error.issues) }
  const { timestamp, messageId, ...rest } = checked.data as Message
  if (timestamp == null) return { because: 'timestamp: is needed to know when it happened' }
  return fitting(
    toEvent(
      type as Kind,
      { ...rest, timestamp, sentAt: null, messageId: messageId ?? `line ${line}` },
      { receivedAt: timestamp, clockOf: () => 0 },
    ),
  )
}

/** What the dispatcher would set aside is left out. */
function fitting(event: IncomingEvent): Read {
  const wrong = event.kind === 'track' ? misfit(event.name, event.properties) : undefined
  return wrong === undefined ? { event } : { because: `its properties do not fit the catalog: ${wrong}` }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const faultOf = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')

function byCustomer(events: readonly IncomingEvent[]): Recorded[] {
  const same = new Map<string, string>()
  const canonical = (id: string): string => {
    const other = same.get(id)
    return other === undefined ? id : canonical(other)
  }
  const unite = (id: string | undefined, into: string): void => {
    const [one, other] = [canonical(id ?? into), canonical(into)]
    if (one !== other) same.set(one, other)
  }
  for (const { kind, name, customerId, anonymousId } of events) {
    if (kind === 'alias') unite(name, customerId)
    if (kind === 'identify') unite(anonymousId, customerId)
  }
  const groups = grouped(events, ({ customerId }) => canonical(customerId))
  return [...groups].map(([customerId, own]) => ({
    customerId,
    events: own.sort((one, other) => one.occurredAt - other.occurredAt),
  }))
}
