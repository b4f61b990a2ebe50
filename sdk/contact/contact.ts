import type { Category } from '../definition'
import type { Device } from '../device'
import type { WithheldBecause } from '../outcome'
import type { Limits, Stop } from './limits'

/** A touchpoint that wants to go out, as the rules see it. Times are epoch ms by the customer's clock. */
export interface Proposal {
  readonly id: string
  readonly journey: string
  readonly step: string
  readonly channel: string
  readonly provider: string
  readonly category: Category
  readonly topic: string | null
  /** Propensity x context x value x lever; see arbitration. */
  readonly priority: number
  readonly at: number
  /** From then on it isn't worth sending; null until it is held for the first time. */
  readonly expiresAt: number | null
  /** What held it the last time. */
  readonly heldBecause: HeldBecause | null
  /** Whether it has waited for its competitors. */
  readonly proposed: boolean
  /** How long it is worth sending once held, ms; null: as the limits say. */
  readonly worthMs: number | null
}

/** A word of the customer: the newest on this channel and purpose (a category or a topic). */
export interface ConsentWord {
  readonly channel: string
  readonly purpose: string
  readonly state: 'granted' | 'withdrawn'
  readonly occurredAt: number
}

/** The ways customers are reached on, by which they may say yes or no. */
export const contactChannels = [
  'email',
  'sms',
  'push',
  'web-push',
  'whatsapp',
  'voice',
  'slack',
  'inbox',
  'audience',
  'webhook',
] as const

/**
 * What a yes rests on. consent: the customer said so. double-opt-in: and whoever reads the address confirmed it. soft-opt-in: a
 * buyer who was told and did not object (ePrivacy directive, article 13(2)). contract and legitimate-interest: GDPR, article
 * 6(1)(b) and (f).
 */
export const consentBases = [
  'consent',
  'double-opt-in',
  'soft-opt-in',
  'contract',
  'legitimate-interest',
] as const
export type ConsentBasis = (typeof consentBases)[number]

/** hard-bounce: there is no such mailbox. complaint: its owner called us a spammer. legal: a court, a law. manual: our choice. */
export const suppressionReasons = ['hard-bounce', 'complaint', 'legal', 'manual'] as const
export type SuppressedBecause = (typeof suppressionReasons)[number]

/** A touchpoint that went out, or may have. */
export interface Counted {
  readonly at: number
  readonly channel: string
  readonly category: Category
  readonly journey: string
}

/** A marketing touchpoint that some journey wanted for the customer lately, whatever became of it. */
export interface Wanted extends Counted {
  readonly priority: number
  /** It went out, or may have. */
  readonly went: boolean
}

/** Another touchpoint of the customer that has not gone out yet. */
export interface Rival {
  readonly id: string
  readonly journey: string
  readonly channel: string
  readonly category: Category
  readonly priority: number
  readonly status: 'proposed' | 'held'
  /** When it was proposed, by the customer's clock. */
  readonly at: number
  readonly heldUntil: number | null
  readonly expiresAt: number | null
  /** Whose it is; null: of the enrollment that is decided for. */
  readonly otherEnrollment: string | null
}

/** What the store knows of a customer at one moment; nothing of it changes before the decision is written. */
export interface ContactFacts {
  readonly customerId: string
  readonly customer:
    | {
        readonly id: string
        readonly traits: Record<string, unknown>
        /** Those that can be reached, the one seen last first. */
        readonly devices?: readonly Device[]
      }
    | undefined
  readonly consents: readonly ConsentWord[]
  /** Of the address, once it is known. */
  readonly suppressedBecause: readonly SuppressedBecause[]
  /** All that went out within the longest window, oldest first. */
  readonly counted: readonly Counted[]
  readonly rivals: readonly Rival[]
  /** Of the last WANTED_FOR_MS, without the one that is decided on; none is read where no cap counts. */
  readonly wanted: readonly Wanted[]
  /** Other enrollments of the customer that have not ended. */
  readonly otherEnrollments: number
  readonly stops: readonly Stop[]
  readonly limits: Limits
}

/** What the rules decide on. */
export interface Contact extends ContactFacts {
  readonly proposal: Proposal
  /** Whether the channel has an address of the customer. */
  readonly reachable: boolean
  /** The zone of the customer's clock, and where it was taken from. */
  readonly zone: { readonly name: string; readonly source: string }
  /** ISO 3166-1, where it is known. */
  readonly country: string | undefined
}

/** One rule's word, with the figures it used in `because`; nothing personal. */
export type Ruling =
  | { readonly is: 'allows'; readonly because: string }
  | { readonly is: 'withholds'; readonly reason: WithheldBecause; readonly because: string }
  | {
      readonly is: 'holds'
      readonly reason: HeldBecause
      /** Ask again then; Infinity: when something changes. */
      readonly until: number
      readonly because: string
    }

export type HeldBecause = Extract<WithheldBecause, 'quiet-hours' | 'frequency-cap' | 'outbid' | 'stopped'>

export interface Rule {
  readonly name: string
  rule(contact: Contact): Ruling
}

export const allows = (because: string): Ruling => ({ is: 'allows', because })
export const withholds = (reason: WithheldBecause, because: string): Ruling => ({
  is: 'withholds',
  reason,
  because,
})
export const holds = (reason: HeldBecause, until: number, because: string): Ruling => ({
  is: 'holds',
  reason,
  until,
  because,
})

/** What one rule said of a touchpoint, as it is kept. */
export interface Verdict {
  readonly rule: string
  readonly allows: boolean
  /** With the figures it used. */
  readonly because: string
  /** Holding it: until when, by the customer's clock. */
  readonly until?: number
}

/** What becomes of the proposal. */
export type Judgment =
  | { readonly is: 'allowed'; readonly verdicts: readonly Verdict[] }
  | { readonly is: 'withheld'; readonly because: WithheldBecause; readonly verdicts: readonly Verdict[] }
  | {
      readonly is: 'held'
      readonly because: HeldBecause
      readonly until: number
      readonly expiresAt: number | null
      readonly verdicts: readonly Verdict[]
    }
  /** It may go, but others may want its place: ask again after `waitMs` of the wall clock. */
  | { readonly is: 'proposed'; readonly waitMs: number; readonly verdicts: readonly Verdict[] }
