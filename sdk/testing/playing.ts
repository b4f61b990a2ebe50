import type { Outcome } from '../outcome'
import { nothingMore, type Check } from './checks'
import { pictureOf } from './picture'
import type { Difference, Seen, SeenTouchpoint, Stage } from './stage'
import { remember, type Walk } from './walk'

export type Act = (scene: Scene) => Promise<unknown>

/** A story that is being played. */
export interface Scene {
  readonly stage: Stage
  /** Epoch ms. */
  readonly began: number
  /** By journey: how many touchpoints were expected so far. */
  readonly expected: Map<string, number>
  /** Throws StoryDiffers, as from where the expectation was told. */
  check(check: Check, told?: Error): Promise<void>
}

/** What happened is not what the story tells. */
export class StoryDiffers extends Error {
  override readonly name = 'StoryDiffers'
}

/** What became of a customer in a story. */
export class Rehearsed {
  constructor(
    /** The journey that it was about at its end. */
    readonly journey: string,
    readonly seen: Seen,
    /** Of the customer's clock. */
    readonly zone: string,
    /** When it ended, epoch ms. */
    readonly now: number,
  ) {}

  /** Of all journeys, in the order in which their fates became known; those held come last. */
  get touchpoints(): readonly SeenTouchpoint[] {
    return this.seen.touchpoints
  }

  /** Of the journey's last enrollment. */
  get outcome(): Outcome | null {
    return this.enrollment?.outcome ?? null
  }

  /** What its enrollments did, for `coverageOf`; none where it was played on a real server. */
  get walks(): readonly Walk[] {
    return this.seen.walks ?? []
  }

  /** The steps at which it waits. */
  get waitsAt(): readonly string[] {
    return this.enrollment?.waits.map(({ step }) => step) ?? []
  }

  /** Everything that happened, a line each, by the customer's clock. */
  get timeline(): string {
    return pictureOf(this.seen, this)
  }

  private get enrollment() {
    return this.seen.enrollments.filter(({ journey }) => journey === this.journey).at(-1)
  }
}

/** Plays a story to its end; a story that named touchpoints must have named all. */
export async function playedOn(stage: Stage, acts: readonly Act[], journey: string): Promise<Rehearsed> {
  const expected = new Map<string, number>()
  const scene: Scene = {
    stage,
    began: stage.now,
    expected,
    check: (check, told) => checked(stage, check, told),
  }
  for (const act of acts) await act(scene)
  for (const [name, number] of expected) await scene.check(nothingMore(name, number))
  const seen = await stage.seen()
  remember('told', seen.walks ?? [])
  return new Rehearsed(journey, seen, stage.zone, stage.now)
}

async function checked(stage: Stage, check: Check, told: Error | undefined): Promise<void> {
  const difference = await stage.settled(async () => check(await stage.seen(), stage))
  if (difference) throw differs(difference, await stage.seen(), stage, told)
}

function differs(difference: Difference, seen: Seen, stage: Stage, told: Error | undefined): StoryDiffers {
  const { expected, instead } = difference
  const error = new StoryDiffers(
    `Expected: ${expected}; ${instead}.\n\n${pictureOf(seen, stage, difference)}`,
  )
  if (told?.stack) error.stack = `${error.name}: ${error.message}\n${tellersOf(told.stack)}`
  return error
}

/** The stack as from the line of the story. */
const tellersOf = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => line.includes(' at ') && !/sdk[\\/]testing[\\/]/.test(line))
    .join('\n')
