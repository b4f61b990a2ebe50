import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { EventFact, Outcome } from '../../sdk'
import type { Duration } from '../../sdk/time/duration'

// What may be said to an enrollment and asked of it, by our API and by any service with a Temporal client.

/** Tells the enrollment what its customer did. The same messageId counts once. */
export const eventSignal = defineSignal<[EventFact]>('event')

/** Tells the enrollment that the customer's profile changed: the new time zone, and traits it sleeps by. */
export const profileChangedSignal = defineSignal<[ProfileChange]>('profileChanged')

/** Tells the enrollment to ask again for what the contact rules hold: they changed. */
export const contactRulesChangedSignal = defineSignal('contactRulesChanged')

export const pauseUpdate = defineUpdate<EnrollmentStatus, [Order]>('pause')
export const resumeUpdate = defineUpdate<EnrollmentStatus, [Order & { spreadMs?: number }]>('resume')
/** Ends the current wait now, as if its time had come. */
export const skipUpdate = defineUpdate<EnrollmentStatus, [Order & { step?: string }]>('skip')
/** Ends the enrollment. */
export const exitUpdate = defineUpdate<EnrollmentStatus, [Order]>('exit')
/** Moves the current wait's deadline by a duration such as `2 days`. */
export const extendUpdate = defineUpdate<EnrollmentStatus, [Order & { step?: string; duration: Duration }]>(
  'extend',
)
/** Leaves the current stage and begins another. */
export const moveUpdate = defineUpdate<EnrollmentStatus, [Order & { stage: string }]>('move')

export const statusQuery = defineQuery<EnrollmentStatus>('status')
export const timelineQuery = defineQuery<TimelineEntry[]>('timeline')

export const journeyAttribute = defineSearchAttributeKey('SojournJourney', SearchAttributeType.KEYWORD)
export const stepAttribute = defineSearchAttributeKey('SojournStep', SearchAttributeType.KEYWORD)
export const statusAttribute = defineSearchAttributeKey('SojournStatus', SearchAttributeType.KEYWORD)
export const customerAttribute = defineSearchAttributeKey('SojournCustomer', SearchAttributeType.KEYWORD)

/** Every operator's command says who gives it. */
export interface Order {
  readonly by: string
  readonly reason?: string
}

export interface ProfileChange {
  /** Null: the profile tells none any more. */
  readonly timeZone?: string | null
  readonly traits: Record<string, unknown>
}

export interface EnrollmentStatus {
  readonly id: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly key: string | null
  readonly status: 'running' | 'paused' | 'ended'
  readonly stage: string | null
  /** The step it waits at, or was at last. */
  readonly step: string | null
  readonly waits: readonly WaitView[]
  readonly heldOut: boolean
  /** ISO 8601, the enrollment's time. */
  readonly startedAt: string
  /** How far the customer's clock was ahead of the wall clock at the start, ms. */
  readonly startedAheadMs: number
  /** When it last did something; a question alone does not move a workflow's clock. */
  readonly asOf: string
  readonly outcome: Outcome | null
}

export interface WaitView {
  readonly step: string
  readonly verb: string
  readonly since: string
  /** When it ends by itself. */
  readonly until: string | null
}

export interface TimelineEntry {
  /** ISO 8601, the enrollment's time. */
  readonly at: string
  readonly what:
    'entered' | 'stage' | 'touchpoint' | 'heard' | 'timeout' | 'woke' | 'step' | 'operation' | 'ended'
  readonly step?: string
  readonly words: string
}

/** What an enrollment is started with; `carried` comes from the run before. */
export interface EnrollmentInput {
  readonly customerId: string
  readonly key?: string
  /** 1 for the first time under this workflow id. */
  readonly entry: number
  readonly trigger: EventFact
  /** The customer's zone, if the profile tells it (`ownZone`). */
  readonly timeZone?: string
  /** Deployment default. */
  readonly defaultTimeZone: string
  /** How far the customer's clock was ahead of the wall clock at the start, ms. */
  readonly clockOffsetMs: number
  /** Whether the customer is kept out, decided at the start; left out by builds that decided in every run. */
  readonly heldOut?: boolean
  readonly carried?: Carried
}

/** What survives continue-as-new. Bounded: see limits in state.ts. */
export interface Carried {
  readonly stage: string
  readonly startedAt: number
  readonly timeZone?: string | null
  readonly paused: boolean
  readonly spreadUntil: number
  readonly cursor: number
  readonly inbox: readonly HeardEvent[]
  readonly sequence: number
  readonly seen: readonly string[]
  readonly updates: readonly string[]
  readonly occurrences: Readonly<Record<string, number>>
  readonly timeline: readonly TimelineEntry[]
}

export interface HeardEvent {
  readonly sequence: number
  readonly event: EventFact
}
