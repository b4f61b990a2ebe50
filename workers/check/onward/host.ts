import type { Deeds } from '../../../sdk/host'
import { type Surroundings, VirtualHost } from '../../../sdk/testing/virtual-host'
import type { Mark } from '../../../sdk/testing/walk'
import type { Settled, TouchpointToDeliver } from '../../../sdk/touchpoint'

interface Asked {
  readonly at: string
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly onward: () => unknown
}

// More than a body does in one task; one that never waits would never end.
const MOST_AT_ONCE = 1_000

/** Answers as the history does; once that is over, as it is lived on. */
export class Answers {
  private isOver = false
  private asked: Asked[] = []
  private atOnce = 0

  /** `at`: `verb step`, as happenings have it. */
  async of<Value>(at: string, onward: () => Value | Promise<Value>): Promise<Value> {
    if (++this.atOnce > MOST_AT_ONCE) throw new Error(`it does ${at} again and again, and never waits`)
    if (this.isOver) return onward()
    return new Promise<Value>((resolve, reject) => this.asked.push({ at, resolve, reject, onward }))
  }

  answer(at: string, value: unknown): void {
    this.taken(at)?.resolve(value as never)
  }

  fail(at: string, error: Error): void {
    this.taken(at)?.reject(error)
  }

  /** What the history left without an answer is answered now. */
  over(): void {
    this.isOver = true
    for (const { resolve, reject, onward } of this.asked) {
      try {
        resolve(onward() as never)
      } catch (error) {
        reject(error as Error)
      }
    }
    this.asked = []
  }

  /** Everything waits again. */
  rest(): void {
    this.atOnce = 0
  }

  private taken(at: string): Asked | undefined {
    const found = this.asked.find((each) => each.at === at)
    this.asked = this.asked.filter((each) => each !== found)
    return found
  }
}

export interface LivingOn extends Surroundings {
  readonly answers: Answers
  deliver(touchpoint: TouchpointToDeliver): Settled
}

/** One run of a life that began in a history. What it asks must be such that Temporal could write it down. */
export class OnwardHost extends VirtualHost {
  constructor(
    id: string,
    journey: string,
    private readonly life: LivingOn,
    marks: Mark[],
  ) {
    super(id, journey, life, marks)
  }

  override deliver(touchpoint: TouchpointToDeliver): Promise<Settled> {
    return this.life.answers.of(`deliver ${touchpoint.step}`, () => this.life.deliver(written(touchpoint)))
  }

  override durably<Name extends keyof Deeds>(
    name: Name,
    summary: string,
    ...args: Parameters<Deeds[Name]>
  ): Promise<Awaited<ReturnType<Deeds[Name]>>> {
    return this.life.answers.of(`${name} ${stepIn(summary)}`, () =>
      super.durably(name, summary, ...written(args)),
    )
  }

  override call(activity: string, summary: string, input: unknown): Promise<unknown> {
    return this.life.answers.of(`${activity} ${stepIn(summary)}`, () =>
      super.call(activity, summary, written(input)),
    )
  }
}

const stepIn = (summary: string): string => summary.split(': ')[0]!

/** Throws where JSON knows no such value. */
function written<Value>(value: Value): Value {
  JSON.stringify(value)
  return value
}
