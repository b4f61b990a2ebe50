import { type Aimed, movesOf } from './plan'
import type { Script } from './storm'
import { newcomers, people } from './stories'

const manners = (seed: number): Script['manners'] => ({
  smtp: {
    seed,
    of100: { refuse: 3, cut: 3, silent: 0.5, slow: 8, gone: 2, hang: 2 },
    slowMs: [500, 4_000],
  },
  webhooks: {
    seed: seed + 1,
    of100: { refuse: 3, broken: 4, 'too-many': 4, hang: 3, cut: 4, silent: 2, slow: 5, gone: 3 },
    slowMs: [500, 2_500],
  },
})

const CUSTOMERS_A_MINUTE = 100

/** A storm of so many minutes, and some to come to rest. */
export const fullScript = (
  seed: number,
  minutes: number,
  customers = Math.ceil(minutes * CUSTOMERS_A_MINUTE),
): Script => ({
  seed,
  people: people(seed, customers),
  moves: movesOf(seed, minutes * 60_000),
  manners: manners(seed),
  stormMs: minutes * 60_000,
  calmMs: 360_000,
  awaitsLeases: true,
})

/** One for `npm test`. */
export const shortScript = (seed: number): Script => ({
  ...fullScript(seed, 0.75, 60),
  calmMs: 200_000,
  awaitsLeases: false,
})

/** One that a fault cannot hide in: nothing is broken but what is told to be. */
export const faultScript = (seed: number, move?: Aimed): Script => ({
  seed,
  people: newcomers(seed, move === 'kill in sending' ? 14 : 30),
  moves: move ? [{ at: 0, does: move, forMs: 0 }] : [],
  manners: {
    smtp: { seed, of100: move === 'kill in sending' ? { slow: 100 } : {}, slowMs: [4_000, 5_000] },
    webhooks: { seed, of100: {}, slowMs: [0, 0] },
  },
  stormMs: 10_000,
  calmMs: 120_000,
  awaitsLeases: false,
})
