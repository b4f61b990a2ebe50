import { addOuter, dot, identity, inverseOf, times, type Matrix } from './matrix'

/** Sums of x xᵀ and of reward · x, by named features; they are added to, and so kept and merged with ease. */
export interface LinearSums {
  features: string[]
  outer: Matrix
  rewarded: number[]
}

/** A context as named numbers; what is not named is 0. */
export type Features = Readonly<Record<string, number>>

export const noSums = (): LinearSums => ({ features: [], outer: [], rewarded: [] })

/** A customer's context has at most so many features; a model does not grow past it. */
export const MOST_FEATURES = 100

/**
 * Ridge regression that learns one observation after the other: A = ridge · I + Σ x xᵀ, b = Σ reward · x. Contexts may change
 * their shape: a feature that was never seen was 0 until now, and so adds a row of the ridge alone.
 */
export class Ridge {
  private inverse: Matrix | undefined
  private solved: number[] | undefined
  private known: Set<string>

  constructor(
    private readonly ridge: number,
    readonly sums: LinearSums = noSums(),
  ) {
    this.known = new Set(sums.features)
  }

  /** `discount` < 1 forgets: all sums before are multiplied by it, the ridge is not (Russac, Vernade and Cappé 2019). */
  learn(features: Features, reward: number, discount = 1): void {
    this.grow(features)
    this.forget(discount)
    const x = this.vector(features)
    const { outer, rewarded } = this.sums
    for (const [row, value] of x.entries()) {
      if (value === 0) continue
      rewarded[row]! += reward * value
      for (let at = 0; at < x.length; at++) outer[row]![at]! += value * x[at]!
    }
    if (this.inverse) addOuter(this.inverse, x)
    this.solved = undefined
  }

  forget(discount: number): void {
    if (discount === 1) return
    this.sums.rewarded = this.sums.rewarded.map((value) => value * discount)
    this.sums.outer = this.sums.outer.map((row) => row.map((value) => value * discount))
    this.inverse = undefined
    this.solved = undefined
  }

  /** The expected reward. */
  mean(features: Features): number {
    return dot(this.coefficients(), this.vector(features))
  }

  /** xᵀ A⁻¹ y, features never seen included. */
  covariance(one: Features, other: Features): number {
    const known = dot(this.vector(one), times(this.inverted(), this.vector(other)))
    const strange = Object.keys(one).filter((name) => !this.known.has(name))
    return known + strange.reduce((sum, name) => sum + one[name]! * (other[name] ?? 0), 0) / this.ridge
  }

  coefficients(): number[] {
    return (this.solved ??= times(this.inverted(), this.sums.rewarded))
  }

  private vector(features: Features): number[] {
    return this.sums.features.map((name) => features[name] ?? 0)
  }

  private inverted(): Matrix {
    const { outer } = this.sums
    return (this.inverse ??= inverseOf(
      outer.map((row, at) => row.map((value, to) => (at === to ? value + this.ridge : value))),
    ))
  }

  private grow(features: Features): void {
    const { sums } = this
    const room = MOST_FEATURES - sums.features.length
    const added = Object.keys(features)
      .filter((name) => features[name] !== 0 && !this.known.has(name))
      .slice(0, Math.max(room, 0))
    if (added.length === 0) return
    sums.features = [...sums.features, ...added]
    this.known = new Set(sums.features)
    sums.outer = extended(sums.outer, sums.features.length, 0)
    sums.rewarded = [...sums.rewarded, ...added.map(() => 0)]
    if (this.inverse) this.inverse = extended(this.inverse, sums.features.length, 1 / this.ridge)
  }
}

function extended(matrix: Matrix, size: number, diagonal: number): Matrix {
  const bigger = identity(size, diagonal)
  for (const [row, values] of matrix.entries()) {
    for (const [at, value] of values.entries()) bigger[row]![at] = value
  }
  return bigger
}
