import type { EnrollmentInput } from '../../sdk/enrollment'
import type { Lived } from '../../sdk/host'
import type { Definition } from '../../sdk/definition'
import type { AnyEvent, FactOf } from '../../sdk/event'
import type { Journey } from '../../sdk/journey'
import type { Ending, Outcome } from '../../sdk/outcome'
import { live, type Stage, type Stages } from './lifecycle'
import type { OurNouns } from './nouns'
import { temporal } from './temporal'

/** A Temporal workflow that lives one enrollment; its export name is the journey's name. */
export interface JourneyWorkflow {
  (input: EnrollmentInput): Promise<Outcome>
  readonly definition: Definition
  /** In order; the first is where it begins. A journey of one piece has the stage `body`. */
  readonly stages: Stages
  /** The same life on another host than Temporal: see sdk/testing. */
  readonly on: Lived
}

type Body<Entry extends AnyEvent> = (journey: Journey<FactOf<Entry>, OurNouns>) => Promise<Ending | void>
type StageBody<Entry extends AnyEvent, Name extends string> = (
  journey: Journey<FactOf<Entry>, OurNouns>,
) => Promise<Name | Ending | void>

/** A journey of one piece. */
export function defineJourney<Entry extends AnyEvent>(
  definition: Definition<Entry, OurNouns['topics']>,
  body: Body<Entry>,
): JourneyWorkflow
/** A journey in stages: each returns the name of the next, or an ending. At each boundary the newest code is picked up. */
export function defineJourney<Entry extends AnyEvent, Name extends string>(
  definition: Definition<Entry, OurNouns['topics']>,
  stages: { readonly [Each in Name]: StageBody<Entry, NoInfer<Name>> },
): JourneyWorkflow
export function defineJourney(definition: Definition, given: unknown): JourneyWorkflow {
  const stages = typeof given === 'function' ? { body: given as Stage } : (given as Stages)
  const on: Lived = (host, input) => live(host, definition, stages, input)
  const journey = (input: EnrollmentInput): Promise<Outcome> => on(temporal(), input)
  return Object.assign(journey, { definition, stages, on })
}
