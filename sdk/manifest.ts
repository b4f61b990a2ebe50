import type { Category, Reentry } from './definition'
import type { JourneyGraph } from './graph'
import type { Duration } from './time/duration'

/** An event a journey can use, as plain data. */
export interface EventUse {
  readonly name: string
  readonly conditions: Record<string, unknown>
}

export interface StepOutline {
  readonly id: string
  readonly verb: string
  readonly stage?: string
  /** For sends: the message, or all those that the source chooses from. */
  readonly messages?: readonly SentMessage[]
  /** For decisions: the arms, and what it falls back on. */
  readonly arms?: readonly string[]
}

export interface SentMessage {
  readonly channel: string
  readonly template: string
  readonly endpoint?: string
  readonly topic?: string
  readonly account?: string
}

/** What one build knows of a journey without running it. */
export interface JourneyOutline {
  readonly name: string
  readonly description: string
  readonly enrollOn: readonly EventUse[]
  readonly key?: string
  readonly reentry: Reentry
  readonly goal?: { readonly on: readonly EventUse[]; readonly within?: Duration }
  readonly exitOn: readonly EventUse[]
  readonly holdout: number
  readonly category: Category
  readonly topic?: string
  readonly priority: number
  /** By channel; messages of its steps name theirs already. */
  readonly accounts?: Readonly<Record<string, string>>
  readonly timeZone?: string
  readonly stages: readonly string[]
  readonly steps: readonly StepOutline[]
  /** Names of all events that may be signalled to an enrollment: goal, exits and whatever its steps listen for. */
  readonly listensTo: readonly string[]
  /** Those of them that count whatever key they carry. */
  readonly listensToAnyKey: readonly string[]
  /** Traits whose change is signalled to an enrollment (dates it sleeps until). The time zone always is. */
  readonly watchesTraits: readonly string[]
  /** The step where every new enrollment waits first, when the source leaves no doubt. */
  readonly firstWait?: string
  /** Builds of before there were graphs have none. */
  readonly graph?: JourneyGraph
}

/** The build's manifest: which events each journey can use. Stored with the build; enrollments keep the build they began on. */
export interface Manifest {
  readonly build: string
  readonly journeys: Readonly<Record<string, JourneyOutline>>
}
