const MOST_KEPT = 10_000

/** Keeps what was given for a while, each for its own; when it is full, the oldest goes. */
export class Cache<Value> {
  private readonly kept = new Map<string, { readonly value: Value; readonly until: number }>()

  constructor(
    private readonly now: () => number = Date.now,
    private readonly most = MOST_KEPT,
  ) {}

  get(key: string): Value | undefined {
    const found = this.kept.get(key)
    if (found && this.now() < found.until) return found.value
    this.kept.delete(key)
    return undefined
  }

  set(key: string, value: Value, forMs: number): void {
    if (forMs <= 0) return
    this.kept.delete(key)
    const [oldest] = this.kept.keys()
    if (this.kept.size >= this.most) this.kept.delete(oldest!)
    this.kept.set(key, { value, until: this.now() + forMs })
  }
}
