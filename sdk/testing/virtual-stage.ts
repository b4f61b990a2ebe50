import type { ConsentWord, SuppressedBecause } from '../contact'
import { zoneOf } from '../contact'
import type { TimelineEntry } from '../enrollment'
import { inWords } from './checks'
import type { Touchpoint } from './ledger'
import { Life, type Beginning } from './life'
import type { Resident } from './resident'
import type { Difference, Line, Seen, SeenEnrollment, SeenTouchpoint, Stage } from './stage'

const never = { startedAt: null, endedAt: null, waits: [] }
const HELD = new Set(['held', 'proposed'])

/** Plays stories in virtual time. */
export class VirtualStage implements Stage {
  readonly life: Life
  private readonly timeline: Line[] = []
  private readonly settledOnes: SeenTouchpoint[] = []

  constructor(beginning: Omit<Beginning, 'watch'>) {
    const watch = {
      touchpoint: (touchpoint: Touchpoint, now: number) => this.touched(touchpoint, now),
      noted: (journey: string, entry: TimelineEntry) => this.noted(journey, entry),
    }
    this.life = new Life({ ...beginning, watch })
  }

  get customerId(): string {
    return this.life.customerId
  }

  get zone(): string {
    return zoneOf(this.life.traits, { deployment: 'UTC' }).name
  }

  get now(): number {
    return this.life.now
  }

  async track(name: string, properties: Record<string, unknown>): Promise<void> {
    this.line(`${name}${Object.keys(properties).length > 0 ? ` ${JSON.stringify(properties)}` : ''}`)
    this.life.track(this.life.fact(name, properties))
    await this.life.settle()
  }

  async identify(traits: Record<string, unknown>): Promise<void> {
    this.line(`traits ${JSON.stringify(traits)}`)
    this.life.identify(traits)
    await this.life.settle()
  }

  async enroll(journey: string, key: string | undefined, properties: Record<string, unknown>): Promise<void> {
    const { messageId } = this.life.fact(journey, properties)
    const { customerId, now } = this.life
    const asked = { messageId, kind: 'enroll', customerId, name: journey, occurredAt: now } as const
    this.life.request({ ...asked, properties: { key, properties } })
    await this.life.settle()
  }

  async completeTask(journey: string, step: string, outcome: string, data: Record<string, unknown>) {
    this.line(`an agent closes ${step}: ${outcome}`)
    this.life.completeTask(journey, step, outcome, data)
    await this.life.settle()
  }

  async say(word: Omit<ConsentWord, 'occurredAt'>): Promise<void> {
    this.line(`consent to ${word.purpose} by ${word.channel} ${word.state}`)
    this.life.say({ ...word, occurredAt: this.life.now })
  }

  async suppress(because: SuppressedBecause): Promise<void> {
    this.line(`the address is suppressed: ${because}`)
    this.life.suppressed.push(because)
  }

  moveTo(at: number): Promise<void> {
    return this.life.moveTo(at)
  }

  async moveOn(): Promise<boolean> {
    if (this.life.nextWake() === Infinity) return false
    await this.life.wakeUp()
    return true
  }

  async seen(): Promise<Seen> {
    const { ledger, enrollments, asked, traits, tasks } = this.life
    const held = ledger.all().filter(({ status }) => HELD.has(status))
    const elsewhere = asked.map(({ name }) => ({ journey: name, outcome: null, heldOut: false, ...never }))
    return {
      touchpoints: [...this.settledOnes, ...held],
      enrollments: [...enrollments.map(seenOf), ...elsewhere],
      tasks: tasks.all(),
      traits,
      timeline: this.timeline,
      walks: enrollments.map(({ journey, marks }) => ({ journey, marks: [...marks] })),
    }
  }

  settled(difference: () => Promise<Difference | undefined>): Promise<Difference | undefined> {
    return difference()
  }

  private touched(touchpoint: Touchpoint, now: number): void {
    const { id, journey, step, channel, status } = touchpoint
    if (status === 'proposed') return
    if (!HELD.has(status)) this.settledOnes.push({ ...touchpoint, at: now })
    const words = `${journey}: ${step} by ${channel} ${inWords(touchpoint)}`
    this.timeline.push({ at: now, words, touchpoint: HELD.has(status) ? undefined : id })
  }

  private noted(journey: string, { what, step, words }: TimelineEntry): void {
    if (what === 'touchpoint') return
    this.line(`${journey}: ${step === undefined ? '' : `${step}, `}${words}`)
  }

  private line(words: string): void {
    this.timeline.push({ at: this.life.now, words })
  }
}

function seenOf(resident: Resident): SeenEnrollment {
  const status = resident.asks()
  return {
    journey: resident.journey,
    outcome: resident.outcome ?? null,
    heldOut: status?.heldOut ?? false,
    startedAt: resident.startedAt,
    endedAt: resident.endedAt,
    waits: status?.waits ?? [],
  }
}
