/** A stable number in [0, 1) for the given parts: 32-bit FNV-1a with MurmurHash3's finalizer, over UTF-16 code units. */
export function fraction(...parts: readonly string[]): number {
  let hash = 0x811c9dc5
  const text = parts.map((part) => `${part.length}:${part}`).join('')
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return finish(hash) / 0x1_0000_0000
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The arm a fraction falls on; shares are relative weights. Throws RangeError when no share is positive. */
export function pick<Arm extends string>(shares: Readonly<Record<Arm, number>>, at: number): Arm {
  const arms = (Object.keys(shares) as Arm[]).filter((arm) => shares[arm] > 0)
  const total = arms.reduce((sum, arm) => sum + shares[arm], 0)
  if (arms.length === 0) throw new RangeError('A split needs at least one positive share')
  let edge = at * total
  for (const arm of arms) {
    edge -= shares[arm]
    if (edge < 0) return arm
  }
  return arms.at(-1)!
}
