import { meets } from '../condition'
import { listOf } from '../definition'
import type { Labels } from '../journey'
import type { DecisionToMake } from '../deciding'
import type { AnyEvent } from '../event'
import { taskDone } from '../task'
import type { TouchpointToDeliver } from '../touchpoint'
import type { Fate } from './ledger'
import type { Beginning } from './life'
import { Rehearsed } from './playing'
import { CallFailed } from './virtual-host'
import { VirtualStage } from './virtual-stage'

/** Why a choice is made, and so how much it counts: what customers do comes first, what goes wrong and what ends it later. */
export type Kind = 'label' | 'arm' | 'ending' | 'fate' | 'burst'

interface Option {
  readonly kind: Kind
  take(): Promise<void>
}

/** A point at which it could have gone another way: of `of` ways, the later ones of these kinds. */
export interface Fork {
  readonly kinds: readonly Kind[]
}

/** What a path did, as a story tells it. */
export interface Told {
  readonly acts: readonly string[]
  readonly fates: Readonly<Record<string, readonly Fate[]>>
  readonly arms: Readonly<Record<string, { readonly arm: string; readonly shares: Record<string, number> }>>
  readonly decides: Readonly<Record<string, string>>
  /** Those that were passed before they came. */
  readonly revisions: Readonly<Record<string, 'old'>>
  readonly calls: readonly { readonly activity: string; readonly fails: boolean }[]
}

export interface Walked {
  readonly rehearsed: Rehearsed
  readonly forks: readonly Fork[]
  readonly told: Told
  readonly reached: ReadonlySet<string>
}

export interface Exploration {
  readonly name: string
  readonly begin: AnyEvent | undefined
  /** Properties that events have whatever is asked of them, by the event's name. */
  readonly samples: Readonly<Record<string, Record<string, unknown>>>
  readonly beginning: Omit<Beginning, 'watch'>
  /** Epoch ms: a path is not followed further. */
  readonly until: number
  readonly heard: Heard
}

/** What the journey listens for at all, as far as any path has shown; it stays as it is once it was asked for. */
export class Heard {
  private readonly events = new Set<AnyEvent>()
  private asked: readonly AnyEvent[] | undefined

  add(events: readonly AnyEvent[]): void {
    if (!this.asked) for (const event of events) this.events.add(event)
  }

  all(): readonly AnyEvent[] {
    return (this.asked ??= [...this.events])
  }
}

const sent: Fate = { is: 'sent' }
const unusual: readonly Fate[] = [
  { is: 'withheld', because: 'unsubscribed' },
  { is: 'failed', because: 'explored' },
  { is: 'unknown', because: 'explored' },
]

/** One life: at each fork it takes the way that `choices` names, and after them the usual one. */
export class Path {
  private readonly stage: VirtualStage
  private readonly forks: Fork[] = []
  private readonly acts: string[] = []
  private readonly fates: Record<string, Fate[]> = {}
  private readonly arms: Record<string, Told['arms'][string]> = {}
  private readonly decides: Record<string, string> = {}
  private readonly isNew = new Map<string, boolean>()
  private readonly failing = new Map<string, boolean>()
  private moved = false
  private forGood: Fate | undefined

  constructor(
    private readonly exploration: Exploration,
    private readonly choices: readonly number[],
  ) {
    const { beginning } = exploration
    this.stage = new VirtualStage({
      ...beginning,
      fateOf: (touchpoint) => this.fateOf(touchpoint),
      arm: (step, shares) => this.arm(step, shares),
      armOf: (asked) => this.decided(asked),
      call: (activity, input) => this.call(activity, input),
      revision: (id) => this.revision(id),
    })
  }

  async walk(): Promise<Walked> {
    const { begin, name, until } = this.exploration
    if (begin) await this.happens(begin)
    else await this.enroll()
    const { life } = this.stage
    while (life.enrollments.some(({ status }) => status === 'running') && life.now < until) {
      const options = this.options()
      if (options.length === 0) break
      const choice = this.choose(options.map(({ kind }) => kind))
      await options[Math.min(choice, options.length - 1)]!.take()
    }
    this.tellTime()
    const seen = await this.stage.seen()
    const rehearsed = new Rehearsed(name, seen, this.stage.zone, this.stage.now)
    const calls = [...this.failing].map(([activity, fails]) => ({ activity, fails }))
    const { acts, fates, arms, decides } = this
    const told = { acts, fates, arms, decides, revisions: this.passedBefore(), calls }
    return { rehearsed, forks: this.forks, told, reached: reachedIn(rehearsed) }
  }

  private choose(kinds: readonly Kind[]): number {
    this.forks.push({ kinds })
    return this.choices[this.forks.length - 1] ?? 0
  }

  /** What may come next, where everything waits; time first. */
  private options(): Option[] {
    const { life } = this.stage
    const { goal, exitOn } = this.exploration.beginning.journeys[this.exploration.name]!.definition
    const expected = life.enrollments.flatMap((each) => (each.status === 'running' ? each.expects() : []))
    this.exploration.heard.add(expected.flatMap(({ labels }) => eventsOf(labels)))
    const goesOn = life.nextWake() < Infinity
    const wakes = goesOn ? [{ kind: 'label', take: () => this.wake() } as const] : []
    const bursts = goesOn ? [{ kind: 'burst', take: () => this.burst() } as const] : []
    const does = (kind: Kind) => (event: AnyEvent) => ({ kind, take: () => this.happens(event) })
    const labels = expected.flatMap(({ step, labels }) =>
      eventsOf(labels).map((event) =>
        event.name === taskDone.name ? this.agentDoes(step, event) : does('label')(event),
      ),
    )
    return [...wakes, ...labels, ...[...listOf(goal?.on), ...listOf(exitOn)].map(does('ending')), ...bursts]
  }

  private async wake(): Promise<void> {
    this.moved = true
    await this.stage.life.wakeUp()
  }

  /** All that the journey listens for anywhere comes at once: what it did not wait for yet, it finds later. */
  private async burst(): Promise<void> {
    for (const event of this.exploration.heard.all()) await this.happens(event)
    if (this.stage.life.nextWake() < Infinity) await this.wake()
  }

  private async happens(event: AnyEvent): Promise<void> {
    this.tellTime()
    const properties = { ...this.exploration.samples[event.name], ...required(event.conditions) }
    if (!meets(properties, event.conditions))
      throw new Error(`Say what ${event.name} looks like: { samples: { '${event.name}': … } }`)
    this.acts.push(`.event(${variableOf(event.name)}, ${JSON.stringify(properties)})`)
    await this.stage.track(event.name, properties)
  }

  private agentDoes(step: string, { conditions }: AnyEvent): Option {
    const outcome = String((conditions as Record<string, unknown>).outcome)
    const take = async (): Promise<void> => {
      this.tellTime()
      this.acts.push(`.taskDone('${step}', '${outcome}')`)
      await this.stage.completeTask(this.exploration.name, step, outcome, {})
    }
    return { kind: 'label', take }
  }

  private async enroll(): Promise<void> {
    this.acts.push('.enroll()')
    await this.stage.enroll(this.exploration.name, undefined, {})
  }

  /** Time that went by, up to what comes next. */
  private tellTime(): void {
    if (this.moved) this.acts.push(`.at('${new Date(this.stage.now).toISOString()}')`)
    this.moved = false
  }

  /** What goes wrong goes wrong once; who does not want to hear of us any more is not reached from then on. */
  private fateOf({ step, occurrence }: TouchpointToDeliver): Fate {
    const fates = (this.fates[step] ??= [])
    return (fates[occurrence - 1] ??= this.forGood ?? this.chosenFate())
  }

  private chosenFate(): Fate {
    const choice = this.choose(['fate', 'fate', 'fate', 'fate', 'fate'])
    if (choice > unusual.length) this.forGood = unusual[0]
    return this.forGood ?? [sent, ...unusual][choice]!
  }

  private arm(step: string, shares: Readonly<Record<string, number>>): string {
    const arms = Object.keys(shares).filter((arm) => shares[arm]! > 0)
    const arm = arms[this.choose(arms.map(() => 'arm'))]!
    this.arms[step] = { arm, shares }
    return arm
  }

  /** The same at each coming: so a story can tell it. */
  private decided({ step, arms }: DecisionToMake): string | undefined {
    if (arms.length === 0) return undefined
    return (this.decides[step] ??= arms[this.choose(arms.map(() => 'arm'))]!.arm)
  }

  private revision(id: string): boolean {
    const isNew = this.isNew.get(id) ?? this.choose(['arm', 'arm']) === 0
    this.isNew.set(id, isNew)
    return isNew
  }

  private passedBefore(): Told['revisions'] {
    const old = [...this.isNew].filter(([, isNew]) => !isNew)
    return Object.fromEntries(old.map(([id]) => [id, 'old']))
  }

  /** An activity that failed once fails always: so a story can tell it. */
  private call(activity: string, input: unknown): unknown {
    const known = this.failing.get(activity)
    const fails = known ?? this.choose(['fate', 'fate']) === 1
    this.failing.set(activity, fails)
    if (fails) throw new CallFailed('explored')
    return this.exploration.beginning.call!(activity, input)
  }
}

/** The least that meets the conditions; what is only `not` may be missing. */
export function required(conditions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(conditions).map(([name, condition]) => [name, exampleOf(condition)] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

function exampleOf(condition: unknown): unknown {
  if (typeof condition !== 'object' || condition === null) return condition
  const test = condition as Record<string, unknown>
  return test.is ?? (test.oneOf as unknown[] | undefined)?.[0] ?? test.atLeast ?? test.atMost
}

/** What catalog/events calls it: `Project Created` is projectCreated. */
const variableOf = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word, index) => (index === 0 ? word.toLowerCase() : word[0]!.toUpperCase() + word.slice(1)))
    .join('')

/** Steps with what became of them there. */
const reachedIn = ({ seen, journey }: Rehearsed): ReadonlySet<string> =>
  new Set(
    seen.touchpoints
      .filter((each) => each.journey === journey)
      .map(({ step, status }) => `${step} ${status}`),
  )

export const eventsOf = (labels: Labels): readonly AnyEvent[] =>
  Object.values(labels).flatMap((events) => listOf(events))
