/** A list that remembers the newest items only: what an enrollment carries must not grow with its age. */
export class Bounded<Item> {
  private items: Item[]

  constructor(
    private readonly most: number,
    items: readonly Item[] = [],
  ) {
    this.items = items.slice(-most)
  }

  add(item: Item): void {
    this.items.push(item)
    if (this.items.length > this.most) this.items.splice(0, this.items.length - this.most)
  }

  has(item: Item): boolean {
    return this.items.includes(item)
  }

  all(): readonly Item[] {
    return this.items
  }
}
