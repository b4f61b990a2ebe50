import type { Answer } from '../channels'

const FAILURES = 5
const PAUSE_MS = 15_000

/**
 * Which providers were down a moment ago, as this process knows it. After five times in a row one is not asked for fifteen
 * seconds where another may stand in for it; then one message tries it. What has an unknown end says nothing of it.
 */
export class CarrierHealth {
  private readonly known = new Map<string, { failures: number; until: number }>()

  /** `now` in ms. */
  constructor(private readonly now: () => number = Date.now) {}

  /** Whether it is to be passed over; who is told no once a pause is over is the one that tries it. */
  isOut(provider: string): boolean {
    const state = this.known.get(provider)
    if (!state || state.failures < FAILURES) return false
    if (this.now() < state.until) return true
    state.until = this.now() + PAUSE_MS
    return false
  }

  /** What became of asking it. */
  told(provider: string, answer: Answer): void {
    if (answer.is === 'unknown') return
    if (answer.is !== 'busy' || answer.fault !== 'down') return void this.known.delete(provider)
    const failures = (this.known.get(provider)?.failures ?? 0) + 1
    this.known.set(provider, { failures, until: this.now() + PAUSE_MS })
  }
}
