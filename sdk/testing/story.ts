import type { ConsentWord, SuppressedBecause } from '../contact'
import type { EventRef } from '../event'
import type { Nouns } from '../journey'
import type { WithheldBecause } from '../outcome'
import { addExact, type Duration } from '../time/duration'
import { parseDate } from '../time/instant'
import * as checks from './checks'
import type { Check, ExpectedOutcome, ExpectedTouchpoint } from './checks'
import { playedOn, Rehearsed, type Act, type Scene } from './playing'
import type { Rehearsable } from './life'
import type { SeenTask, Stage } from './stage'

/** A time in a story: so long after it began, or an ISO 8601 date or instant; without a zone by the customer's clock. */
export type When =
  `+${Duration}` | `${number}-${number}-${number}` | `${number}-${number}-${number}T${string}`

type Properties<Ref> = Ref extends EventRef<string, infer Payload> ? Payload : never
type Given<Payload> = Record<string, never> extends Payload ? [properties?: Payload] : [properties: Payload]

/** What a story needs to know of its journeys. */
export interface Company {
  readonly journey: string
  nameOf(journey: Rehearsable): string
  begin(): Stage
}

/**
 * What a customer does, and what is expected of the journey, in order. Nothing is played before it is awaited; each method gives
 * a new story, so a beginning may be told once and go on in several ways. A story that names a touchpoint of a journey names all
 * of them up to its end, in order.
 */
export class Story<N extends Nouns = Nouns> implements PromiseLike<Rehearsed> {
  constructor(
    private readonly company: Company,
    private readonly acts: readonly Act[] = [],
    private readonly journey = company.journey,
  ) {}

  /** The customer does something. */
  event<Ref extends EventRef<any, any>>(event: Ref, ...[properties]: Given<Properties<Ref>>): this {
    return this.with(({ stage }) => stage.track(event.name, { ...(properties as object | undefined) }))
  }

  /** Enrolls the customer as the API does, for journeys that no event enrolls into. */
  enroll(asked: { readonly key?: string; readonly properties?: Record<string, unknown> } = {}): this {
    const { journey } = this
    return this.with(({ stage }) => stage.enroll(journey, asked.key, asked.properties ?? {}))
  }

  /** The customer's profile changes. */
  identify(traits: Partial<N['traits']>): this {
    return this.with(({ stage }) => stage.identify(traits as Record<string, unknown>))
  }

  /** An agent closes the open task of a step of this story's journey. */
  taskDone(step: string, outcome: string, data: Record<string, unknown> = {}): this {
    const { journey } = this
    return this.with(({ stage }) => stage.completeTask(journey, step, outcome, data))
  }

  /** The customer says yes or no to being contacted, for a topic or all marketing. */
  consent(state: ConsentWord['state'], about: { channel: string; purpose: N['topics'] | 'marketing' }): this {
    return this.with(({ stage }) => stage.say({ ...about, state }))
  }

  /** The email address is not to be used any more. */
  suppress(because: SuppressedBecause): this {
    return this.with(({ stage }) => stage.suppress(because))
  }

  /** Time goes on until then. */
  at(when: When): this {
    return this.with(async (scene) => scene.stage.moveTo(instantOf(when, scene)))
  }

  /** Time goes on for so long; a day is 24 hours. */
  after(duration: Duration): this {
    return this.with(({ stage }) => stage.moveTo(addExact(stage.now, duration)))
  }

  /** Time goes on until nothing happens by itself any more. */
  untilEnd(): this {
    return this.with(async ({ stage }) => {
      for (let wakes = 1; await stage.moveOn(); wakes++)
        if (wakes >= MOST_WAKES)
          throw new Error(`It does not end by itself: it woke ${MOST_WAKES} times, and waits again`)
    })
  }

  /** From here on the story is about this journey: one that it continued as, or one beside it. */
  in(journey: Rehearsable): this {
    return new Story<N>(this.company, this.acts, this.company.nameOf(journey)) as this
  }

  expectSent(step: string, at?: When): this {
    return this.touchpoint({ status: 'sent', step, at })
  }

  expectWithheld(step: string, because: WithheldBecause): this {
    return this.touchpoint({ status: 'withheld', step, because })
  }

  expectFailed(step: string, because?: string): this {
    return this.touchpoint({ status: 'failed', step, because })
  }

  expectUnknown(step: string): this {
    return this.touchpoint({ status: 'unknown', step })
  }

  /** The contact rules hold it now. */
  expectHeld(step: string, because?: WithheldBecause): this {
    return this.check(checks.isHeld(this.journey, step, because))
  }

  /** No touchpoint came beside those expected so far. */
  expectNothingMore(): this {
    const { journey } = this
    return this.checkWith(({ expected }) => checks.nothingMore(journey, expected.get(journey) ?? 0))
  }

  expectWaiting(step: string): this {
    return this.check(checks.waitsAt(this.journey, step))
  }

  /** The step's newest task stands so. */
  expectTask(step: string, status: SeenTask['status'] = 'open'): this {
    return this.check(checks.taskIs(this.journey, step, status))
  }

  expectOutcome(outcome: ExpectedOutcome): this {
    return this.check(checks.endedAs(this.journey, outcome))
  }

  /** It was asked for, or is part of the story and began. */
  expectEnrolled(journey: N['journeys']): this {
    return this.check(checks.enrolledIn(journey))
  }

  expectTraits(traits: Partial<N['traits']>): this {
    return this.check(checks.hasTraits(traits as Record<string, unknown>))
  }

  /** Plays it in virtual time. Rejects with StoryDiffers at the first difference. */
  then<Value = Rehearsed, Failed = never>(
    done?: ((rehearsed: Rehearsed) => Value | PromiseLike<Value>) | null,
    failed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Value | Failed> {
    return this.playOn(this.company.begin()).then(done, failed)
  }

  /** Plays it on another stage. */
  playOn(stage: Stage): Promise<Rehearsed> {
    return playedOn(stage, this.acts, this.journey)
  }

  private touchpoint(expected: ExpectedTouchpoint): this {
    const { journey } = this
    return this.checkWith((scene) => {
      const number = scene.expected.get(journey) ?? 0
      scene.expected.set(journey, number + 1)
      return checks.touchpointIs(journey, number, expected)
    })
  }

  private check(check: Check): this {
    return this.checkWith(() => check)
  }

  private checkWith(checkOf: (scene: Scene) => Check): this {
    const told = new Error()
    Error.captureStackTrace(told, this.checkWith)
    return this.with((scene) => scene.check(checkOf(scene), told))
  }

  private with(act: Act): this {
    return new Story<N>(this.company, [...this.acts, act], this.journey) as this
  }
}

const MOST_WAKES = 1_000

function instantOf(when: When, { stage, began }: Scene): number {
  if (when.startsWith('+')) return addExact(began, when.slice(1) as Duration)
  const at = parseDate(when, stage.zone)
  if (at === undefined) throw new RangeError(`"${when}" is no time; write '+3 days' or '2026-03-05T09:00'`)
  return at
}
