import { meets } from '../condition'
import {
  changedZone,
  ownZone,
  type ConsentWord,
  type Limits,
  type Stop,
  type SuppressedBecause,
} from '../contact'
import { isKeptOut, listOf, type Definition } from '../definition'
import { deviceNews, type Device } from '../device'
import { without, type DecisionMade, type DecisionToMake } from '../deciding'
import type { EndedEnrollment, EnrollmentInput, TimelineEntry } from '../enrollment'
import { entryRule } from '../entry-rule'
import type { EventFact } from '../event'
import type { Deeds, Lived } from '../host'
import { pick } from '../hash'
import { enrollmentId, touchpointId } from '../ids'
import type { IncomingEvent } from '../incoming'
import { taskDone } from '../task'
import { durationMs } from '../time/duration'
import type { TouchpointToDeliver } from '../touchpoint'
import { Ledger, type Fate, type Touchpoint } from './ledger'
import { Resident } from './resident'
import { Tasks } from './tasks'
import { turn } from './turn'
import type { Surroundings } from './virtual-host'

/** What defineJourney makes, as far as it is rehearsed. */
export interface Rehearsable {
  readonly definition: Definition
  readonly on: Lived
}

/** Where a life begins, and what surrounds it. Times are epoch ms. */
export interface Beginning {
  readonly customerId: string
  readonly traits: Readonly<Record<string, unknown>>
  readonly at: number
  /** By their names. */
  readonly journeys: Readonly<Record<string, Rehearsable>>
  readonly limits: Limits
  readonly consents?: readonly ConsentWord[]
  /** Of the email address. */
  readonly suppressed?: readonly SuppressedBecause[]
  readonly stops?: readonly Stop[]
  /** For customers whose profile does not tell their zone. */
  readonly defaultTimeZone: string
  readonly fateOf?: (touchpoint: TouchpointToDeliver) => Fate
  /** The arm that is chosen, where it is offered; else the first one that is. */
  readonly armOf?: (asked: DecisionToMake) => string | undefined
  /** What decisions find of the customer in a database of the adopter's own; without it every condition on that holds. */
  readonly lookedUp?: Readonly<Record<string, unknown>>
  /** Answers for the adopter's activities. */
  readonly call?: (activity: string, input: unknown) => unknown
  /** Chooses an arm of a split; default: as in production. */
  readonly arm?: (step: string, shares: Readonly<Record<string, number>>) => string
  /** Whether a run comes to a revision with the new code; default: it does. */
  readonly revision?: (id: string) => boolean
  readonly watch?: Watch
}

/** Told what happens, as it does. */
export interface Watch {
  touchpoint?(touchpoint: Touchpoint, now: number): void
  noted?(journey: string, entry: TimelineEntry): void
  decided?(step: string, arm: string): void
}

const sent: Fate = { is: 'sent' }

/** One customer in journeys, in virtual time: what dispatcher, ledger and database are in production, in memory. */
export class Life implements Surroundings {
  now: number
  readonly traits: Record<string, unknown>
  devices: readonly Device[] = []
  readonly consents: ConsentWord[]
  readonly suppressed: SuppressedBecause[]
  readonly stops: readonly Stop[]
  readonly limits: Limits
  readonly customerId: string
  readonly ledger: Ledger
  readonly tasks = new Tasks()
  readonly enrollments: Resident[] = []
  /** What journeys asked for that is not part of this life. */
  readonly asked: IncomingEvent[] = []
  readonly deeds: Deeds
  private readonly coming: IncomingEvent[] = []
  private events = 0

  constructor(private readonly beginning: Beginning) {
    this.now = beginning.at
    this.customerId = beginning.customerId
    this.traits = { ...beginning.traits }
    this.consents = [...(beginning.consents ?? [])]
    this.suppressed = [...(beginning.suppressed ?? [])]
    this.stops = beginning.stops ?? []
    this.limits = beginning.limits
    this.ledger = new Ledger(this)
    this.deeds = this.does()
  }

  /** The customer did something: running enrollments hear of it first, then it enrolls. */
  track(event: EventFact): void {
    this.devices = devicesAfter(event, this.devices)
    for (const enrollment of this.enrollments)
      if (enrollment.enrolledBy !== event.messageId) enrollment.hear(event)
    for (const [name, { definition }] of Object.entries(this.beginning.journeys))
      if (enrolls(definition, event)) this.enter(name, definition, event, keyOf(definition, event))
  }

  identify(traits: Readonly<Record<string, unknown>>): void {
    Object.assign(this.traits, traits)
    const timeZone = changedZone(this.traits, traits)
    for (const enrollment of this.enrollments) enrollment.learn({ timeZone, traits: { ...traits } })
  }

  /** Asks for an enrollment, as the API or another journey does. */
  request(event: IncomingEvent): void {
    const journey = this.beginning.journeys[event.name]
    if (!journey) return void this.asked.push(event)
    const { key, properties = {}, instead } = event.properties as Asked
    const definition = instead ? { ...journey.definition, reentry: 'after-end' as const } : journey.definition
    this.enter(
      event.name,
      definition,
      { ...this.fact('Enrolled', properties), messageId: event.messageId },
      key,
    )
  }

  say(word: ConsentWord): void {
    const same = this.consents.findIndex(
      ({ channel, purpose }) => channel === word.channel && purpose === word.purpose,
    )
    this.consents.splice(same === -1 ? this.consents.length : same, 1, word)
  }

  fact(name: string, properties: Record<string, unknown>): EventFact {
    const timestamp = new Date(this.now).toISOString()
    return { messageId: `event-${++this.events}`, name, properties, timestamp }
  }

  /** Resolves when all enrollments wait for time or the customer. Rejects with what a journey threw. */
  async settle(): Promise<void> {
    do {
      await turn()
      for (const { crash } of this.enrollments) if (crash) throw crash.error
      for (let event = this.coming.shift(); event; event = this.coming.shift()) this.request(event)
    } while (this.wakeAll())
  }

  /** Lives on, wake-up by wake-up. */
  async moveTo(at: number): Promise<void> {
    while (this.nextWake() <= at) await this.wakeUp()
    this.now = Math.max(this.now, at)
  }

  /** When something happens by itself; Infinity when nothing will. */
  nextWake(): number {
    return this.enrollments.reduce((soonest, each) => Math.min(soonest, each.nextDue()), Infinity)
  }

  /** Moves the clock to the next wake-up. */
  async wakeUp(): Promise<void> {
    const due = this.nextWake()
    this.now = Math.max(this.now, due)
    this.enrollments.find((each) => each.nextDue() === due)!.ring()
    await this.settle()
  }

  deliver(touchpoint: TouchpointToDeliver): ReturnType<Ledger['ask']> {
    const answer = this.ledger.ask(touchpoint)
    if (answer.is === 'sent') this.tasks.open(answer.touchpoint, touchpoint)
    return answer
  }

  /** An agent closes the open task of a step. */
  completeTask(journey: string, step: string, outcome: string, data: Record<string, unknown>): void {
    const done = this.tasks.complete(journey, step, outcome, data)
    const event = this.fact(taskDone.name, { ...done })
    this.enrollments.find(({ id, entry }) => id === done.enrollment && entry === done.entry)!.hear(event)
  }

  call(activity: string, input: unknown): Promise<unknown> {
    const answer = this.beginning.call
    if (!answer) throw new Error(`Nobody answers for the activity ${activity}`)
    // What it throws is the activity's failure, or the author's mistake: it is the answer that rejects.
    return new Promise((resolve) => resolve(answer(activity, input)))
  }

  arm(step: string, shares: Readonly<Record<string, number>>, at: number): string {
    return this.beginning.arm?.(step, shares) ?? pick(shares, at)
  }

  revision(id: string): boolean {
    return this.beginning.revision?.(id) ?? true
  }

  noted(journey: string, entry: TimelineEntry): void {
    this.beginning.watch?.noted?.(journey, entry)
  }

  changed(touchpoint: Touchpoint): void {
    this.beginning.watch?.touchpoint?.(touchpoint, this.now)
  }

  otherEnrollments(id: string): number {
    return this.enrollments.filter((each) => each.status === 'running' && each.id !== id).length
  }

  fateOf(touchpoint: TouchpointToDeliver): Fate {
    return this.beginning.fateOf?.(touchpoint) ?? sent
  }

  private wakeAll(): boolean {
    return this.enrollments.filter((enrollment) => enrollment.wake()).length > 0
  }

  private enter(journey: string, definition: Definition, trigger: EventFact, key: string | undefined): void {
    if (definition.key !== undefined && key === undefined) return
    const id = enrollmentId(journey, this.customerId, key)
    const earlier = this.enrollments.filter((each) => each.id === id)
    const decisive = earlier.find((each) => each.enrolledBy === trigger.messageId) ?? earlier.at(-1)
    const { reentry = 'once' } = definition
    const asked = {
      enrolledBy: trigger.messageId,
      reentry: typeof reentry === 'object' ? durationMs(reentry.after) : reentry,
      now: this.now,
    }
    if (decisive && entryRule(decisive, asked)) return
    const resident = new Resident(id, journey, earlier.length + 1, asked.enrolledBy, this)
    this.enrollments.push(resident)
    const heldOut = isKeptOut(journey, this.customerId, definition.holdout ?? 0)
    const input = { ...this.inputFor(resident.entry, trigger, key), heldOut }
    resident.live(this.beginning.journeys[journey]!.on, input)
  }

  private inputFor(entry: number, trigger: EventFact, key: string | undefined): EnrollmentInput {
    return {
      customerId: this.customerId,
      key,
      entry,
      trigger,
      timeZone: ownZone(this.traits),
      defaultTimeZone: this.beginning.defaultTimeZone,
      clockOffsetMs: 0,
    }
  }

  private does(): Deeds {
    return {
      readProfile: async () => ({ ...this.traits }),
      writeTraits: async (_, traits) => void Object.assign(this.traits, traits),
      requestEnrollment: async (event) => void this.coming.push(event),
      decide: async (asked) => this.decide(asked),
      expireTask: async (task) => this.tasks.expire(task),
      withdrawTasks: async (tasks) => this.tasks.withdraw(({ id }) => tasks.includes(id)),
      endEnrollment: async (ended) => this.end(ended),
    }
  }

  /** What a policy would learn is no part of a story: it says itself what is chosen. */
  private decide(question: DecisionToMake): DecisionMade {
    const { lookedUp } = this.beginning
    const found = question.arms.filter(({ where = {} }) => !lookedUp || meets(lookedUp, where))
    const asked = without({ ...question, arms: found }, (arm) => this.ledger.obstacleTo(arm, question))
    const { enrollmentId, entry, step, occurrence, arms, otherwise } = asked
    const wished = this.beginning.armOf?.(asked)
    const chosen = arms.find(({ arm }) => arm === wished) ?? arms[0]
    const decision = touchpointId(enrollmentId, entry, step, occurrence)
    const arm = chosen?.arm ?? otherwise
    this.beginning.watch?.decided?.(step, arm)
    return { arm, propensity: 1, decision }
  }

  private end({ id, entry, outcome, endedAt, handover }: EndedEnrollment): void {
    this.enrollments.find((each) => each.id === id && each.entry === entry)!.end(outcome, endedAt)
    this.ledger.withdraw(id, entry)
    this.tasks.withdraw((task) => task.enrollment === id && task.entry === entry)
    if (handover) this.coming.push(handover)
  }
}

function devicesAfter({ name, properties }: EventFact, devices: readonly Device[]): readonly Device[] {
  const news = deviceNews(name, properties)
  if (!news) return devices
  if (news.is === 'wrong') throw new Error(`The event ${name} is none: ${news.because}`)
  const { channel, address } = news.device
  const endpoint = address.split(' ', 1)[0]!
  const others = devices.filter(
    (each) => each.channel !== channel || each.address.split(' ', 1)[0] !== endpoint,
  )
  return news.is === 'seen' ? [news.device, ...others] : others
}

interface Asked {
  readonly key?: string
  readonly properties?: Record<string, unknown>
  readonly instead?: boolean
}

const enrolls = ({ enrollOn }: Definition, { name, properties }: EventFact): boolean =>
  listOf(enrollOn).some((event) => event.name === name && meets(properties, event.conditions))

function keyOf({ key }: Definition, { properties }: EventFact): string | undefined {
  const value = key !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined
  return value === undefined || value === null ? undefined : String(value)
}
