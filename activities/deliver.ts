import { setTimeout as pause } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/activity'
import {
  ChannelUnavailable,
  type Answer,
  type Carrier,
  type Channels,
  type Outgoing,
  type Patience,
} from '../channels'
import { touchpointId } from '../sdk'
import { askingOf } from '../sdk/contact'
import { durationMs, type Duration } from '../sdk/time/duration'
import type { Busy, Delivered, TouchpointToDeliver } from '../sdk/touchpoint'
import { suppressionKey } from '../store'
import type { Fate, Reservation, TouchpointRequest, TouchpointRow } from '../store/store'
import { carry, usableNow } from './carrying'
import type { CarrierHealth } from './health'
import { type Addressed, type ComposingDeps, outgoingOf } from './composing'
import { keepJoining, keepLeaving } from './memberships'
import { judgment } from './contact/rules'
import { MessageError, MessageMissing } from './messages'
import { deliveryOf, fateOf, insistently } from './settling'

export interface DeliverDeps extends ComposingDeps {
  readonly channels: Channels
  /** Which providers were down a moment ago. */
  readonly health: CarrierHealth
  /** Told of every touchpoint whose fate is known. */
  readonly announce: (row: TouchpointRow) => void
  /** How long after its first attempt a touchpoint whose provider stays busy is given up; wall clock. */
  readonly giveUpAfter: Duration
}

/** Longer than any attempt: an activity may take 2 minutes, a provider 90 s of them. */
export const LEASE_MS = 150_000
const LONGEST_DELAY_MS = 3_600_000

/**
 * Makes the activity that sends a touchpoint, at most once: repeated calls tell what the ledger knows. Inline, a busy
 * provider is an answer; patiently, it is a retryable failure that carries the provider's Retry-After.
 */
export function delivering(deps: DeliverDeps) {
  return async function deliver(touchpoint: TouchpointToDeliver, patience: Patience): Promise<Delivered> {
    const delivered = await delivery(deps, touchpoint, patience)
    if (delivered.is === 'busy' && patience === 'patient') throw retryable(delivered)
    return delivered
  }
}

async function delivery(
  deps: DeliverDeps,
  touchpoint: TouchpointToDeliver,
  patience: Patience,
): Promise<Delivered> {
  const carriers = configured(deps.channels, touchpoint)
  if ('is' in carriers) return carriers
  const attempt = attemptAt(touchpoint, carriers)
  const reservation = await decided(deps, attempt)
  if ('recordedAt' in reservation) attempt.recordedAt = reservation.recordedAt
  switch (reservation.is) {
    case 'held':
      return { is: 'held', because: reservation.touchpoint.because!, until: reservation.until }
    case 'settled':
      return deliveryOf(reservation.touchpoint)
    case 'busy':
      return { is: 'busy', because: 'another attempt is under way', retryAfterMs: reservation.retryMs }
    case 'reserved':
      return send(deps, attempt, patience, 'failed')
    case 'interrupted':
      if (mayRepeat(attempt)) return send(deps, attempt, patience, 'unknown')
      return deliveryOf(
        await settle(deps, attempt, { status: 'unknown', because: 'interrupted while sending' }),
      )
  }
}

/** Where there are others, nobody knows which of them was asked. */
const mayRepeat = ({ carriers, provider }: Addressed): boolean => carriers.length === 1 && provider.idempotent

function attemptAt(touchpoint: TouchpointToDeliver, carriers: readonly Carrier[]): Addressed {
  const { enrollmentId, entry, step, occurrence } = touchpoint
  return {
    id: touchpointId(enrollmentId, entry, step, occurrence),
    touchpoint,
    carriers,
    provider: carriers[0]!.provider,
  }
}

type Decided = Exclude<Reservation, { is: 'proposed' }>

/** Gives its competitors the moment that the limits allow them. */
async function decided(deps: DeliverDeps, attempt: Addressed): Promise<Decided> {
  const reservation = await reserve(deps, attempt)
  if (reservation.is !== 'proposed') return reservation
  await pause(reservation.waitMs)
  return decided(deps, attempt)
}

async function reserve({ store, announce }: DeliverDeps, attempt: Addressed): Promise<Reservation> {
  let withheldNow = false
  const { carriers } = attempt
  const reservation = await store.touchpoints.reserve(requestOf(attempt), LEASE_MS, (facts, before) => {
    attempt.customer = facts.customer
    attempt.carriers = usableNow(carriers, facts)
    attempt.provider = attempt.carriers[0]!.provider
    const judged = judgment(askingOf(attempt.id, attempt.touchpoint, attempt.provider), facts, before)
    withheldNow = judged.judgment.is === 'withheld'
    return { ...judged, provider: attempt.provider.name }
  })
  if (reservation.is === 'settled' && withheldNow) announce(reservation.touchpoint)
  return reservation
}

function requestOf({ id, touchpoint, provider }: Addressed): TouchpointRequest {
  const { enrollmentId, entry, journey, customerId, step, category, topic, message, at } = touchpoint
  const { channel, template } = message
  const what = { channel, message: template, category, topic, provider: provider.name }
  return { id, enrollmentId, entry, journey, customerId, step, ...what, at }
}

/** `otherwise` is what a touchpoint that cannot be sent now becomes: unknown where an earlier attempt may have got through. */
async function send(
  deps: DeliverDeps,
  attempt: Addressed,
  patience: Patience,
  otherwise: 'failed' | 'unknown',
): Promise<Delivered> {
  const outgoing = await composed(deps, attempt)
  // What an earlier attempt may have sent is not put off: its row must not end as failed.
  if (outgoing instanceof MessageError && (otherwise === 'unknown' || !isMissing(outgoing))) {
    return deliveryOf(await settle(deps, attempt, { status: otherwise, because: outgoing.message }))
  }
  const answer = isMissing(outgoing)
    ? ({ is: 'busy', because: outgoing.message } as const)
    : await handOver(deps, attempt, outgoing, patience)
  const row = await settle(deps, attempt, { ...fateOf(answer), provider: attempt.provider.name })
  if (answer.is !== 'busy' || row.status !== 'retrying') return deliveryOf(row)
  return isLate(row, deps.giveUpAfter) ? deliveryOf(await giveUp(deps, attempt, otherwise)) : answer
}

const isMissing = (outgoing: Outgoing | MessageError): outgoing is MessageMissing =>
  outgoing instanceof MessageMissing

async function handOver(
  deps: DeliverDeps,
  attempt: Addressed,
  outgoing: Outgoing,
  patience: Patience,
): Promise<Answer> {
  await keepJoining(deps, attempt, outgoing)
  const { answer, by } = await carry(attempt.carriers, outgoing, patience, deps.health)
  attempt.provider = by
  if (answer.is === 'accepted') await keepLeaving(deps, attempt, outgoing)
  if (answer.is !== 'refused' || answer.address !== 'dead') return answer
  await suppress(deps, attempt, outgoing, answer)
  // It has reached nobody, for certain; asked again, the rules find the next device.
  return hasOtherDevice(attempt, outgoing)
    ? { is: 'busy', because: `${answer.because}; the next device is tried`, retryAfterMs: 1 }
    : answer
}

const hasOtherDevice = ({ customer, provider }: Addressed, { address }: Outgoing): boolean =>
  customer?.devices?.some((device) => device.channel === provider.channel && device.address !== address) ??
  false

/** Whoever has this address next time will not be written to either. */
async function suppress(
  { store }: DeliverDeps,
  { provider }: Addressed,
  { address }: Outgoing,
  { because }: Extract<Answer, { is: 'refused' }>,
): Promise<void> {
  const key = suppressionKey(provider.channel, address)
  const found = { reason: 'hard-bounce', source: provider.name, because } as const
  if (key !== undefined) await insistently(() => store.suppressions.suppress(key, found))
}

const isLate = ({ recordedAt }: TouchpointRow, limit: Duration): boolean =>
  Date.now() - recordedAt > durationMs(limit)

/** Asked once more and still away: nobody wants this message any later. */
const giveUp = (
  deps: DeliverDeps,
  attempt: Addressed,
  status: 'failed' | 'unknown',
): Promise<TouchpointRow> =>
  settle(deps, attempt, { status, because: `the provider could not be reached for ${deps.giveUpAfter}` })

async function settle(
  { store, announce }: DeliverDeps,
  { id, recordedAt }: Addressed,
  fate: Fate,
): Promise<TouchpointRow> {
  const row = await insistently(() => store.touchpoints.settle(id, fate, recordedAt))
  if (row.status !== 'retrying') announce(row)
  return row
}

async function composed(deps: DeliverDeps, attempt: Addressed): Promise<Outgoing | MessageError> {
  try {
    return await outgoingOf(deps, attempt)
  } catch (error) {
    if (error instanceof MessageError) return error
    // Nothing was handed over: giving the row back keeps the lease from making it unknown.
    await settle(deps, attempt, { status: 'retrying', because: 'it could not be prepared' })
    throw error
  }
}

/** A channel nobody configured is ours to mend, and no reason to fail a customer. */
function configured(channels: Channels, { message }: TouchpointToDeliver): readonly Carrier[] | Busy {
  try {
    return channels.carriers(message.channel, message.account)
  } catch (error) {
    if (error instanceof ChannelUnavailable) return { is: 'busy', because: error.message }
    throw error
  }
}

function retryable({ because, retryAfterMs }: Busy): ApplicationFailure {
  const nextRetryDelay = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, LONGEST_DELAY_MS)
  return ApplicationFailure.create({ message: because, type: 'provider-busy', nextRetryDelay })
}
