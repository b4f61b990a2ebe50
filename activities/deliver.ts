import { ApplicationFailure } from '@temporalio/activity'
import {
  ChannelUnavailable,
  type Answer,
  type Channels,
  type Outgoing,
  type Patience,
  type Provider,
} from '../channels'
import { touchpointId, type Delivery, type Message } from '../sdk'
import { durationMs, type Duration } from '../sdk/time/duration'
import type { CustomerRow, Fate, Reservation, Store, TouchpointRequest, TouchpointRow } from '../store/store'
import { refOf } from '../store'
import { judgment } from './contact/rules'
import { MessageError, MessageMissing, type Messages } from './messages'
import { deliveryOf, fateOf, insistently } from './settling'

/** One attempt to reach a customer, as a journey asks for it. `at` is the enrollment's time in epoch ms. */
export interface TouchpointToDeliver {
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly step: string
  /** 1 for the first time the enrollment comes to this step. */
  readonly occurrence: number
  readonly category: 'marketing' | 'transactional'
  readonly message: Message
  /** The properties of the enrolling event. */
  readonly trigger: Readonly<Record<string, unknown>>
  readonly at: number
}

/** Busy, only in answer to an inline attempt: nothing is decided yet; ask again, patiently. */
export type Delivered = Delivery | Busy

interface Busy {
  readonly is: 'busy'
  readonly because: string
  readonly retryAfterMs?: number
}

export interface DeliverDeps {
  readonly store: Store
  readonly channels: Channels
  readonly messages: Messages
  readonly links: { unsubscribe(ref: string): string }
  /** Told of every touchpoint whose fate is known. */
  readonly announce: (row: TouchpointRow) => void
  /** How long after its first attempt a touchpoint whose provider stays busy is given up; wall clock. */
  readonly giveUpAfter: Duration
}

/** Longer than any attempt: an activity may take 2 minutes, a provider 90 s of them. */
export const LEASE_MS = 150_000
const LONGEST_DELAY_MS = 3_600_000

interface Attempt {
  readonly id: string
  readonly touchpoint: TouchpointToDeliver
  readonly provider: Provider
  /** As the reserving transaction saw the customer; an interrupted attempt is reserved without asking the rules again. */
  customer?: CustomerRow
}

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
  const provider = configured(deps.channels, touchpoint.message.channel)
  if ('is' in provider) return provider
  const attempt = attemptAt(touchpoint, provider)
  const reservation = await reserve(deps, attempt)
  switch (reservation.is) {
    case 'settled':
      return deliveryOf(reservation.touchpoint)
    case 'busy':
      return { is: 'busy', because: 'another attempt is under way', retryAfterMs: reservation.retryMs }
    case 'reserved':
      return send(deps, attempt, patience, 'failed')
    case 'interrupted':
      if (provider.idempotent) return send(deps, attempt, patience, 'unknown')
      return deliveryOf(
        await settle(deps, attempt.id, { status: 'unknown', because: 'interrupted while sending' }),
      )
  }
}

function attemptAt(touchpoint: TouchpointToDeliver, provider: Provider): Attempt {
  const { enrollmentId, entry, step, occurrence } = touchpoint
  return { id: touchpointId(enrollmentId, entry, step, occurrence), touchpoint, provider }
}

async function reserve({ store, announce }: DeliverDeps, attempt: Attempt): Promise<Reservation> {
  const { channel, endpoint } = attempt.touchpoint.message
  let withheldNow = false
  const reservation = await store.touchpoints.reserve(requestOf(attempt), LEASE_MS, (facts) => {
    attempt.customer = facts.customer
    const address = facts.customer && attempt.provider.address(facts.customer, endpoint)
    const judged = judgment({ ...facts, channel, category: attempt.touchpoint.category, address })
    withheldNow = !judged.allows
    return judged
  })
  if (reservation.is === 'settled' && withheldNow) announce(reservation.touchpoint)
  return reservation
}

function requestOf({ id, touchpoint, provider }: Attempt): TouchpointRequest {
  const { enrollmentId, entry, journey, customerId, step, category, message, at } = touchpoint
  const { channel, template } = message
  const what = { channel, message: template, category, provider: provider.name }
  return { id, enrollmentId, entry, journey, customerId, step, ...what, at }
}

/** `otherwise` is what a touchpoint that cannot be sent now becomes: unknown where an earlier attempt may have got through. */
async function send(
  deps: DeliverDeps,
  attempt: Attempt,
  patience: Patience,
  otherwise: 'failed' | 'unknown',
): Promise<Delivered> {
  const outgoing = await composed(deps, attempt)
  // What an earlier attempt may have sent is not put off: its row must not end as failed.
  if (outgoing instanceof MessageError && (otherwise === 'unknown' || !isMissing(outgoing))) {
    return deliveryOf(await settle(deps, attempt.id, { status: otherwise, because: outgoing.message }))
  }
  const answer = isMissing(outgoing)
    ? ({ is: 'busy', because: outgoing.message } as const)
    : await asked(() => attempt.provider.send(outgoing, patience))
  const row = await settle(deps, attempt.id, fateOf(answer))
  if (answer.is !== 'busy' || row.status !== 'retrying') return deliveryOf(row)
  return isLate(row, deps.giveUpAfter) ? deliveryOf(await giveUp(deps, row, otherwise)) : answer
}

const isMissing = (outgoing: Outgoing | MessageError): outgoing is MessageMissing =>
  outgoing instanceof MessageMissing

const isLate = ({ recordedAt }: TouchpointRow, limit: Duration): boolean =>
  Date.now() - recordedAt > durationMs(limit)

/** Asked once more and still away: nobody wants this message any later. */
const giveUp = (
  deps: DeliverDeps,
  { id }: TouchpointRow,
  status: 'failed' | 'unknown',
): Promise<TouchpointRow> =>
  settle(deps, id, { status, because: `the provider could not be reached for ${deps.giveUpAfter}` })

async function settle({ store, announce }: DeliverDeps, id: string, fate: Fate): Promise<TouchpointRow> {
  const row = await insistently(() => store.touchpoints.settle(id, fate))
  if (row.status !== 'retrying') announce(row)
  return row
}

async function composed(deps: DeliverDeps, attempt: Attempt): Promise<Outgoing | MessageError> {
  try {
    return await outgoingOf(deps, attempt)
  } catch (error) {
    if (error instanceof MessageError) return error
    // Nothing was handed over: giving the row back keeps the lease from making it unknown.
    await settle(deps, attempt.id, { status: 'retrying', because: 'it could not be prepared' })
    throw error
  }
}

async function outgoingOf({ store, links, messages }: DeliverDeps, attempt: Attempt): Promise<Outgoing> {
  const { id, touchpoint, provider } = attempt
  const { category, message } = touchpoint
  const customer = attempt.customer ?? (await store.customers.get(touchpoint.customerId))
  const address = customer && provider.address(customer, message.endpoint)
  if (!customer || !address) throw new MessageError('the customer or the address is gone')
  const ref = refOf(id)
  const unsubscribeUrl = links.unsubscribe(ref)
  const scope = scopeOf(touchpoint, customer, unsubscribeUrl)
  const content = messages.render(message.channel, message.template, scope)
  return { touchpointId: id, ref, address, content, category, unsubscribeUrl }
}

const scopeOf = (
  { message, trigger, journey }: TouchpointToDeliver,
  { id, traits }: CustomerRow,
  unsubscribe: string,
) => ({
  customer: { ...traits, id },
  trigger,
  data: message.data ?? {},
  links: { unsubscribe },
  journey,
})

// Providers do not throw; one that does all the same may have sent.
async function asked(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send()
  } catch (error) {
    return { is: 'unknown', because: `the provider broke (${(error as Error).name})` }
  }
}

/** A channel nobody configured is ours to mend, and no reason to fail a customer. */
function configured(channels: Channels, channel: string): Provider | Busy {
  try {
    return channels.provider(channel)
  } catch (error) {
    if (error instanceof ChannelUnavailable) return { is: 'busy', because: error.message }
    throw error
  }
}

function retryable({ because, retryAfterMs }: Busy): ApplicationFailure {
  const nextRetryDelay = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, LONGEST_DELAY_MS)
  return ApplicationFailure.create({ message: because, type: 'provider-busy', nextRetryDelay })
}
