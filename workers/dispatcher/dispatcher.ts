import type { Logger } from '../../logger'
import { isUnavailable, type Store, type StoredEvent } from '../../store'
import { type Handling, Unreachable } from './handling'

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
  const round = new Rounds(options)
  const running = round.run()
  return {
    stop: async () => {
      round.stopping = true
      round.wake()
      await running
    },
  }
}

class Rounds {
  stopping = false
  private readonly leaseMs: number
  private readonly backoffMs: number
  private lanes: number[] = []
  private heldUntil = 0
  private failures = 0
  private readonly waiting = new Map<string, number>()
  private wakeUp: (() => void) | undefined
  private woken = false

  constructor(private readonly options: DispatcherOptions) {
    this.leaseMs = options.leaseMs ?? 15_000
    this.backoffMs = options.backoffMs ?? 250
  }

  wake(): void {
    this.woken = true
    this.wakeUp?.()
  }

  async run(): Promise<void> {
    const { store } = this.options
    let unsubscribe = async (): Promise<void> => undefined
    while (!this.stopping) {
      try {
        if (this.heldUntil === 0) unsubscribe = await this.subscribe(unsubscribe)
        const found = await this.round()
        this.failures = 0
        if (!found) await this.idle(IDLE_MS)
      } catch (error) {
        await this.backOff(error)
      }
    }
    await unsubscribe().catch(() => undefined)
    await store.lanes.release(this.options.owner).catch(() => undefined)
  }

  private async subscribe(previous: () => Promise<void>): Promise<() => Promise<void>> {
    await previous().catch(() => undefined)
    return this.options.store.events.onAppended(() => this.wake())
  }

  /** One look at the backlog; false when there was nothing to do. */
  private async round(): Promise<boolean> {
    this.woken = false
    await this.hold()
    const events = await this.options.store.events.pending(this.lanes, this.stillWaiting(), ROUND)
    await inParallel(CUSTOMERS_AT_ONCE, byCustomer(events), (own) => this.serve(own))
    return events.length > 0
  }

  private async hold(): Promise<void> {
    const now = Date.now()
    if (now < this.heldUntil - (this.leaseMs * 2) / 3) return
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
      await this.options.store.events.handled(done)
    }
  }

  private async attempt(event: StoredEvent): Promise<boolean> {
    try {
      const handled = await this.options.handle(event)
      if (handled.is === 'set-aside') await this.setAside(event, handled.because)
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
    if (event.attempts + 1 >= ATTEMPTS) return this.setAside(event, reason)
    await this.options.store.events.failed(event, reason)
    this.waiting.set(
      event.customerId,
      Date.now() + Math.min(LONGEST_BACKOFF_MS, this.backoffMs * 4 ** event.attempts),
    )
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

function byCustomer(events: readonly StoredEvent[]): StoredEvent[][] {
  const groups = new Map<string, StoredEvent[]>()
  for (const event of events) {
    const group = groups.get(event.customerId)
    if (group) group.push(event)
    else groups.set(event.customerId, [event])
  }
  return [...groups.values()]
}

/** Runs the work at most so many at once; rejects with the first failure, after all that began have ended. */
export async function inParallel<Item>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const failures: unknown[] = []
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failures.length > 0) return
      await work(item).catch((error) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane))
  if (failures.length > 0) throw failures[0]
}
