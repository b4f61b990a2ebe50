/** Does the work for all of them, so many at once. Rejects with the first failure, after which no other is begun. */
export async function forEach<Item>(
  items: Iterable<Item>,
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const working = new SideBySide(most)
  let number = 0
  for (const item of items)
    await working.begin(
      String(number++),
      () => work(item),
      () => undefined,
    )
  await working.finished()
}

/** Works for many customers side by side, and for each of them on one thing at a time. */
export class SideBySide {
  private readonly underWay = new Map<string, Promise<void>>()
  private failure: { readonly error: unknown } | undefined

  constructor(private readonly most: number) {}

  /** The customers who are being worked for. */
  get customers(): string[] {
    return [...this.underWay.keys()]
  }

  /**
   * Begins the work as soon as there is room, and resolves then; `over` is called when the customer is free again.
   * When a piece of work has rejected, nothing more is begun until `finished`.
   */
  async begin(customer: string, work: () => Promise<void>, over: () => void): Promise<void> {
    while (this.underWay.size >= this.most) await Promise.race(this.underWay.values())
    if (this.failure) return
    const done = work()
      .catch((error: unknown) => void (this.failure ??= { error }))
      .then(() => {
        this.underWay.delete(customer)
        over()
      })
    this.underWay.set(customer, done)
  }

  /** Resolves once nothing is under way; rejects with the first failure since it was called last. */
  async finished(): Promise<void> {
    await Promise.all(this.underWay.values())
    const { failure } = this
    this.failure = undefined
    if (failure) throw failure.error
  }

  get hasFailed(): boolean {
    return this.failure !== undefined
  }
}
