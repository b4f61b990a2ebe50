import { Chance } from './random'

/** What is done to the deployment, and when. */
export type Move =
  | {
      readonly at: number
      readonly does: 'kill' | 'freeze' | 'restart'
      readonly name: string
      readonly forMs: number
    }
  /**
   * Both dispatchers are killed while they hand out events, or both workers while mails are on their way.
   */
  | { readonly at: number; readonly does: Aimed; readonly forMs: number }

/** What is done at a moment that is looked out for. */
export type Aimed = 'kill in handing out' | 'kill in sending'

export const workers = ['worker 1', 'worker 2']
export const dispatchers = ['dispatcher 1', 'dispatcher 2']
export const sinks = ['smtp', 'webhooks']
export const ours = [...workers, ...dispatchers, 'api', ...sinks]
export const servers = ['temporal', 'postgres']

type Kind = { readonly does: Move['does']; readonly name: string }

const each = (does: Move['does'], names: readonly string[]): Kind[] => names.map((name) => ({ does, name }))

const first = [
  ...each('kill', [...ours, ...servers]),
  ...each('freeze', ['worker 1', 'dispatcher 2']),
  ...each('kill in handing out', ['']),
]
const later = [
  ...each('kill', [...ours, ...ours, ...servers]),
  ...each('freeze', [...ours, ...servers]),
  ...each('restart', ['api', ...workers, ...dispatchers]),
  ...each('kill in handing out', ['']),
  ...each('kill in sending', ['']),
]

// A workflow task is given to another worker after 10 s, a lane to another dispatcher after 15 s.
const frozenMs: Record<string, readonly [number, number]> = {
  worker: [11_000, 16_000],
  dispatcher: [11_000, 20_000],
  temporal: [10_500, 13_000],
}

/** Nobody is touched again while down or just up, and a server that dies five times in a minute stays down. */
const restMs = (name: string): number => (servers.includes(name) ? 20_000 : 4_000)

/** All that is done within so many ms, or until everybody was killed once; the seed alone decides. */
export function movesOf(seed: number, withinMs: number, everyMs = 3_500): Move[] {
  const chance = new Chance(seed, 'moves')
  const moves: Move[] = []
  const freeFrom = new Map<string, number>()
  let deck = chance.shuffled(first)
  let allWereHit = false
  for (let at = 3_000; at < withinMs - 2_000 || !allWereHit; at += chance.between(0.5, 1.5) * everyMs) {
    const next = deck.findIndex((kind) => namesOf(kind).every((name) => (freeFrom.get(name) ?? 0) <= at))
    if (next < 0) continue
    const kind = deck.splice(next, 1)[0]!
    const forMs = durationOf(kind, chance)
    for (const name of namesOf(kind)) freeFrom.set(name, at + forMs + restMs(name))
    moves.push({ at, ...kind, forMs })
    if (deck.length > 0) continue
    allWereHit = true
    deck = chance.shuffled(later)
  }
  return moves
}

function namesOf({ does, name }: Kind): string[] {
  if (does === 'kill in handing out') return dispatchers
  return does === 'kill in sending' ? workers : [name]
}

function durationOf({ does, name }: Kind, chance: Chance): number {
  if (does === 'kill in handing out' || does === 'kill in sending') return 8_000
  if (does === 'freeze')
    return Math.round(chance.between(...(frozenMs[name.split(' ')[0]!] ?? [4_000, 12_000])))
  return chance.happens(0.5) ? 0 : chance.whole(0, 3_000)
}
