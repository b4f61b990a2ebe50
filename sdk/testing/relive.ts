import { firstLimits, type ConsentWord, type Limits } from '../contact'
import type { DecisionToMake } from '../deciding'
import { touchpointId } from '../ids'
import type { IncomingEvent } from '../incoming'
import type { Outcome } from '../outcome'
import { receiptEvents, type ReceiptFact } from '../receipt'
import type { TouchpointToDeliver } from '../touchpoint'
import type { Fate, Touchpoint } from './ledger'
import { Life, type Rehearsable } from './life'
import { CallFailed } from './virtual-host'

/** What is known of one customer, in order of time. */
export interface Recorded {
  readonly customerId: string
  readonly events: readonly IncomingEvent[]
  readonly onRecord?: OnRecord
}

/** What a running system knows beside the events, and cannot be lived again from them. */
export interface OnRecord {
  /** As they were before the first event. */
  readonly traits: Readonly<Record<string, unknown>>
  readonly consents: readonly ConsentWord[]
  /** What other journeys sent. */
  readonly elsewhere: readonly Touchpoint[]
  /** What became of a step's touchpoints at their providers, the first time, the second, and so on. */
  readonly fates: Readonly<Record<string, readonly Fate[]>>
  /** What was decided at a step, the first time, the second, and so on; later times are like the last. */
  readonly arms: Readonly<Record<string, readonly string[]>>
}

export interface Reliving {
  readonly name: string
  readonly journey: Rehearsable
  /** Default: those of a new deployment. */
  readonly limits?: Limits
  readonly defaultTimeZone: string
  /** Where the recording ends, epoch ms. */
  readonly until: number
}

/** What the journey would have done with one customer. */
export interface Relived {
  readonly customerId: string
  /** In order of time, with those still held at the end. */
  readonly touchpoints: readonly RelivedTouchpoint[]
  readonly decided: readonly { readonly step: string; readonly arm: string }[]
  /** Of each enrollment; null: still inside at the end. */
  readonly outcomes: readonly (Outcome | null)[]
}

/** What became of a touchpoint. `at` in epoch ms. */
export interface RelivedTouchpoint extends Pick<
  Touchpoint,
  'step' | 'channel' | 'status' | 'because' | 'at'
> {
  /** The last rule that did not allow it; undefined where all did. */
  readonly rule: string | undefined
}

const nothing: OnRecord = { traits: {}, consents: [], elsewhere: [], fates: {}, arms: {} }

/** Lives a recording again with one journey, as if that had been live. Rejects with what the journey threw. */
export async function relive(
  { customerId, events, onRecord = nothing }: Recorded,
  reliving: Reliving,
): Promise<Relived> {
  const { name, journey, limits = firstLimits, defaultTimeZone, until } = reliving
  const at = events[0]?.occurredAt ?? until
  const decided: Relived['decided'][number][] = []
  const life = new Life({
    customerId,
    traits: onRecord.traits,
    at,
    journeys: { [name]: journey },
    limits,
    defaultTimeZone,
    call: notCalled,
    fateOf: fateIn(onRecord),
    armOf: armIn(onRecord),
    watch: { decided: (step, arm) => void decided.push({ step, arm }) },
  })
  for (const act of actsOf(events, onRecord)) {
    await life.moveTo(act.at)
    if (act.happens(life, name)) await life.settle()
  }
  await life.moveTo(until)
  const touchpoints = life.ledger.all().filter((each) => each.journey === name).map(briefly) // prettier-ignore
  return {
    customerId,
    touchpoints: touchpoints.sort((one, other) => one.at - other.at),
    decided,
    outcomes: life.enrollments.map(({ outcome }) => outcome ?? null),
  }
}

// The words of every rule would fill the memory, customer after customer.
const briefly = ({ step, channel, status, because, at, verdicts }: Touchpoint): RelivedTouchpoint => {
  const rule = verdicts.findLast(({ allows }) => !allows)?.rule
  return { step, channel, status, because, at, rule }
}

interface Act {
  readonly at: number
  /** False for what no enrollment can notice. */
  happens(life: Life, journey: string): boolean
}

function actsOf(events: readonly IncomingEvent[], { consents, elsewhere }: OnRecord): Act[] {
  const acts = events.map((event): Act => ({ at: event.occurredAt, happens: (life, name) => happens(life, name, event) })) // prettier-ignore
  if (consents.length + elsewhere.length === 0) return acts
  const quietly = (at: number, does: (life: Life) => void): Act => ({
    at,
    happens: (life) => (does(life), false),
  })
  return [
    ...consents.map((word) => quietly(word.occurredAt, (life) => life.say(word))),
    ...elsewhere.map((row) => quietly(row.at, ({ ledger }) => ledger.keepFrom(row))),
    ...acts,
  ].sort((one, other) => one.at - other.at)
}

function happens(life: Life, journey: string, event: IncomingEvent): boolean {
  const { kind, name, properties, messageId, occurredAt } = event
  if (kind === 'identify') life.identify(properties)
  else if (kind === 'enroll') life.request(event)
  else if (kind === 'track' || (kind === 'receipt' && noted(life, journey, event)))
    life.track({ messageId, name, properties, timestamp: new Date(occurredAt).toISOString() })
  else return false
  return life.enrollments.length > 0
}

/** A dead address, or one whose owner complained, is not used any more. True for what the journey itself hears. */
function noted(life: Life, journey: string, { name, properties }: IncomingEvent): boolean {
  const fact = properties as unknown as ReceiptFact
  if (name === receiptEvents.bounced && fact.hard && fact.channel === 'email')
    life.suppressed.push('hard-bounce')
  if (name === receiptEvents.complained && fact.channel === 'email') life.suppressed.push('complaint')
  return fact.journey === journey
}

/** Each touchpoint of a step has the fate of the one that was asked for as the how-manieth. */
function fateIn({ fates }: OnRecord): (touchpoint: TouchpointToDeliver) => Fate {
  const asked = new Map<string, string[]>()
  return ({ enrollmentId, entry, step, occurrence }) => {
    const id = touchpointId(enrollmentId, entry, step, occurrence)
    const known = asked.get(step) ?? []
    if (!known.includes(id)) known.push(id)
    asked.set(step, known)
    return fates[step]?.[known.indexOf(id)] ?? { is: 'sent' }
  }
}

function armIn({ arms }: OnRecord): (asked: DecisionToMake) => string | undefined {
  const times = new Map<string, number>()
  return ({ step }) => {
    const time = times.get(step) ?? 0
    times.set(step, time + 1)
    return arms[step]?.[time] ?? arms[step]?.at(-1)
  }
}

function notCalled(activity: string): never {
  throw new CallFailed(`${activity} is not called when a recording is lived again`)
}
