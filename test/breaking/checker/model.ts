import { dayLater, instantOf, localDate } from './local-time'
import { type Ending, type Journey, journeys } from './journeys'

// What had to happen: a small model of one customer's life. It shares no code with the engine.

/** An event that was accepted. Times are the customer's, in epoch ms. */
export interface Accepted {
  readonly messageId: string
  readonly customerId: string
  readonly kind: 'track' | 'identify' | 'page'
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly at: number
}

export interface Life {
  readonly customerId: string
  /** In order of acceptance. */
  readonly events: readonly Accepted[]
  /** The customer's time at the end. */
  readonly now: number
  /** Who is kept out of a journey is the engine's dice; the rest follows from it. */
  readonly heldOut: (enrollmentId: string, entry: number) => boolean
}

export interface ExpectedTouchpoint {
  /** `enrollment/entry/step/occurrence`. */
  readonly id: string
  readonly status: 'sent' | 'withheld'
}

export interface Expected {
  readonly id: string
  readonly entry: number
  readonly journey: string
  /** The messageId of the event that enrolled; of a handover the journey handed over from. */
  readonly enrolledBy: string
  readonly touchpoints: readonly ExpectedTouchpoint[]
  /** The messageIds it had to hear. */
  readonly told: readonly string[]
  readonly ending: Ending | undefined
  /** Where it waits while it has not ended, and until when at the earliest. */
  readonly waits: { readonly step: string; readonly until: number | undefined } | undefined
}

/** Thrown where the outcome would hang on a moment: the script of the customer is at fault then. */
export class Undecided extends Error {}

const CLOSE_MS = 30 * 60_000

/** What had to become of the customer. Throws Undecided. */
export function expectedOf(life: Life): {
  readonly enrollments: Expected[]
  readonly traits: Readonly<Record<string, unknown>>
} {
  const world = new World(life)
  for (const event of life.events) {
    world.passUntil(event.at)
    world.happens(event)
  }
  world.passUntil(life.now)
  return { enrollments: world.entries.map((entry) => entry.asExpected()), traits: world.profile.traits }
}

export interface Profile {
  readonly zone: string
  readonly traits: Record<string, unknown>
}

class World {
  readonly entries: Entry[] = []
  readonly profile: Profile = { zone: 'UTC', traits: {} }

  constructor(readonly life: Life) {}

  /** Lets what is due happen in order of time. */
  passUntil(at: number): void {
    for (;;) {
      const due = this.entries.filter((entry) => (entry.wakesAt ?? Infinity) <= at)
      if (due.length === 0) return this.notClose(at)
      due.sort((one, other) => one.wakesAt! - other.wakesAt!)[0]!.wake()
    }
  }

  happens(event: Accepted): void {
    if (event.kind === 'identify') return this.identify(event)
    if (event.kind === 'page' || doesNotFit(event)) return
    for (const entry of this.entries) entry.hear(event)
    for (const [name, journey] of Object.entries(journeys))
      if (journey.enters(event)) this.enter(name, journey, event)
  }

  /** Enrolls as the journey's rule allows. */
  enter(name: string, journey: Journey, event: Accepted, instead = false): void {
    const key = journey.key === undefined ? undefined : event.properties[journey.key]
    if (journey.key !== undefined && key === undefined) return
    const parts = [name, event.customerId, ...(key === undefined ? [] : [String(key)])]
    const id = parts.map(encodeURIComponent).join(':')
    const before = this.entries.filter((entry) => entry.id === id).at(-1)
    if (before && !mayAgain(before, instead ? 0 : journey.again, event.at)) return
    const entry = new Entry(this, id, (before?.entry ?? 0) + 1, name, journey, event)
    this.entries.push(entry)
    entry.begin()
  }

  private identify({ properties }: Accepted): void {
    Object.assign(this.profile.traits, properties)
    if (typeof properties.timezone === 'string') Object.assign(this.profile, { zone: properties.timezone })
  }

  private notClose(at: number): void {
    const close = this.entries.find(({ wakesAt }) => wakesAt !== undefined && wakesAt - at < CLOSE_MS / 2)
    if (close) throw new Undecided(`${close.id} wakes just after something happens`)
  }
}

function mayAgain({ endedAt }: Entry, again: number | 'never', at: number): boolean {
  if (endedAt === undefined || again === 'never') return false
  const rest = endedAt + again - at
  if (again > 0 && Math.abs(rest) < CLOSE_MS) throw new Undecided('a cool-down ends just then')
  return rest <= 0
}

/** A known event whose properties are not what the catalog says is set aside. */
export const doesNotFit = ({ name, properties }: Pick<Accepted, 'name' | 'properties'>): boolean =>
  name === 'Support Searched' && typeof properties.results !== 'number'

/** What a journey's story does next. */
export type Instruction =
  | { readonly does: 'send'; readonly step: string; readonly channel: 'email' | 'webhook' }
  | { readonly does: 'wait'; readonly step: string; readonly labels?: Labels; readonly until: () => number }
  | { readonly does: 'set'; readonly traits: Record<string, unknown> }

export type Labels = Readonly<Record<string, (event: Accepted) => boolean>>

/** What a story may know. */
export interface Teller {
  readonly trigger: Accepted
  readonly profile: Profile
  now(): number
  /** The next time the customer's clock shows the hour (on a weekday, Sunday 0). */
  nextHour(hour: number, weekday?: number): number
}

/** One customer in one journey, once. */
class Entry implements Teller {
  readonly touchpoints: ExpectedTouchpoint[] = []
  readonly told: string[] = []
  readonly heldOut: boolean
  endedAt: number | undefined
  private ending: Ending | undefined
  private waits: Extract<Instruction, { does: 'wait' }> | undefined
  private time: number
  private readonly heard: Accepted[] = []
  private cursor = 0
  private readonly occurrences = new Map<string, number>()
  private readonly story: Generator<Instruction, Ending, string>

  constructor(
    private readonly world: World,
    readonly id: string,
    readonly entry: number,
    private readonly name: string,
    private readonly journey: Journey,
    readonly trigger: Accepted,
  ) {
    this.time = trigger.at
    this.heldOut = (journey.holdsOut ?? false) && world.life.heldOut(id, entry)
    this.story = journey.story(this)
  }

  get profile(): Profile {
    return this.world.profile
  }

  now(): number {
    return this.time
  }

  /** When it goes on by itself. */
  get wakesAt(): number | undefined {
    if (this.ending) return undefined
    return this.heldOut ? this.trigger.at + this.journey.goal!.within : this.waits?.until()
  }

  begin(): void {
    if (!this.heldOut) this.goOn('')
  }

  wake(): void {
    this.time = this.wakesAt!
    if (this.heldOut) return this.end({ is: 'held out', converted: false })
    if (this.waits!.labels) this.cursor = this.heard.length
    this.goOn('timeout')
  }

  hear(event: Accepted): void {
    if (this.ending || !this.concerns(event)) return
    this.told.push(event.messageId)
    this.heard.push(event)
    this.time = event.at
    const ending = this.endingBy(event)
    if (ending) return this.end(ending)
    const label = this.waits && this.match()
    if (label) this.goOn(label)
  }

  nextHour(hour: number, weekday?: number): number {
    const { zone } = this.profile
    for (let ahead = 0; ; ahead++) {
      const date = dayLater(localDate(this.time, zone), ahead)
      const at = instantOf(date, hour, zone)
      if (weekday !== undefined && localDate(at, zone).weekday !== weekday) continue
      // It asks at this time or somewhat later, never earlier.
      if (at <= this.time) continue
      if (at - this.time < CLOSE_MS) throw new Undecided(`${this.id} asks for an hour just then`)
      return at
    }
  }

  asExpected(): Expected {
    const { id, entry, name: journey, trigger, touchpoints, told, ending, waits } = this
    const heldOut = { step: 'held-out', until: this.wakesAt }
    const open = this.heldOut ? heldOut : waits && { step: waits.step, until: waits.until() }
    const enrolledBy = trigger.messageId
    return { id, entry, journey, enrolledBy, touchpoints, told, ending, waits: ending ? undefined : open }
  }

  /** Of the names it listens to; in a journey with a key, of its own key or of none. */
  private concerns(event: Accepted): boolean {
    const { key, listens, listensToAnyKey = [] } = this.journey
    if (!listens.includes(event.name)) return false
    if (key === undefined || !(key in event.properties) || listensToAnyKey.includes(event.name)) return true
    return event.properties[key] === this.trigger.properties[key]
  }

  private isOwn(event: Accepted): boolean {
    const { key } = this.journey
    return key === undefined || !(key in event.properties) || event.properties[key] === this.trigger.properties[key] // prettier-ignore
  }

  private endingBy(event: Accepted): Ending | undefined {
    if (!this.isOwn(event)) return undefined
    const { goal, exits } = this.journey
    if (goal?.on === event.name) {
      const inTime = event.at <= this.trigger.at + goal.within
      if (this.heldOut) return { is: 'held out', converted: inTime }
      return inTime ? { is: 'converted', event: event.name } : { is: 'exited' }
    }
    if (!exits.includes(event.name)) return undefined
    return this.heldOut ? { is: 'held out', converted: false } : { is: 'exited', because: event.name }
  }

  private goOn(answer: string): void {
    this.waits = undefined
    for (let given = answer; ;) {
      const { done, value } = this.story.next(given)
      if (done) return this.end(value)
      const next = this.do(value)
      if (next === undefined) return
      given = next
    }
  }

  /** The answer to an instruction; undefined when it takes time. */
  private do(instruction: Instruction): string | undefined {
    if (instruction.does === 'send') return this.send(instruction)
    if (instruction.does === 'set') {
      Object.assign(this.profile.traits, instruction.traits)
      return ''
    }
    this.waits = instruction
    return instruction.labels && this.match()
  }

  private send({ step, channel }: Extract<Instruction, { does: 'send' }>): string {
    const occurrence = (this.occurrences.get(step) ?? 0) + 1
    this.occurrences.set(step, occurrence)
    const status = channel === 'email' && !this.profile.traits.email ? 'withheld' : 'sent'
    this.touchpoints.push({ id: `${this.id}/${this.entry}/${step}/${occurrence}`, status })
    return status
  }

  /** The label of the first event since the last labelled wait ended that the wait is for. */
  private match(): string | undefined {
    const labels = Object.entries(this.waits?.labels ?? {})
    for (const [index, event] of this.heard.entries()) {
      const found = index >= this.cursor && labels.find(([, isMeant]) => isMeant(event))
      if (!found) continue
      this.cursor = index + 1
      return found[0]
    }
    return undefined
  }

  private end(ending: Ending): void {
    this.ending = ending
    this.endedAt = this.time
    if (!ending.continuesAs) return
    const journey = journeys[ending.continuesAs]!
    const request = { ...this.trigger, messageId: `handed over by ${this.id}`, at: this.time }
    this.world.enter(ending.continuesAs, journey, request, true)
  }
}
