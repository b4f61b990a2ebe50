const AT_ONCE = 8

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Works on every item, beginning `rate` of them a second at most, some of them side by side. After a failure none is begun any
 * more; it rejects with the failure once those under way are over.
 */
export async function paced<Item>(
  items: readonly Item[],
  rate: number,
  work: (item: Item) => Promise<void>,
  sleep: (ms: number) => Promise<void> = pause,
): Promise<void> {
  const failures: unknown[] = []
  const underWay = new Set<Promise<void>>()
  for (const [index, item] of items.entries()) {
    if (index > 0) await sleep(1_000 / rate)
    if (underWay.size >= AT_ONCE) await Promise.race(underWay)
    if (failures.length > 0) break
    const done = work(item)
      .catch((error: unknown) => void failures.push(error))
      .then(() => void underWay.delete(done))
    underWay.add(done)
  }
  await Promise.all(underWay)
  if (failures.length > 0) throw failures[0]
}
