/** Makes one write of many: what comes while a write is under way goes into the next. Resolves once its own is done. */
export function together<Item>(
  write: (items: readonly Item[]) => Promise<void>,
): (items: readonly Item[]) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  let next: { readonly items: Item[]; readonly written: Promise<void> } | undefined
  const begin = (): { items: Item[]; written: Promise<void> } => {
    const items: Item[] = []
    const written = last.then(() => {
      next = undefined
      return write(items)
    })
    last = written.catch(() => undefined)
    return { items, written }
  }
  return (items) => {
    next ??= begin()
    next.items.push(...items)
    return next.written
  }
}
