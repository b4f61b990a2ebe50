import { firstLimits, type Limits } from '../contact'
import type { IncomingEvent } from '../incoming'
import type { Outcome } from '../outcome'
import type { Touchpoint } from './ledger'
import { Life, type Rehearsable } from './life'
import { CallFailed } from './virtual-host'

/** What is known of one customer, in order of time. */
export interface Recorded {
  readonly customerId: string
  readonly events: readonly IncomingEvent[]
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

/** Lives a recording again with one journey, as if that had been live. Rejects with what the journey threw. */
export async function relive({ customerId, events }: Recorded, reliving: Reliving): Promise<Relived> {
  const { name, journey, limits = firstLimits, defaultTimeZone, until } = reliving
  const at = events[0]?.occurredAt ?? until
  const life = new Life({
    customerId,
    traits: {},
    at,
    journeys: { [name]: journey },
    limits,
    defaultTimeZone,
    call: notCalled,
  })
  for (const event of events) {
    await life.moveTo(event.occurredAt)
    if (!happens(life, event)) continue
    await life.settle()
  }
  await life.moveTo(until)
  return {
    customerId,
    touchpoints: life.ledger
      .all()
      .map(briefly)
      .sort((one, other) => one.at - other.at),
    outcomes: life.enrollments.map(({ outcome }) => outcome ?? null),
  }
}

// The words of every rule would fill the memory, customer after customer.
const briefly = ({ step, channel, status, because, at, verdicts }: Touchpoint): RelivedTouchpoint => {
  const rule = verdicts.findLast(({ allows }) => !allows)?.rule
  return { step, channel, status, because, at, rule }
}

/** False for what no enrollment can notice. */
function happens(life: Life, event: IncomingEvent): boolean {
  const { kind, name, properties, messageId, occurredAt } = event
  if (kind === 'identify') life.identify(properties)
  else if (kind === 'enroll') life.request(event)
  else if (kind === 'track')
    life.track({ messageId, name, properties, timestamp: new Date(occurredAt).toISOString() })
  else return false
  return life.enrollments.length > 0
}

function notCalled(activity: string): never {
  throw new CallFailed(`${activity} is not called when a recording is lived again`)
}
