import type { Category } from '../../../sdk/definition'
import type { ConsentWord } from '../../../sdk/contact'
import type { IncomingEvent, Outcome } from '../../../sdk'
import type { Fate, OnRecord, Touchpoint } from '../../../sdk/testing'
import { CallFailed, itemsOf, type ApiClient } from '../client'

/** What the API has on record of one customer in a journey, from the first enrollment that counts on. Times are epoch ms. */
export interface OnFile {
  readonly customerId: string
  /** By the customer's clock. */
  readonly now: number
  readonly events: readonly IncomingEvent[]
  readonly onRecord: OnRecord
  readonly live: Live
}

/** As the ledger has it, under way or done. */
export interface LiveTouchpoint {
  readonly step: string
  readonly channel: string
  readonly status: string
  readonly because: string | null
  readonly at: number
}

/** What the version that runs did. */
export interface Live {
  /** Oldest first. */
  readonly touchpoints: readonly LiveTouchpoint[]
  readonly decided: readonly { readonly step: string; readonly arm: string }[]
  readonly enrollments: readonly { readonly outcome: Outcome | null; readonly endedAt: number | null }[]
}

export interface ToldEnrollment {
  readonly id: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly enrolledBy: string
  readonly outcome: Outcome | null
  readonly startedAt: string
  readonly endedAt: string | null
}

interface ToldTouchpoint {
  readonly id: string
  readonly enrollmentId: string
  readonly journey: string
  readonly step: string
  readonly channel: string
  readonly message: string
  readonly category: Category
  readonly status: string
  readonly because: string | null
  readonly priority: number
  readonly at: string
}

interface ToldEvent extends Omit<IncomingEvent, 'occurredAt'> {
  readonly occurredAt: string
  readonly receivedAt: string
  readonly state: string
}

type ToldEntry =
  | { readonly what: 'event'; readonly event: ToldEvent }
  | { readonly what: 'touchpoint'; readonly touchpoint: ToldTouchpoint }
  | { readonly what: 'enrolled' | 'ended' | 'operation' }

interface ToldDecision {
  readonly journey: string
  readonly step: string
  readonly arm: string
  readonly at: string
}

/** Undefined when the customer is gone, or what enrolled them is not kept any more. Rejects with CallFailed. */
export async function onFile(
  api: ApiClient,
  customerId: string,
  enrollments: readonly ToldEnrollment[],
): Promise<OnFile | undefined> {
  const path = `/v1/customers/${encodeURIComponent(customerId)}`
  const found = await api.get(path).catch((error: unknown) => {
    if (error instanceof CallFailed && error.code === 'not-found') return undefined
    throw error
  })
  if (!found) return undefined
  const [entries, words, decisions] = await Promise.all([
    allOf<ToldEntry>(api, `${path}/timeline`),
    allOf<Omit<ConsentWord, 'occurredAt'> & { occurredAt: string }>(api, `${path}/consents`),
    allOf<ToldDecision>(api, `${path}/decisions`),
  ])
  const { traits, clock } = found as { traits: Record<string, unknown>; clock: { now: string } }
  const told = { now: Date.parse(clock.now), traits, entries, words, decisions }
  return pieced(customerId, enrollments, told)
}

interface Told {
  readonly now: number
  readonly traits: Readonly<Record<string, unknown>>
  readonly entries: readonly ToldEntry[]
  readonly words: readonly (Omit<ConsentWord, 'occurredAt'> & { readonly occurredAt: string })[]
  readonly decisions: readonly ToldDecision[]
}

function pieced(
  customerId: string,
  enrollments: readonly ToldEnrollment[],
  { now, traits, entries, words, decisions }: Told,
): OnFile | undefined {
  const all = inOrder(entries.flatMap((each) => (each.what === 'event' ? [each.event] : [])))
  const began = all.findIndex(({ messageId }) =>
    enrollments.some(({ enrolledBy }) => enrolledBy === messageId),
  )
  if (began < 0) return undefined
  const { journey } = enrollments[0]!
  // The clocks of the database and of Temporal need not agree.
  const from = all[began]!.occurredAt - SLACK_MS
  const touchpoints = entries.flatMap((each) =>
    each.what === 'touchpoint' ? [touched(each.touchpoint)] : [],
  )
  const ours = touchpoints.filter((each) => each.journey === journey && each.at >= from).sort(byTime)
  const decided = decisions
    .filter((each) => each.journey === journey && Date.parse(each.at) >= from)
    .reverse()
  const went = touchpoints
    .filter((each) => each.journey !== journey || each.at < from)
    .filter(({ status }) => status === 'sent' || status === 'unknown')
  return {
    customerId,
    now,
    events: all.slice(began),
    onRecord: {
      traits: traitsBefore(traits, all.slice(0, began), all.slice(began)),
      consents: words.map((word) => ({ ...word, occurredAt: Date.parse(word.occurredAt) })).reverse(),
      elsewhere: went,
      fates: listed(ours, ({ step }) => step, fateOf),
      arms: armsOf(decided),
    },
    live: { touchpoints: ours, decided, enrollments: enrollments.map(ended) },
  }
}

const armsOf = (decided: readonly ToldDecision[]): OnRecord['arms'] =>
  listed(
    decided,
    ({ step }) => step,
    ({ arm }) => arm,
  )

const SLACK_MS = 60_000
/** Who has more on record than so much is no customer. */
const MOST_ITEMS = 10_000

/** Newest first, as the API lists. */
async function allOf<Item>(api: ApiClient, path: string): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of itemsOf<Item>(api, path)) {
    items.push(item)
    if (items.length === MOST_ITEMS) break
  }
  return items
}

/** As they came: one that was sent late counts when it came in, unless the customer's clock is ahead. */
function inOrder(events: readonly ToldEvent[]): IncomingEvent[] {
  return events
    .filter(({ state }) => state === 'handled')
    .map(({ occurredAt, receivedAt, messageId, kind, customerId, name, properties }) => ({
      messageId,
      kind,
      customerId,
      name,
      properties,
      occurredAt: Math.max(Date.parse(occurredAt), Date.parse(receivedAt)),
    })) // prettier-ignore
    .reverse()
    .sort((one, other) => one.occurredAt - other.occurredAt)
}

/** What later identifies set first was not there; what earlier ones set was as they said. */
function traitsBefore(
  now: Readonly<Record<string, unknown>>,
  earlier: readonly IncomingEvent[],
  later: readonly IncomingEvent[],
): Record<string, unknown> {
  const set = (events: readonly IncomingEvent[]): Record<string, unknown> =>
    Object.assign({}, ...events.filter(({ kind }) => kind === 'identify').map(({ properties }) => properties))
  const since = set(later)
  const before = Object.entries(now).filter(([name]) => !Object.hasOwn(since, name))
  return { ...Object.fromEntries(before), ...set(earlier) }
}

const touched = ({ at, status, ...row }: ToldTouchpoint): Touchpoint => ({
  ...row,
  entry: 0,
  at: Date.parse(at),
  status: status as Touchpoint['status'],
  heldUntil: null,
  expiresAt: null,
  verdicts: [],
})

/** What a provider made of it; what the rules say is asked of the rules. */
const fateOf = ({ status, because }: Touchpoint): Fate =>
  status === 'failed' || status === 'unknown' ? { is: status, because: because ?? '' } : { is: 'sent' }

const ended = ({ outcome, endedAt }: ToldEnrollment) => ({
  outcome,
  endedAt: endedAt === null ? null : Date.parse(endedAt),
})

const byTime = (one: Touchpoint, other: Touchpoint): number => one.at - other.at

function listed<Item, Value>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  valueOf: (item: Item) => Value,
): Record<string, Value[]> {
  const lists: Record<string, Value[]> = {}
  for (const item of items) (lists[keyOf(item)] ??= []).push(valueOf(item))
  return lists
}
