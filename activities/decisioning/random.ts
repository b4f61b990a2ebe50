import { fraction } from '../../sdk/hash'

/** Draws that are the same for the same seed, on every machine. */
export interface Random {
  /** In [0, 1), 53 bits. */
  uniform(): number
  /** A whole number from 0, below `count`. */
  below(count: number): number
  /** Mean 0, standard deviation 1. */
  normal(): number
  /** Shape above 0, scale 1. */
  gamma(shape: number): number
  /** Both parameters above 0. */
  beta(a: number, b: number): number
}

// As a name of this module it is found at once, in whatever realm this runs.
const { imul } = Math

/** xoshiro128** (Blackman and Vigna 2018), its state a hash of the seed. */
export function seeded(seed: string): Random {
  const state = Uint32Array.from(['a', 'b', 'c', 'd'], (word) => fraction(word, seed) * 0x1_0000_0000)
  state[0]! |= 1
  const uniform = (): number => (next(state) * 0x20_0000 + (next(state) >>> 11)) / 0x20_0000_0000_0000
  const normal = (): number => polarNormal(uniform)
  const gamma = (shape: number): number => marsagliaTsang(shape, uniform, normal)
  const below = (count: number): number => ((next(state) * count) / 0x1_0000_0000) | 0
  return { uniform, below, normal, gamma, beta: (a, b) => betaOf(a, b, gamma, uniform) }
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

function next(state: Uint32Array): number {
  const s0 = state[0]!
  const s1 = state[1]!
  const drawn = imul(rotated(imul(s1, 5), 7), 9) >>> 0
  state[2]! ^= s0
  state[3]! ^= s1
  state[1]! ^= state[2]!
  state[0]! ^= state[3]!
  state[2]! ^= s1 << 9
  state[3] = rotated(state[3]!, 11)
  return drawn
}

/** Marsaglia's polar method (1964). */
function polarNormal(uniform: () => number): number {
  for (;;) {
    const [u, v] = [2 * uniform() - 1, 2 * uniform() - 1]
    const s = u * u + v * v
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s)
  }
}

/** Marsaglia and Tsang (2000); shapes below 1 by their boost. */
function marsagliaTsang(shape: number, uniform: () => number, normal: () => number): number {
  if (shape < 1) return marsagliaTsang(shape + 1, uniform, normal) * (1 - uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v
  }
}

/** A share of two gammas. Of tiny shapes both may be 0: then it is at an end, as likely as the shapes say. */
function betaOf(a: number, b: number, gamma: (shape: number) => number, uniform: () => number): number {
  const [one, other] = [gamma(a), gamma(b)]
  if (one + other > 0) return one / (one + other)
  return uniform() < a / (a + b) ? 1 : 0
}
