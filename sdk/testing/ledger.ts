import {
  askingOf,
  askRules,
  longestWindowMs,
  obstacleTo,
  WANTED_FOR_MS,
  type Carrier,
  type ConsentWord,
  type ContactFacts,
  type Counted,
  type Judgment,
  type Limits,
  type Obstacle,
  type Rival,
  type Stop,
  type SuppressedBecause,
  type Verdict,
  type Wanted,
} from '../contact'
import type { Category } from '../definition'
import type { DecisionToMake, ProposedArm } from '../deciding'
import type { Device } from '../device'
import { touchpointId } from '../ids'
import type { Delivery, WithheldBecause } from '../outcome'
import type { Settled, TouchpointToDeliver } from '../touchpoint'

/** A touchpoint of a rehearsed customer, as the ledger would have it. Times are epoch ms. */
export interface Touchpoint {
  readonly id: string
  readonly enrollmentId: string
  readonly entry: number
  readonly journey: string
  readonly step: string
  readonly channel: string
  readonly message: string
  readonly category: Category
  readonly priority: number
  readonly status: 'proposed' | 'held' | 'sent' | 'withheld' | 'failed' | 'unknown'
  readonly because: string | null
  /** When it was asked for the last time. */
  readonly at: number
  readonly heldUntil: number | null
  readonly expiresAt: number | null
  /** Every rule's word on it. */
  readonly verdicts: readonly Verdict[]
}

/** What is to become of a touchpoint: what its provider does, or that it is withheld whatever the rules say. */
export type Fate =
  | { readonly is: 'sent' }
  | { readonly is: 'withheld'; readonly because: WithheldBecause }
  | { readonly is: 'failed' | 'unknown'; readonly because: string }

/** What the rules are told of the customer beside the ledger. */
export interface Known {
  readonly customerId: string
  readonly traits: Record<string, unknown>
  /** The one seen last first. */
  readonly devices: readonly Device[]
  readonly consents: readonly ConsentWord[]
  readonly suppressed: readonly SuppressedBecause[]
  readonly stops: readonly Stop[]
  readonly limits: Limits
  /** Of the customer, without this one. */
  otherEnrollments(enrollmentId: string): number
  fateOf(touchpoint: TouchpointToDeliver): Fate
  changed(touchpoint: Touchpoint): void
}

const deviceOn =
  (channel: Device['channel']): Carrier['address'] =>
  ({ devices = [] }) =>
    devices.find((device) => device.channel === channel)?.address

/** As the providers that ship have it. */
const carriers: Readonly<Record<string, Carrier>> = {
  email: { name: 'smtp', channel: 'email', address: ({ traits }) => textOf(traits.email) },
  sms: { name: 'twilio', channel: 'sms', address: ({ traits }) => textOf(traits.phone) },
  whatsapp: { name: 'twilio', channel: 'whatsapp', address: ({ traits }) => textOf(traits.phone) },
  voice: { name: 'agents', channel: 'voice', address: ({ traits }) => textOf(traits.phone) },
  push: { name: 'fcm', channel: 'push', address: deviceOn('push') },
  'web-push': { name: 'web-push', channel: 'web-push', address: deviceOn('web-push') },
  slack: {
    name: 'slack',
    channel: 'slack',
    address: ({ traits }, endpoint) => endpoint ?? textOf(traits.slackId),
  },
  inbox: { name: 'inbox', channel: 'inbox', address: ({ id }) => id },
  audience: {
    name: 'audience-webhook',
    channel: 'audience',
    address: ({ traits }, endpoint) =>
      endpoint?.endsWith('/remove') ? endpoint : (textOf(traits.email) ?? textOf(traits.phone)),
  },
  webhook: { name: 'standard-webhook', channel: 'webhook', address: (_, endpoint) => endpoint },
}

function carrierOf(channel: string): Carrier {
  const carrier = carriers[channel]
  if (!carrier) throw new Error(`The rehearsal knows no channel ${channel}`)
  return carrier
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() ? value : undefined

/** What went out, and what wants to: the real rules over facts in memory. */
export class Ledger {
  private readonly rows = new Map<string, Touchpoint>()

  constructor(private readonly known: Known) {}

  /** In order of their first asking. */
  all(): readonly Touchpoint[] {
    return [...this.rows.values()]
  }

  ask(touchpoint: TouchpointToDeliver): Settled | { readonly is: 'proposed'; readonly waitMs: number } {
    const { enrollmentId, entry, step, occurrence, message } = touchpoint
    const id = touchpointId(enrollmentId, entry, step, occurrence)
    const before = this.rows.get(id)
    if (before && before.status !== 'held' && before.status !== 'proposed') return deliveryOf(before)
    const fate = this.known.fateOf(touchpoint)
    const asking = askingOf(id, touchpoint, carrierOf(message.channel))
    const facts = this.factsFor(id, touchpoint, message.channel)
    const { judgment, priority } = askRules(asking, facts, before)
    const decided = fate.is === 'withheld' ? { ...fate, verdicts: judgment.verdicts } : judgment
    const row = rowOf(id, touchpoint, priority, decided, fate, before)
    this.keep(row)
    if (decided.is === 'proposed') return { is: 'proposed', waitMs: decided.waitMs }
    return decided.is === 'held'
      ? { is: 'held', because: decided.because, until: decided.until }
      : deliveryOf(row)
  }

  /** What would keep an arm's message from going out in time, if the journey sent it now. */
  obstacleTo({ sends }: ProposedArm, asked: DecisionToMake): Obstacle | undefined {
    if (!sends) return undefined
    const { enrollmentId, entry, step, occurrence } = asked
    const id = touchpointId(enrollmentId, entry, step, occurrence)
    const { channel } = sends.message
    return obstacleTo(
      askingOf(id, { ...asked, ...sends }, carrierOf(channel)),
      this.factsFor(id, asked, channel),
    )
  }

  /** One of a journey that is not part of this life. */
  keepFrom(elsewhere: Touchpoint): void {
    this.rows.set(elsewhere.id, elsewhere)
  }

  /** What has not gone out when an enrollment ends never will. */
  withdraw(enrollmentId: string, entry: number): void {
    for (const row of this.rows.values())
      if (row.enrollmentId === enrollmentId && row.entry === entry && isWaiting(row))
        this.keep({ ...row, status: 'withheld', because: 'withdrawn' })
  }

  private keep(row: Touchpoint): void {
    this.rows.set(row.id, row)
    this.known.changed(row)
  }

  private factsFor(
    id: string,
    { at, enrollmentId }: Pick<TouchpointToDeliver, 'at' | 'enrollmentId'>,
    channel: string,
  ): ContactFacts {
    const { customerId, traits, devices, consents, suppressed, stops, limits } = this.known
    const lookBack = longestWindowMs(limits)
    const others = [...this.rows.values()].filter((row) => row.id !== id)
    const since = (ms: number): Touchpoint[] => others.filter((row) => row.at > at - ms)
    return {
      customerId,
      customer: { id: customerId, traits, devices },
      consents,
      suppressedBecause: isOurOwn(channel) ? [] : suppressed,
      counted: lookBack > 0 ? since(lookBack).filter(went).sort(byTime) : [],
      rivals: others.filter(isWaiting).map((row) => rivalOf(row, enrollmentId)),
      wanted: lookBack > 0 ? since(WANTED_FOR_MS).filter(wasWanted).map(wantedOf) : [],
      otherEnrollments: this.known.otherEnrollments(enrollmentId),
      stops,
      limits,
    }
  }
}

const went = ({ status }: Touchpoint): boolean => status === 'sent' || status === 'unknown'
const isWaiting = ({ status }: Touchpoint): boolean => status === 'held' || status === 'proposed'
const byTime = (one: Counted, other: Counted): number => one.at - other.at

const lostToLimits = ['quiet-hours', 'frequency-cap', 'outbid']

const wasWanted = ({ category, status, because }: Touchpoint): boolean =>
  category === 'marketing' &&
  ((status !== 'withheld' && status !== 'failed') || lostToLimits.includes(because ?? ''))

const rivalOf = (row: Touchpoint, enrollmentId: string): Rival => ({
  ...(row as Touchpoint & Pick<Rival, 'status'>),
  otherEnrollment: row.enrollmentId === enrollmentId ? null : row.enrollmentId,
})

const wantedOf = (row: Touchpoint): Wanted => ({ ...row, went: went(row) })

function rowOf(
  id: string,
  { enrollmentId, entry, journey, step, message, category, at }: TouchpointToDeliver,
  priority: number,
  judgment: Judgment,
  fate: Fate,
  before: Touchpoint | undefined,
): Touchpoint {
  const { verdicts } = judgment
  const what = { channel: message.channel, message: message.template, category, priority, at, verdicts }
  const row = { id, enrollmentId, entry, journey, step, ...what, heldUntil: null }
  const expiresAt = before?.expiresAt ?? null
  switch (judgment.is) {
    case 'allowed':
      return { ...row, status: fate.is, because: 'because' in fate ? fate.because : null, expiresAt }
    case 'proposed':
      return { ...row, status: 'proposed', because: null, expiresAt }
    case 'withheld':
      return { ...row, status: 'withheld', because: judgment.because, expiresAt }
    case 'held': {
      const { because, until } = judgment
      return { ...row, status: 'held', because, heldUntil: until, expiresAt: judgment.expiresAt }
    }
  }
}

function deliveryOf({ id, status, because, at }: Touchpoint): Delivery {
  if (status === 'sent') return { is: 'sent', touchpoint: id, at: new Date(at).toISOString() }
  return { is: status as 'failed', touchpoint: id, because: because! }
}

/** Its addresses are no person's, and are never suppressed. */
const isOurOwn = (channel: string): boolean => channel === 'webhook' || channel === 'inbox'
