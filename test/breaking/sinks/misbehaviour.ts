import { Chance } from '../random'

/** What a sink does instead of taking a delivery and saying so. */
export type Misbehaviour =
  'none' | 'slow' | 'cut' | 'silent' | 'refuse' | 'hang' | 'gone' | 'too-many' | 'broken'

export interface Manners {
  readonly seed: number
  /** By kind, how many of a hundred deliveries meet it; the rest meets none. */
  readonly of100: Partial<Record<Misbehaviour, number>>
  /** How long `slow` takes, ms. */
  readonly slowMs: readonly [number, number]
}

// Then the sink behaves: nobody waits for ever.
const WORST_ATTEMPTS = 2

/** Decided by the seed, by what is delivered and by which attempt it is: the same in every replay. */
export function misbehaviourAt({ seed, of100 }: Manners, ref: string, attempt: number): Misbehaviour {
  if (attempt >= WORST_ATTEMPTS) return 'none'
  let at = new Chance(seed, `${ref} ${attempt}`).between(0, 100)
  for (const [kind, share] of Object.entries(of100)) if ((at -= share) < 0) return kind as Misbehaviour
  return 'none'
}

export const slowness = ({ seed, slowMs }: Manners, ref: string): number =>
  new Chance(seed, `slow ${ref}`).between(...slowMs)
