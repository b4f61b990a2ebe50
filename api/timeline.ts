import { z } from 'zod'
import type { EnrollmentRow, OperationRow, Page, PageQuery, Store } from '../store/store'
import { pageFrom, wrongCursor } from './page'
import {
  instant,
  iso,
  storedEvent,
  toEnrollment,
  toEvent,
  toTouchpoint,
  touchpoint,
  enrollment,
} from './shapes'

const operation = z
  .object({
    enrollmentId: z.string(),
    action: z.string(),
    by: z.string(),
    reason: z.string().nullable(),
    at: instant,
  })
  .meta({ id: 'Operation' })

/** What happened with a customer, one thing each. */
export const timelineEntry = z.union([
  z.object({ at: instant, what: z.literal('event'), event: storedEvent }),
  z.object({ at: instant, what: z.literal('touchpoint'), touchpoint }),
  z.object({ at: instant, what: z.enum(['enrolled', 'ended']), enrollment }),
  z.object({ at: instant, what: z.literal('operation'), operation }),
])

export type TimelineEntry = z.output<typeof timelineEntry>

/**
 * A source is read on in its own order; the page is the merge of all by time, newest first.
 * The cursor says how far each has been read: the store's own cursors, and for the small sources how many are gone.
 */
interface Position {
  /** The store's cursor; null at the start, false at the end. */
  readonly events: string | null | false
  readonly touchpoints: string | null | false
  /** Enrollments and operations are few: all are read, and so many of the oldest are left; null at the start. */
  readonly left: number | null
}

const position = z.object({
  events: z.union([z.string(), z.null(), z.literal(false)]),
  touchpoints: z.union([z.string(), z.null(), z.literal(false)]),
  left: z.int().min(0).nullable(),
})

const start: Position = { events: null, touchpoints: null, left: null }

type Read = (page: PageQuery) => Promise<Page<TimelineEntry>>

/** The customer's events, touchpoints, enrollments and operations, newest first. Throws the problem `invalid-request` for a wrong cursor. */
export async function timeline(
  store: Store,
  customerId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<TimelineEntry>> {
  const from = cursor === undefined ? start : decode(cursor)
  const readEvents: Read = (page) =>
    pageFrom(store.events.ofCustomer(customerId, page), (row) => ({
      at: iso(row.occurredAt),
      what: 'event',
      event: toEvent(row),
    }))
  const readTouchpoints: Read = (page) =>
    pageFrom(store.touchpoints.ofCustomer(customerId, page), (row) => ({
      at: iso(row.at),
      what: 'touchpoint',
      touchpoint: toTouchpoint(row),
    }))
  const [events, touchpoints, few] = await Promise.all([
    readFrom(readEvents, from.events, limit),
    readFrom(readTouchpoints, from.touchpoints, limit),
    fewOf(store, customerId, from.left),
  ])
  const merged = merge([events, touchpoints, few], limit)
  const [eventCount, touchpointCount, fewCount] = merged.taken as [number, number, number]
  const to: Position = {
    events: await positionAfter(readEvents, from.events, eventCount),
    touchpoints: await positionAfter(readTouchpoints, from.touchpoints, touchpointCount),
    left: few.length - fewCount,
  }
  const isEnd = to.events === false && to.touchpoints === false && to.left === 0
  return { items: merged.items, next: isEnd ? null : encode(to) }
}

const readFrom = async (read: Read, at: Position['events'], limit: number): Promise<TimelineEntry[]> =>
  at === false ? [] : (await read({ limit, cursor: at ?? undefined })).items

/** Where a source stands after `taken` more of its entries. */
async function positionAfter(read: Read, at: Position['events'], taken: number): Promise<Position['events']> {
  if (at === false) return false
  if (taken > 0) return (await read({ limit: taken, cursor: at ?? undefined })).next ?? false
  return (await read({ limit: 1, cursor: at ?? undefined })).items.length > 0 ? at : false
}

/** Takes the newest head among the sources, up to `limit` times. */
function merge(sources: readonly (readonly TimelineEntry[])[], limit: number) {
  const taken = sources.map(() => 0)
  const items: TimelineEntry[] = []
  while (items.length < limit) {
    const heads = sources.map((source, index) => source[taken[index]!]?.at ?? '')
    const newest = heads.indexOf(heads.reduce((one, other) => (other > one ? other : one)))
    const entry = sources[newest]![taken[newest]!]
    if (!entry) break
    items.push(entry)
    taken[newest]!++
  }
  return { items, taken }
}

const most = 200

/** Starts and ends of enrollments, and operations; at most 200 of each are shown. */
async function fewOf(store: Store, customerId: string, left: number | null): Promise<TimelineEntry[]> {
  const [enrollments, operations] = await Promise.all([
    store.enrollments.list({ customerId }, { limit: most }),
    store.operations.ofCustomer(customerId, most),
  ])
  const entries = [...enrollments.items.flatMap(ofEnrollment), ...operations.map(ofOperation)]
  entries.sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0))
  return entries.slice(Math.max(entries.length - (left ?? entries.length), 0))
}

function ofEnrollment(row: EnrollmentRow): TimelineEntry[] {
  const shown = toEnrollment(row)
  const enrolled: TimelineEntry = { at: shown.startedAt, what: 'enrolled', enrollment: shown }
  return shown.endedAt === null
    ? [enrolled]
    : [{ at: shown.endedAt, what: 'ended', enrollment: shown }, enrolled]
}

const ofOperation = ({ enrollmentId, action, by, reason, at }: OperationRow): TimelineEntry => ({
  at: iso(at),
  what: 'operation',
  operation: { enrollmentId, action, by, reason, at: iso(at) },
})

const encode = (at: Position): string => Buffer.from(JSON.stringify(at)).toString('base64url')

function decode(cursor: string): Position {
  try {
    return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw wrongCursor()
  }
}
