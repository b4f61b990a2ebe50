import type { Lived } from './checker/check'
import { dayLater, instantOf, localDate } from './checker/local-time'
import type { Accepted } from './checker/model'
import type { Desk } from './desk'
import type { Act, InDays, Passing, Person, Send } from './stories'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
// What a journey wakes up to within this is waited for, so that no outcome hangs on a moment.
export const CLOSE_MS = 30 * MINUTE
const ONE_O_CLOCK = 13

/** Lives one customer's life over HTTP: what is not accepted is sent again until it is. */
export class Driver {
  private readonly events: Accepted[] = []
  private acts = 0

  constructor(
    private readonly person: Person,
    private readonly desk: Desk,
    /** Once true, nothing new is begun. */
    private readonly isOver: () => boolean,
  ) {}

  /** Resolves when the life is over, or when the storm is and the journeys have come to rest. */
  async live(): Promise<Lived> {
    for (const act of this.person.acts) {
      if (this.isOver()) break
      if (!(await this.do(act))) break
      this.acts += 1
    }
    await this.pass({ minutes: 0 })
    return this.lived()
  }

  /** As far as it came. */
  async lived(): Promise<Lived> {
    const { now } = await this.desk.clockOf(this.person.id)
    return { customerId: this.person.id, events: this.events, now }
  }

  /** Where it stands, for who waits for it. */
  get standing(): string {
    return `${this.person.id}: act ${this.acts} of ${this.person.acts.length}, ${JSON.stringify(this.person.acts[this.acts])}`
  }

  /** False when a touchpoint keeps the journeys from coming to rest, and the storm is over. */
  private async do(act: Act): Promise<boolean> {
    return 'passes' in act ? this.pass(act.passes) : this.send(act.sends, act.asBatch)
  }

  private async send(sends: readonly Send[], asBatch: boolean): Promise<boolean> {
    const { now } = await this.desk.clockOf(this.person.id)
    const ahead = now - Date.now()
    const told = sends.map((send) => ({ ...send, properties: dated(send.properties, now) }))
    const accept = (one: Send) => this.events.push(this.accepted(one, Date.now() + ahead))
    if (asBatch) {
      told.forEach(accept)
      await this.desk.batch(this.person.id, told)
    }
    for (const one of asBatch ? [] : told) {
      accept(one)
      const twice = one.repeated === 'at once' ? [this.desk.event(this.person.id, one)] : []
      await Promise.all([this.desk.event(this.person.id, one), ...twice])
    }
    for (const one of told) if (one.repeated === 'later') await this.desk.event(this.person.id, one)
    return (await this.desk.rest(this.person.id, this.isOver)) !== 'held up'
  }

  private accepted({ messageId, kind, name, properties }: Send, at: number): Accepted {
    return { messageId, customerId: this.person.id, kind, name, properties, at }
  }

  /** Moves the clock, from wake-up to wake-up, each time when all is at rest. */
  private async pass(passing: Passing): Promise<boolean> {
    const { id, zone } = this.person
    let until: number | undefined
    for (;;) {
      const rest = await this.desk.rest(id, this.isOver)
      if (rest === 'held up') return false
      until ??= targetOf(passing, rest.now, zone)
      const left = this.isOver() ? 0 : until - rest.now
      const wakesIn = Math.min(...rest.wakes) - rest.now
      if (wakesIn < CLOSE_MS || (left >= MINUTE && wakesIn < left + CLOSE_MS))
        await this.desk.forward(id, { to: 'next' })
      else if (left >= MINUTE) await this.desk.forward(id, { by: inWords(left) })
      else return true
    }
  }
}

const isInDays = (value: unknown): value is InDays =>
  typeof value === 'object' && value !== null && 'inDays' in value

/** Days from now as dates. */
const dated = (properties: Readonly<Record<string, unknown>>, now: number) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      isInDays(value) ? new Date(now + value.inDays * DAY).toISOString().slice(0, 10) : value,
    ]),
  )

function targetOf(passing: Passing, now: number, zone: string): number {
  if ('minutes' in passing) return now + passing.minutes * MINUTE
  return instantOf(dayLater(localDate(now, zone), passing.days), ONE_O_CLOCK, zone)
}

/** Rounded down to what the API takes: a number of at most four digits. */
const inWords = (ms: number): string =>
  ms >= 9_999 * MINUTE ? `${Math.floor(ms / HOUR)} hours` : `${Math.floor(ms / MINUTE)} minutes`
