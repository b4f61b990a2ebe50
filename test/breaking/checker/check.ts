import type { EnrollmentFound, Facts, Receipt, TouchpointFound } from './facts'
import { type Accepted, doesNotFit, type Expected, expectedOf, Undecided } from './model'

// Compares what there is with what had to be. It knows the promises, and nothing of how they are kept.

/** A broken promise. astray: something else than the story says. unexplained: unknown, and nothing happened that excuses it. */
export interface Finding {
  readonly broke: 'lost' | 'doubled' | 'stuck' | 'unexplained' | 'astray'
  readonly customerId: string
  readonly words: string
}

/** What one customer was accepted to have done, and the customer's time at the end. */
export interface Lived {
  readonly customerId: string
  /** In order of acceptance. */
  readonly events: readonly Accepted[]
  readonly now: number
}

// A lease that is over is taken up by the next attempt, which may be some seconds away.
const LATE_MS = 30_000
// What an activity may take before the server gives it to another worker.
const ACTIVITY_MS = 120_000
const KILLED_MEANWHILE_MS = 1_000

/** Every broken promise. Each event or touchpoint is counted once, where it went wrong first. */
export function findings(lives: readonly Lived[], facts: Facts): Finding[] {
  const found = new Found(facts)
  return [...lives.flatMap((life) => ofCustomer(life, found)), ...strangers(facts)]
}

/** The facts by what they are asked for. */
class Found {
  readonly events: Map<string, Facts['events'][number][]>
  readonly eventsOf: Map<string, Facts['events'][number][]>
  readonly enrollmentsOf: Map<string, EnrollmentFound[]>
  readonly touchpointsOf: Map<string, TouchpointFound[]>
  readonly receipts: Map<string, Receipt[]>

  constructor(readonly facts: Facts) {
    this.events = by(facts.events, ({ messageId }) => messageId)
    this.eventsOf = by(facts.events, ({ customerId }) => customerId)
    this.enrollmentsOf = by(facts.enrollments, ({ customerId }) => customerId)
    this.touchpointsOf = by(facts.touchpoints, ({ customerId }) => customerId)
    this.receipts = by([...facts.mails, ...facts.hooks], ({ ref }) => ref)
  }
}

function ofCustomer(life: Lived, found: Found): Finding[] {
  const { customerId } = life
  const finding = (broke: Finding['broke'], words: string): Finding => ({ broke, customerId, words })
  const events = ofEvents(life, found, finding)
  const touchpoints = (found.touchpointsOf.get(customerId) ?? []).flatMap((row) =>
    ofTouchpoint(row, found, finding),
  )
  try {
    return [
      ...events.findings,
      ...touchpoints,
      ...ofStories({ ...life, events: events.stored }, found, finding),
    ]
  } catch (error) {
    if (!(error instanceof Undecided)) throw error
    return [...events.findings, ...touchpoints, finding('astray', `the script is at fault: ${error.message}`)]
  }
}

type Make = (broke: Finding['broke'], words: string) => Finding

/** Each accepted event is there once and handed out; `stored` are those that are, for the rest to be derived from. */
function ofEvents({ customerId, events }: Lived, found: Found, make: Make) {
  const findings: Finding[] = []
  const accepted = new Set(events.map(({ messageId }) => messageId))
  const stored = events.filter((event) => {
    const [row, ...more] = found.events.get(event.messageId) ?? []
    if (!row) findings.push(make('lost', `event ${event.messageId} (${event.name}) is not there`))
    if (more.length > 0) findings.push(make('doubled', `event ${event.messageId} is there twice`))
    if (row?.state === 'pending') findings.push(make('stuck', `event ${event.messageId} is pending`))
    const wanted = event.kind === 'track' && doesNotFit(event) ? 'set-aside' : 'handled'
    if (row && row.state !== wanted && row.state !== 'pending')
      findings.push(make('astray', `event ${event.messageId} is ${row.state}, not ${wanted}`))
    return row !== undefined
  })
  for (const row of found.eventsOf.get(customerId) ?? []) {
    if (row.kind === 'enroll' && row.state !== 'handled')
      findings.push(make('stuck', `the handover ${row.messageId} is ${row.state}`))
    if (row.kind !== 'enroll' && !accepted.has(row.messageId))
      findings.push(make('doubled', `event ${row.messageId} was never sent`))
  }
  return { findings, stored }
}

/** What the journeys and the profile had to make of the events that are there. */
function ofStories(life: Lived, found: Found, make: Make): Finding[] {
  const first = expectedOf({ ...life, heldOut: heldOut(found) })
  const lost = withoutEffect(first.enrollments, life, found)
  const rest = life.events.filter(({ messageId }) => !lost.has(messageId))
  const expected = lost.size === 0 ? first : expectedOf({ ...life, events: rest, heldOut: heldOut(found) })
  return [
    ...[...lost].map(([id, where]) => make('lost', `event ${id} is handled, and ${where} never heard of it`)),
    ...ofTraits(expected.traits, found.facts.traits.get(life.customerId), make),
    ...ofEnrollments(life, expected.enrollments, found, make),
    ...expected.enrollments.flatMap((each) => ofEnrollment(each, found, make)),
  ]
}

function ofTraits(
  expected: Readonly<Record<string, unknown>>,
  there: Readonly<Record<string, unknown>> = {},
  make: Make,
): Finding[] {
  const other = Object.keys(expected).filter((trait) => there[trait] !== expected[trait])
  if (other.length === 0) return []
  const words = other.map((trait) => `${trait} is ${String(there[trait])}, not ${String(expected[trait])}`)
  return [make('lost', `the profile was not told: ${words.join(', ')}`)]
}

const heldOut =
  ({ facts, enrollmentsOf }: Found) =>
  (id: string, entry: number): boolean => {
    const customerId = decodeURIComponent(id.split(':')[1]!)
    const row = enrollmentsOf.get(customerId)?.find((each) => each.id === id && each.entry === entry)
    return row?.outcome ? row.outcome.is === 'held out' : (facts.waits.get(id)?.heldOut ?? false)
  }

/** Events that an enrollment had to hear and did not, or that had to enroll and did not. */
function withoutEffect(expected: readonly Expected[], life: Lived, found: Found): Map<string, string> {
  const lost = new Map<string, string>()
  const rows = found.enrollmentsOf.get(life.customerId) ?? []
  for (const { id, entry, enrolledBy, told } of expected) {
    const isThere = rows.some((row) => row.id === id && row.entry === entry)
    const own = life.events.some(({ messageId }) => messageId === enrolledBy)
    if (!isThere && own) lost.set(enrolledBy, `${id} (to be entry ${entry})`)
    const heard = found.facts.histories.get(id)?.heard ?? []
    if (isThere) for (const messageId of told) if (!heard.includes(messageId)) lost.set(messageId, id)
  }
  return lost
}

function ofEnrollments(
  { customerId }: Lived,
  expected: readonly Expected[],
  found: Found,
  make: Make,
): Finding[] {
  const rows = found.enrollmentsOf.get(customerId) ?? []
  const isHeldUp = (found.touchpointsOf.get(customerId) ?? []).some((row) => isHeld(row, found.facts))
  const nameOf = ({ id, entry }: { id: string; entry: number }) => `${id}/${entry}`
  const [wanted, there] = [new Set(expected.map(nameOf)), new Set(rows.map(nameOf))]
  const missing = isHeldUp ? [] : [...wanted].filter((name) => !there.has(name))
  const extra = [...there].filter((name) => !wanted.has(name))
  return [
    ...missing.map((name) => make('lost', `enrollment ${name} never began`)),
    ...extra.map((name) => make('doubled', `enrollment ${name} should not be`)),
  ]
}

/** An attempt may still be under way as far as anybody knows: its lease runs, or the time of an activity whose worker died. */
function isHeld({ status, leaseUntil }: TouchpointFound, { at, outages }: Facts): boolean {
  if (status === 'sending') return leaseUntil !== null && leaseUntil > at - LATE_MS
  const died = outages.some(({ name, to }) => name.startsWith('worker') && to > at - ACTIVITY_MS - LATE_MS)
  return status === 'retrying' && died
}

function ofEnrollment(expected: Expected, found: Found, make: Make): Finding[] {
  const { id, entry } = expected
  const customerId = decodeURIComponent(id.split(':')[1]!)
  const row = found.enrollmentsOf.get(customerId)?.find((each) => each.id === id && each.entry === entry)
  if (!row) return []
  const own = (found.touchpointsOf.get(customerId) ?? []).filter((each) => each.enrollmentId === id && each.entry === entry) // prettier-ignore
  const held = own.some((each) => isHeld(each, found.facts))
  const wanted = new Map(expected.touchpoints.map((each) => [each.id, each.status]))
  const there = new Set(own.map((each) => each.id))
  const missing = held ? [] : [...wanted.keys()].filter((each) => !there.has(each))
  const extra = own.filter((each) => !wanted.has(each.id) && !isWithdrawn(each, found.facts))
  const withheld = own.filter((each) => wanted.has(each.id) && (wanted.get(each.id) === 'withheld') !== (each.status === 'withheld')) // prettier-ignore
  return [
    ...missing.map((each) => make('lost', `touchpoint ${each} never came about`)),
    ...extra.map((each) => make('doubled', `touchpoint ${each.id} should not be`)),
    ...withheld.map((each) => make('astray', `touchpoint ${each.id} is ${each.status}, ${each.because}`)),
    ...(held ? [] : ofState(expected, row, found, make)),
  ]
}

/**
 * A workflow task whose worker was killed runs again, and reads the profile again: it may try another send then. Once the
 * enrollment has ended the ledger withdraws it, and nothing reaches the customer.
 */
const isWithdrawn = ({ status, because, recordedAt }: TouchpointFound, { outages }: Facts): boolean =>
  status === 'withheld' &&
  because === 'withdrawn' &&
  outages.some(({ name, from }) => name.startsWith('worker') && from <= recordedAt)

/** Ended as the story says, or waiting where it says, with a workflow that does. */
function ofState(
  { id, ending, waits }: Expected,
  row: EnrollmentFound,
  { facts }: Found,
  make: Make,
): Finding[] {
  const history = facts.histories.get(id)
  const failures = history?.failures.map((why) => make('stuck', `${id} fails its tasks: ${why}`)) ?? []
  if (ending) return [...failures, ...ofEnding(id, ending, row, make)]
  const steps = facts.waits.get(id)?.steps
  if (row.status === 'ended')
    return [...failures, make('astray', `${id} ended (${JSON.stringify(row.outcome)}), and should wait at ${waits?.step}`)] // prettier-ignore
  if (row.status !== 'running' || !history?.open || !steps)
    return [...failures, make('stuck', `${id} is ${row.status}, and its workflow does not answer`)]
  if (steps.join() === waits?.step) return failures
  return [...failures, make('stuck', `${id} waits at ${steps.join() || 'nothing'}, not at ${waits?.step}`)]
}

function ofEnding(
  id: string,
  ending: NonNullable<Expected['ending']>,
  row: EnrollmentFound,
  make: Make,
): Finding[] {
  const { outcome } = row
  if (!outcome) return [make('stuck', `${id} is ${row.status}, and should have ended as ${ending.is}`)]
  const same =
    outcome.is === ending.is &&
    outcome.event === ending.event &&
    outcome.converted === ending.converted &&
    (outcome.because ?? '').startsWith(ending.because ?? '')
  return same
    ? []
    : [make('astray', `${id} ended as ${JSON.stringify(outcome)}, not ${JSON.stringify(ending)}`)]
}

/** One ledger row beside what the sinks have of it. */
function ofTouchpoint(row: TouchpointFound, found: Found, make: Make): Finding[] {
  const receipts = found.receipts.get(row.ref) ?? []
  const taken = receipts.filter(({ did }) => isDelivered(did))
  const findings: Finding[] = []
  for (const _ of taken.slice(1)) findings.push(make('doubled', `${row.id} was delivered again`))
  if (receipts.some(({ did }) => did === 'forged')) findings.push(make('astray', `${row.id} was not signed`))
  const isRepeated = receipts.some(({ did }) => did === 'again')
  if (isRepeated && !isExcused(row, receipts, found)) findings.push(make('doubled', `${row.id} was repeated`))
  return [...findings, ...ofStatus(row, receipts, taken, found, make)]
}

function ofStatus(
  row: TouchpointFound,
  receipts: readonly Receipt[],
  taken: readonly Receipt[],
  found: Found,
  make: Make,
): Finding[] {
  const { id, status, because } = row
  if (status === 'sent') return taken.length > 0 ? [] : [make('lost', `${id} is sent, and nobody has it`)]
  if (status === 'withheld')
    return taken.length === 0 ? [] : [make('doubled', `${id} is withheld, and was delivered`)]
  if (status === 'failed')
    return receipts.some(({ did }) => did === 'gone') ? [] : [make('lost', `${id} failed: ${because}`)]
  if (status === 'unknown')
    return isExcused(row, receipts, found) ? [] : [make('unexplained', `${id} is unknown: ${because}`)]
  if (!isHeld(row, found.facts)) return [make('stuck', `${id} is ${status}: ${because}`)]
  return isExcused(row, receipts, found) ? [] : [make('unexplained', `${id} is still being sent`)]
}

/** The line was cut, or a process that sends, keeps the ledger or takes it was killed or frozen meanwhile. */
function isExcused(
  { channel, recordedAt }: TouchpointFound,
  receipts: readonly Receipt[],
  { facts }: Found,
): boolean {
  if (receipts.some(({ did }) => did === 'cut' || did === 'silent')) return true
  const sink = channel === 'email' ? 'smtp' : 'webhooks'
  const isConcerned = (name: string) => name.startsWith('worker') || name === 'postgres' || name === sink
  return facts.outages.some(({ name, to }) => isConcerned(name) && to >= recordedAt - KILLED_MEANWHILE_MS)
}

/** What was delivered and stands in no ledger. */
function strangers({ touchpoints, mails, hooks }: Facts): Finding[] {
  const known = new Set(touchpoints.map(({ ref }) => ref))
  const unknown = [...mails, ...hooks].filter(({ ref, did }) => isDelivered(did) && !known.has(ref))
  return unknown.map(({ ref }) => ({
    broke: 'doubled',
    customerId: 'nobody',
    words: `${ref} was delivered and is in no ledger`,
  }))
}

const isDelivered = (did: Receipt['did']): boolean => did === 'took' || did === 'cut' || did === 'silent'

function by<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
