import { CancelledFailure } from '@temporalio/common'
import { fraction } from '../../sdk/hash'
import { type Definition, isKeptOut, listOf } from '../../sdk/definition'
import type { EventFact } from '../../sdk/event'
import type { IncomingHandover } from './handover'
import type { Outcome } from '../../sdk/outcome'
import { addExact } from '../../sdk/time/duration'
import { Bounded } from './bounded'
import { Inbox, type KeyOf, matchesAny } from './inbox'
import type {
  Carried,
  EnrollmentInput,
  EnrollmentStatus,
  ProfileChange,
  TimelineEntry,
} from '../../sdk/enrollment'
import type { Attached, Expecting, Host, Scope } from '../../sdk/host'
import { Waits } from './waits'

const TIMELINE_KEPT = 50
const UPDATES_KEPT = 50

/** Where an enrollment goes once its stage is over. */
export type Next =
  | { readonly to: 'stage'; readonly stage: string }
  | { readonly to: 'end'; readonly outcome: Outcome; readonly handover?: IncomingHandover }

/** One customer in one journey: what it remembers, and the scope that its goal or an exit cancels. */
export class Enrollment implements Attached {
  readonly id: string
  readonly journey: string
  readonly inbox: Inbox
  readonly waits = new Waits(this)
  readonly scope: Scope
  readonly timeline: Bounded<TimelineEntry>
  readonly updates: Bounded<string>
  readonly occurrences: Record<string, number>
  readonly traits: Record<string, unknown> = {}
  readonly startedAt: number
  readonly heldOut: boolean
  /** Steps whose provider is busy, so that their send is being retried. */
  readonly sending = new Set<string>()
  /** Which way it went at revisions, by their ids. */
  readonly revisions = new Map<string, boolean>()
  /** Touchpoint ids of the tasks it waits for. */
  readonly tasks = new Set<string>()
  /** How often it was told that the contact rules changed. */
  rulesChanged = 0
  stage: string
  step: string | null = null
  paused: boolean
  spreadUntil: number
  cursor: number
  next: Next | undefined
  private timeZone: string | null | undefined

  constructor(
    readonly host: Host,
    readonly input: EnrollmentInput,
    readonly definition: Definition,
    firstStage: string,
  ) {
    this.id = host.id
    this.journey = host.journey
    this.scope = host.scope()
    const carried: Partial<Carried> = input.carried ?? {}
    this.inbox = new Inbox(input.carried)
    this.timeline = new Bounded(TIMELINE_KEPT, carried.timeline)
    this.updates = new Bounded(UPDATES_KEPT, carried.updates)
    this.occurrences = { ...carried.occurrences }
    this.startedAt = carried.startedAt ?? this.now()
    this.stage = carried.stage ?? firstStage
    this.paused = carried.paused ?? false
    this.spreadUntil = carried.spreadUntil ?? 0
    this.cursor = carried.cursor ?? 0
    this.timeZone = input.carried ? carried.timeZone : input.timeZone
    this.heldOut = input.heldOut ?? isKeptOut(this.journey, input.customerId, definition.holdout ?? 0)
  }

  /** The enrollment's time, ms: the host's clock, ahead by what the customer's clock had been moved before it started. */
  now(): number {
    return this.host.now() + this.input.clockOffsetMs
  }

  zone(): string {
    return this.timeZone ?? this.definition.timeZone ?? this.input.defaultTimeZone
  }

  /** A stable number in [0, 1) for this customer in this journey. */
  share(purpose = 'spread'): number {
    return fraction(purpose, this.journey, this.input.customerId)
  }

  /** How often a step has run, counting this time. */
  occurrence(step: string): number {
    return (this.occurrences[step] = (this.occurrences[step] ?? 0) + 1)
  }

  /** The step as it is come to now, by which its touchpoint or decision is known. Counts it. */
  comesTo(step: string) {
    const { entry, customerId } = this.input
    const occurrence = this.occurrence(step)
    return { enrollmentId: this.id, entry, journey: this.journey, customerId, step, occurrence }
  }

  note(what: TimelineEntry['what'], words: string, step?: string): void {
    const entry = { at: this.iso(this.now()), what, step, words }
    this.timeline.add(entry)
    this.host.noted(entry)
  }

  keyOf(): KeyOf | undefined {
    const { key } = this.definition
    return key === undefined ? undefined : { property: key, value: this.input.key }
  }

  /** Takes an event in; the goal and exits take effect at once, whatever the journey is doing. */
  hear(event: EventFact): void {
    if (!this.inbox.accept(event)) return
    const outcome = this.outcomeOf(event)
    if (outcome) this.leave({ to: 'end', outcome })
  }

  learn(change: ProfileChange): void {
    if (change.timeZone !== undefined) this.timeZone = change.timeZone
    Object.assign(this.traits, change.traits)
  }

  rulesChange(): void {
    this.rulesChanged += 1
  }

  expects(): readonly Expecting[] {
    return this.waits.expects()
  }

  /** Ends the stage: everything waiting in it is cancelled. The first word stays. */
  leave(next: Next): void {
    if (this.next) return
    this.next = next
    this.scope.cancel()
  }

  throwIfLeft(): void {
    if (this.next) throw new CancelledFailure('the enrollment has left this stage')
  }

  resumed(): Promise<void> {
    return this.host.until(() => !this.paused)
  }

  outcome(): Outcome | null {
    return this.next?.to === 'end' ? this.next.outcome : null
  }

  status(): EnrollmentStatus {
    return {
      id: this.id,
      entry: this.input.entry,
      journey: this.journey,
      customerId: this.input.customerId,
      key: this.input.key ?? null,
      status: this.outcome() ? 'ended' : this.paused ? 'paused' : 'running',
      stage: this.stage,
      step: this.step,
      waits: this.outcome() ? [] : this.waits.views(),
      heldOut: this.heldOut,
      startedAt: this.iso(this.startedAt),
      startedAheadMs: this.input.clockOffsetMs,
      asOf: this.iso(this.now()),
      outcome: this.outcome(),
    }
  }

  carry(stage: string): EnrollmentInput {
    const carried: Carried = {
      stage,
      startedAt: this.startedAt,
      timeZone: this.timeZone,
      paused: this.paused,
      spreadUntil: this.spreadUntil,
      cursor: this.cursor,
      occurrences: this.occurrences,
      updates: this.updates.all(),
      timeline: this.timeline.all(),
      ...this.inbox.carry(),
    }
    return { ...this.input, heldOut: this.heldOut, carried }
  }

  iso(at: number): string {
    return new Date(at).toISOString()
  }

  private outcomeOf(event: EventFact): Outcome | undefined {
    const { goal, exitOn } = this.definition
    if (goal && matchesAny(goal.on, event, this.keyOf())) return this.goalReached(event.name)
    if (matchesAny(listOf(exitOn), event, this.keyOf()))
      return this.ended({ is: 'exited', because: event.name })
    return undefined
  }

  private goalReached(event: string): Outcome {
    const within = this.definition.goal?.within
    const inTime = within === undefined || this.now() <= addExact(this.startedAt, within)
    if (this.heldOut) return { is: 'held out', converted: inTime }
    return inTime ? { is: 'converted', event } : { is: 'exited', because: `${event} after the goal's time` }
  }

  private ended(outcome: Outcome): Outcome {
    return this.heldOut ? { is: 'held out', converted: false } : outcome
  }
}
