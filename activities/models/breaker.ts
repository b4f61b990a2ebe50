const FAILURES = 5
const REST_MS = 10_000

/** Leaves a server alone for ten seconds after five failures in a row; then one question tries it, and the others wait for what that finds. */
export class Breaker {
  private failures = 0
  private restsUntil = 0

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether to ask. Who is allowed must tell how it went. */
  allows(): boolean {
    if (this.failures < FAILURES) return true
    if (this.now() < this.restsUntil) return false
    this.restsUntil = this.now() + REST_MS
    return true
  }

  tell(worked: boolean): void {
    this.failures = worked ? 0 : this.failures + 1
    if (this.failures >= FAILURES) this.restsUntil = this.now() + REST_MS
  }
}
