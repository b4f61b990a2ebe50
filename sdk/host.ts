import type {
  EndedEnrollment,
  EnrollmentInput,
  EnrollmentStatus,
  ProfileChange,
  TimelineEntry,
} from './enrollment'
import type { DecisionMade, DecisionToMake } from './deciding'
import type { EventFact } from './event'
import type { IncomingEvent } from './incoming'
import type { Labels } from './journey'
import type { Outcome } from './outcome'
import type { TaskEnd } from './task'
import type { Settled, TouchpointToDeliver } from './touchpoint'

/**
 * What an enrollment lives on: Temporal in production, a virtual clock in a rehearsal. The engine is the same on both.
 * None of its methods may take a tick more than what it stands for: a history is replayed in the order of its ticks.
 */
export interface Host {
  /** Of the enrollment. */
  readonly id: string
  readonly journey: string
  /** The host's clock, epoch ms. */
  now(): number
  /** Resolves once `met` says true; rejects when the scope it was called in is cancelled. */
  until(met: () => boolean): Promise<void>
  /** The same, and false when `ms` went by first. */
  within(
    met: () => boolean,
    ms: number,
    wait: { readonly verb: string; readonly step: string },
  ): Promise<boolean>
  scope(): Scope
  /** Runs what must come to its end whatever was cancelled. */
  uncancelled<Result>(run: () => Promise<Result>): Promise<Result>
  /** Delivers one touchpoint; `whenBusy` is called when that may take longer. */
  deliver(touchpoint: TouchpointToDeliver, whenBusy: () => void): Promise<Settled>
  /** Does one of the engine's own deeds, until it succeeds. */
  durably<Name extends keyof Deeds>(
    name: Name,
    summary: string,
    ...args: Parameters<Deeds[Name]>
  ): Promise<Awaited<ReturnType<Deeds[Name]>>>
  /** Calls an activity of the adopter. */
  call(activity: string, summary: string, input: unknown): Promise<unknown>
  /** Why an adopter's activity failed; undefined where the error is about something else. */
  whyFailed(error: unknown): string | undefined
  /** The arm of a split that falls on a number in [0, 1). */
  arm<Arm extends string>(step: string, shares: Readonly<Record<Arm, number>>, at: number): Arm
  /** Whether this run comes to a change of its code with the new one. */
  revision(id: string): boolean
  /** The old way of a revision is gone. */
  revised(id: string): void
  /** Shows operators what it is doing; asks for the words only where somebody may read them. */
  show(words: () => string): void
  /** Lets operators find it by the step where it waits. */
  showStep(step: string): void
  noted(entry: TimelineEntry): void
  /** Runs a step of the body, and gives what it gives: its outcome, or the very promise of it. */
  pass<Done>(step: string, run: () => Done): Done
  /** From now on the enrollment may be spoken to. */
  attach(enrollment: Attached, stages: readonly string[]): void
  /** Resolves once nobody is spoken to any more. */
  quiet(): Promise<void>
  /** Ends this run, and begins the next. */
  goOn(input: EnrollmentInput): Promise<never>
}

export interface Scope {
  run<Result>(run: () => Promise<Result>): Promise<Result>
  cancel(): void
}

/** Side effects of the engine's own. */
export interface Deeds {
  readProfile(customerId: string): Promise<Record<string, unknown>>
  writeTraits(customerId: string, traits: Record<string, unknown>, at: number): Promise<void>
  requestEnrollment(event: IncomingEvent): Promise<void>
  decide(asked: DecisionToMake): Promise<DecisionMade>
  /** Ends the task, unless an agent has; tells how it stands. */
  expireTask(task: string): Promise<TaskEnd>
  /** Nobody waits for these any more. */
  withdrawTasks(tasks: readonly string[]): Promise<void>
  endEnrollment(ended: EndedEnrollment): Promise<void>
}

/** A living enrollment, as its host speaks to it. */
export interface Attached {
  hear(event: EventFact): void
  learn(change: ProfileChange): void
  rulesChange(): void
  status(): EnrollmentStatus
  /** What its open waits listen for. */
  expects(): readonly Expecting[]
  /** What operators change of it; see workflows/enrollment/operations.ts. */
  paused: boolean
  readonly waits: { skip(step?: string): boolean; extend(ms: number, step?: string): boolean }
}

export interface Expecting {
  readonly step: string
  readonly labels: Labels
}

/** A journey that can be lived on any host. */
export type Lived = (host: Host, input: EnrollmentInput) => Promise<Outcome>
