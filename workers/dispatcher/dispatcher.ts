import type { Logger } from '../../logger'
import { grouped } from '../../sdk/grouped'
import { isUnavailable, type Store, type StoredEvent } from '../../store'
import { type Handling, Unreachable } from './handling'
import { SideBySide } from './side-by-side'
import { together } from './together'

export interface DispatcherOptions {
  readonly store: Store
  readonly handle: Handling
  readonly logger: Logger
  /** Tells this dispatcher from others. */
  readonly owner: string
  readonly leaseMs?: number
  /** The first wait after a failure, which then grows; default 250. */
  readonly backoffMs?: number
}

export interface Dispatcher {
  /** Finishes what is under way and gives the lanes back. */
  stop(): Promise<void>
}

const ROUND = 500
const CUSTOMERS_AT_ONCE = 40
const IDLE_MS = 1_000
const ATTEMPTS = 5
const LONGEST_BACKOFF_MS = 10_000

/** Hands accepted events to enrollments, in order for each customer; several may run, each on its own lanes. */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const turns = new Turns(options)
  const running = turns.run()
  return {
    stop: async () => {
      turns.stopping = true
      turns.lookAgain()
      await running
    },
  }
}

/** Looks at the backlog again and again; a customer who is being served is left out meanwhile, and nobody waits for another. */
class Turns {
  stopping = false
  private readonly leaseMs: number
  private readonly backoffMs: number
  private readonly serving = new SideBySide(CUSTOMERS_AT_ONCE)
  private readonly mark: (events: readonly StoredEvent[]) => Promise<void>
  private lanes: number[] = []
  private heldUntil = 0
  private failures = 0
  private appended = 0
  private readonly waiting = new Map<string, number>()
  private wakeUp: (() => void) | undefined
  private woken = false

  constructor(private readonly options: DispatcherOptions) {
    this.leaseMs = options.leaseMs ?? 15_000
    this.backoffMs = options.backoffMs ?? 250
    this.mark = together<StoredEvent>((events) => options.store.events.handled(events))
  }

  lookAgain(): void {
    this.woken = true
    this.wakeUp?.()
  }

  async run(): Promise<void> {
    const { store } = this.options
    let unsubscribe = async (): Promise<void> => undefined
    while (!this.stopping) {
      try {
        if (this.heldUntil === 0) unsubscribe = await this.subscribe(unsubscribe)
        await this.turn()
      } catch (error) {
        await this.serving.finished().catch(() => undefined)
        await this.backOff(error)
      }
    }
    await this.serving.finished().catch(() => undefined)
    await unsubscribe().catch(() => undefined)
    await store.lanes.release(this.options.owner).catch(() => undefined)
  }

  private async subscribe(previous: () => Promise<void>): Promise<() => Promise<void>> {
    await previous().catch(() => undefined)
    return this.options.store.events.onAppended(() => {
      this.appended += 1
      this.lookAgain()
    })
  }

  /** One look at the backlog; over when all that it found has begun, and there may be more. */
  private async turn(): Promise<void> {
    this.woken = false
    await this.hold()
    const { appended } = this
    const without = [...this.stillWaiting(), ...this.serving.customers]
    const events = await this.options.store.events.pending(this.lanes, without, ROUND)
    const isAll = events.length < ROUND
    // There may be more of a customer who was left out of the looks meanwhile.
    const over = (): void => {
      if (!isAll || this.appended > appended || this.serving.hasFailed) this.lookAgain()
    }
    for (const [customer, own] of grouped(events, ({ customerId }) => customerId))
      await this.serving.begin(customer, () => this.serve(own), over)
    if (isAll) await this.idle(this.untilNextMs())
    if (this.serving.hasFailed) await this.serving.finished()
  }

  /** Lanes may only be given up when nothing in them is under way. */
  private async hold(): Promise<void> {
    if (Date.now() < this.heldUntil - (this.leaseMs * 2) / 3) return
    await this.serving.finished()
    const now = Date.now()
    this.lanes = await this.options.store.lanes.hold(this.options.owner, this.leaseMs)
    this.heldUntil = now + this.leaseMs
  }

  /** One customer's events in order; the first that fails holds back the others of the same customer, and nobody else's. */
  private async serve(events: readonly StoredEvent[]): Promise<void> {
    const done: StoredEvent[] = []
    try {
      for (const event of events) {
        if (this.stopping || Date.now() > this.heldUntil) break
        if (!(await this.attempt(event))) break
        done.push(event)
      }
    } finally {
      if (done.length > 0) await this.mark(done)
    }
    this.failures = 0
  }

  private async attempt(event: StoredEvent): Promise<boolean> {
    try {
      const handled = await this.options.handle(event)
      if (handled.is === 'set-aside') await this.setAside(event, handled.because)
      if (handled.is === 'waits') this.putOff(event, handled.ms)
      return handled.is === 'handled'
    } catch (error) {
      if (error instanceof Unreachable || isUnavailable(error)) throw error
      await this.failed(event, error)
      return false
    }
  }

  private async setAside(event: StoredEvent, because: string): Promise<void> {
    this.options.logger.warn({ eventId: event.id, kind: event.kind, because }, 'event set aside')
    await this.options.store.events.setAside(event, because)
  }

  private async failed(event: StoredEvent, error: unknown): Promise<void> {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    // A deletion that was promised is tried for ever.
    if (event.attempts + 1 >= ATTEMPTS && event.kind !== 'delete') return this.setAside(event, reason)
    await this.options.store.events.failed(event, reason)
    this.putOff(event, Math.min(LONGEST_BACKOFF_MS, this.backoffMs * 4 ** event.attempts))
  }

  /** The customer's other events wait with it. */
  private putOff({ customerId }: StoredEvent, ms: number): void {
    this.waiting.set(customerId, Date.now() + ms)
  }

  private untilNextMs(): number {
    const next = Math.min(...this.waiting.values()) - Date.now()
    return Math.min(Math.max(next, 0), IDLE_MS)
  }

  private stillWaiting(): string[] {
    for (const [customer, until] of this.waiting) if (until <= Date.now()) this.waiting.delete(customer)
    return [...this.waiting.keys()]
  }

  /** Temporal or the database is away: nothing is counted against any event. */
  private async backOff(error: unknown): Promise<void> {
    this.failures += 1
    this.heldUntil = 0
    const waitMs = Math.min(LONGEST_BACKOFF_MS, this.backoffMs * 2 ** Math.min(this.failures, 10))
    this.options.logger.warn({ waitMs, err: error }, 'dispatcher waits: a server is away')
    await this.idle(waitMs, false)
  }

  private async idle(ms: number, wakeable = true): Promise<void> {
    if (this.stopping || (wakeable && this.woken)) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.wakeUp = () => {
        if (!wakeable && !this.stopping) return
        clearTimeout(timer)
        resolve()
      }
    })
    this.wakeUp = undefined
  }
}
