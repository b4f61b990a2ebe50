import { meets } from '../../../sdk/condition'
import type { DecisionMade, DecisionToMake } from '../../../sdk/deciding'
import { listOf } from '../../../sdk/definition'
import type { EnrollmentInput } from '../../../sdk/enrollment'
import type { AnyEvent } from '../../../sdk/event'
import { pick } from '../../../sdk/hash'
import type { Deeds } from '../../../sdk/host'
import { touchpointId } from '../../../sdk/ids'
import { taskDone } from '../../../sdk/task'
import type { Fate } from '../../../sdk/testing/ledger'
import type { Rehearsable } from '../../../sdk/testing/life'
import { eventsOf, type Fork, type Kind, required } from '../../../sdk/testing/path'
import type { Passed } from '../../../sdk/testing/search'
import { turn } from '../../../sdk/testing/turn'
import { CallFailed, NextRun } from '../../../sdk/testing/virtual-host'
import type { Mark } from '../../../sdk/testing/walk'
import { durationMs } from '../../../sdk/time/duration'
import type { Settled, TouchpointToDeliver } from '../../../sdk/touchpoint'
import type { LifeSoFar } from './happenings'
import { Answers, type LivingOn, OnwardHost } from './host'
import { anything } from './samples'
import { tell } from './telling'

/** How a life goes on, and with what. */
export interface Onward {
  readonly name: string
  readonly journey: Rehearsable
  readonly soFar: LifeSoFar
  /** The customer's traits; where they are not known, what the history read of them. */
  readonly traits?: Readonly<Record<string, unknown>>
  /** What events look like, by their names. */
  readonly samples: Readonly<Record<string, Record<string, unknown>>>
}

export interface Lived extends Passed {
  /** What the code threw. */
  readonly error: Error | undefined
  /** What happened from where it stood, in words. */
  readonly story: readonly string[]
}

const fates: readonly Fate[] = [
  { is: 'sent' },
  { is: 'withheld', because: 'unsubscribed' },
  { is: 'failed', because: 'foreseen' },
  { is: 'unknown', because: 'foreseen' },
]
const MOST_MS = durationMs('500 days')
const MOST_FORKS = 40

interface Option {
  readonly kind: Kind
  take(): void
}

/** One way to live on, with the engine that production uses: at each fork the one that `choices` names, after them the usual one. */
export class OnwardPath implements LivingOn {
  now = 0
  readonly answers = new Answers()
  readonly deeds: Deeds
  private readonly forks: Fork[] = []
  private readonly marks: Mark[] = []
  private readonly story: string[] = []
  private readonly calls = new Map<string, boolean>()
  private traits: Record<string, unknown>
  host!: OnwardHost
  private isPast = true
  private isOver = false
  private error: Error | undefined
  private events = 0

  constructor(
    private readonly onward: Onward,
    private readonly choices: readonly number[],
  ) {
    this.traits = { ...onward.traits }
    this.deeds = this.does()
  }

  /** Rejects with an Error where the history can't be followed. */
  async walk(): Promise<Lived> {
    await this.relive()
    const until = this.now + MOST_MS
    for (let options = this.options(); this.isAlive(until) && options.length > 0; options = this.options()) {
      options[Math.min(this.choose(options.map(({ kind }) => kind)), options.length - 1)]!.take()
      await this.settle()
    }
    const { forks, story, error, onward, marks } = this
    return { forks, story, error, walks: [{ journey: onward.name, marks }] }
  }

  /** What the history read of the profile, where the customer's is not known otherwise. */
  reads(traits: unknown): void {
    if (!this.onward.traits) Object.assign(this.traits, traits)
  }

  private isAlive(until: number): boolean {
    return !this.isOver && !this.error && this.now < until && this.forks.length < MOST_FORKS
  }

  private async relive(): Promise<void> {
    const [first, ...others] = this.onward.soFar.happenings
    tell(this, first!)
    this.live(this.onward.soFar.input)
    for (const each of others) {
      tell(this, each)
      await this.settle()
    }
    const open = this.host.timers()
    if (this.isOver || this.error || this.onward.soFar.waits.some((wait) => !open.includes(wait)))
      throw new Error('in virtual time the engine does not come to where it stands')
    this.isPast = false
    this.marks.length = 0
    this.host.attached!.paused = false
    this.answers.over()
    await this.settle()
  }

  private live(input: EnrollmentInput): void {
    const { name, journey, soFar } = this.onward
    this.host = new OnwardHost(soFar.id, name, this, this.marks)
    journey.on(this.host, input).then(
      () => void (this.isOver = true),
      (error: unknown) => {
        if (error instanceof NextRun) this.live(error.input)
        else this.error = error instanceof Error ? error : new Error(String(error))
      },
    )
  }

  /** Until everything waits. */
  private async settle(): Promise<void> {
    do await turn()
    while (this.host.wake())
    this.answers.rest()
  }

  private choose(kinds: readonly Kind[]): number {
    this.forks.push({ kinds })
    return this.choices[this.forks.length - 1] ?? 0
  }

  /** Time first. */
  private options(): Option[] {
    const { host } = this
    const due = host.nextDue()
    const waits = (): string => host.attached!.status().waits.map(({ step }) => `'${step}'`).join(' and ') // prettier-ignore
    const rings = (): void => {
      this.story.push(`${waits()} ends by itself`)
      this.now = Math.max(this.now, due)
      host.ring()
    }
    const heard = (host.attached?.expects() ?? []).flatMap(({ step, labels }) =>
      Object.values(labels)
        .flatMap((events) => eventsOf({ events }))
        .flatMap((event) => this.hearing(step, event)),
    )
    return [...(due < Infinity ? [{ kind: 'label', take: rings } as const] : []), ...heard]
  }

  private hearing(step: string, event: AnyEvent): Option[] {
    const properties = this.propertiesOf(event)
    if (!meets(properties, event.conditions) || this.isLeaving(event.name, properties)) return []
    const { name } = event
    const take = (): void => {
      this.story.push(`${name} at '${step}'`)
      const timestamp = new Date(this.now).toISOString()
      this.host.attached!.hear({ messageId: `onward-${++this.events}`, name, properties, timestamp })
    }
    return [{ kind: 'label', take }]
  }

  /** A goal or an exit runs none of the journey's code. */
  private isLeaving(name: string, properties: Record<string, unknown>): boolean {
    const { goal, exitOn } = this.onward.journey.definition
    return [...listOf(goal?.on), ...listOf(exitOn)].some(
      (event) => event.name === name && meets(properties, event.conditions),
    )
  }

  private propertiesOf({ name, conditions, ofAnyKey }: AnyEvent): Record<string, unknown> {
    const { journey, soFar, samples } = this.onward
    const { key } = journey.definition
    const word = name === taskDone.name ? { by: 'somebody', data: {} } : {}
    const own = key !== undefined && !ofAnyKey ? { [key]: soFar.input.key } : {}
    return { ...samples[name], ...word, ...own, ...required(conditions) }
  }

  deliver({ enrollmentId, entry, step, occurrence, at }: TouchpointToDeliver): Settled {
    const fate = fates[this.choose(fates.map(() => 'fate'))]!
    const touchpoint = touchpointId(enrollmentId, entry, step, occurrence)
    if (fate.is === 'sent') return { ...fate, touchpoint, at: new Date(at).toISOString() }
    this.story.push(`'${step}' is ${fate.is}`)
    return { ...fate, touchpoint }
  }

  /** What it answers is known to nobody; once it failed it fails always. */
  call(activity: string): Promise<unknown> {
    const fails = this.calls.get(activity) ?? this.choose(['fate', 'fate']) === 1
    this.calls.set(activity, fails)
    if (fails) this.story.push(`${activity} fails`)
    return fails ? Promise.reject(new CallFailed('foreseen')) : Promise.resolve(anything)
  }

  /** This customer's own share. */
  arm(_step: string, shares: Readonly<Record<string, number>>, at: number): string {
    return pick(shares, at)
  }

  revision(id: string): boolean {
    return !this.isPast || this.onward.soFar.revisions.has(id)
  }

  noted(): void {}

  private does(): Deeds {
    return {
      readProfile: async () => ({ ...this.traits }),
      writeTraits: async (_, traits) => void Object.assign(this.traits, traits),
      requestEnrollment: async () => {},
      decide: async (asked) => this.decide(asked),
      expireTask: async () => ({ is: 'expired' }),
      withdrawTasks: async () => {},
      endEnrollment: async () => {},
    }
  }

  private decide({ enrollmentId, entry, step, occurrence, arms, otherwise }: DecisionToMake): DecisionMade {
    const offered = [...arms.map(({ arm }) => arm), otherwise]
    const arm = offered[this.choose(offered.map(() => 'arm'))]!
    this.story.push(`'${step}' decides for ${arm}`)
    return { arm, propensity: 1, decision: touchpointId(enrollmentId, entry, step, occurrence) }
  }
}
