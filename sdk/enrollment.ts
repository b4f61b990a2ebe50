import type { EventFact } from './event'
import type { IncomingEvent } from './incoming'
import type { Outcome } from './outcome'

// What an enrollment is started with, tells of itself, and leaves.

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

/** What survives continue-as-new. Bounded. */
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

export interface TimelineEntry {
  /** ISO 8601, the enrollment's time. */
  readonly at: string
  readonly what:
    'entered' | 'stage' | 'touchpoint' | 'heard' | 'timeout' | 'woke' | 'step' | 'operation' | 'ended'
  readonly step?: string
  readonly words: string
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

/** Why a question fails that came before the task for what has happened since; ask again. */
export const askedTooSoon = 'Asked before its next task has begun: ask again.'

export interface WaitView {
  readonly step: string
  readonly verb: string
  readonly since: string
  /** When it ends by itself. */
  readonly until: string | null
}

export interface EndedEnrollment {
  readonly id: string
  readonly entry: number
  readonly journey: string
  readonly customerId: string
  readonly key?: string
  readonly outcome: Outcome
  /** The enrollment's time. */
  readonly endedAt: number
  readonly handover?: IncomingEvent
}
