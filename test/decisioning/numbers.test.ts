import {
  betaBelief,
  chancesOfBest,
  chancesOfBestJointly,
  normalBelief,
} from '../../activities/decisioning/best-chances'
import {
  betaCdf,
  lnBeta,
  lnGamma,
  normalCdf,
  normalQuantile,
} from '../../activities/decisioning/distributions'
import { addOuter, cholesky, identity, inverseOf, times } from '../../activities/decisioning/matrix'
import { seeded } from '../../activities/decisioning/random'
import { Ridge } from '../../activities/decisioning/ridge'

const moments = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
}

const drawn = (draw: () => number): number[] => Array.from({ length: 20_000 }, draw)

describe('draws', () => {
  test('are the same for the same seed, and others for another', () => {
    const of = (seed: string) => drawn(seeded(seed).uniform).slice(0, 5)
    expect(of('one')).toEqual(of('one'))
    expect(of('one')).not.toEqual(of('other'))
    expect(Math.min(...drawn(seeded('one').uniform))).toBeGreaterThanOrEqual(0)
  })

  test.each([
    ['uniform', () => seeded('u').uniform, 1 / 2, 1 / 12],
    ['normal', () => seeded('n').normal, 0, 1],
    [
      'gamma of a large shape',
      () =>
        (
          (random) => () =>
            random.gamma(7)
        )(seeded('g')),
      7,
      7,
    ],
    [
      'gamma of a small shape',
      () =>
        (
          (random) => () =>
            random.gamma(0.3)
        )(seeded('g')),
      0.3,
      0.3,
    ],
    [
      'beta',
      () =>
        (
          (random) => () =>
            random.beta(2, 6)
        )(seeded('b')),
      0.25,
      12 / (64 * 9),
    ],
  ])('%s have the mean and the variance they should', (_, make, mean, variance) => {
    const found = moments(drawn(make()))
    expect(Math.abs(found.mean - mean)).toBeLessThan(4 * Math.sqrt(variance / 20_000))
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.06)
  })

  test('a beta of tiny shapes lands at an end, and is no NaN', () => {
    const random = seeded('tiny')
    const values = Array.from({ length: 1_000 }, () => random.beta(1e-9, 3e-9))
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
  })
})

describe('distributions', () => {
  test('gamma and beta functions at known values', () => {
    expect(lnGamma(5)).toBeCloseTo(Math.log(24), 12)
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12)
    expect(lnGamma(1e6)).toBeCloseTo(12815504.569147611, 4)
    expect(lnBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 12)
  })

  // Figures by scipy.stats 1.17.
  test.each([
    [0.5, 2, 3, 0.6875],
    [0.004, 39, 9963, 0.5844679378550057],
    [0.9, 0.02, 1.98, 0.9998845531086654],
    [0.3, 500.5, 1200.25, 0.6994253821181974],
  ])('the chance that a Beta is at most %f', (x, a, b, chance) => {
    expect(betaCdf(x, a, b)).toBeCloseTo(chance, 8)
  })

  test('a Beta of whole numbers is a sum of binomials', () => {
    const binomials = (x: number, a: number, b: number): number => {
      const n = a + b - 1
      let sum = 0
      for (let j = a; j <= n; j++) {
        const chooses = Math.exp(lnGamma(n + 1) - lnGamma(j + 1) - lnGamma(n - j + 1))
        sum += chooses * x ** j * (1 - x) ** (n - j)
      }
      return sum
    }
    for (const [x, a, b] of [
      [0.1, 3, 20],
      [0.5, 10, 10],
      [0.97, 40, 3],
    ] as const)
      expect(betaCdf(x, a, b)).toBeCloseTo(binomials(x, a, b), 10)
  })

  test('normal: quantiles undo chances', () => {
    expect(normalCdf(1.959964)).toBeCloseTo(0.975, 6)
    for (const p of [0.001, 0.2, 0.5, 0.975]) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 8)
  })
})

describe('who is the best', () => {
  test('of two normals: Φ of the difference', () => {
    const [one] = chancesOfBest([normalBelief(1, 0.5), normalBelief(0.4, 1.2)], 'seed')
    expect(one).toBeCloseTo(normalCdf(0.6 / Math.hypot(0.5, 1.2)), 3)
  })

  // P(B > A) = Σ_i B(a + i, b_A + b_B) / ((b_B + i) B(1 + i, b_B) B(a, b_A)) for whole numbers (Miller 2014).
  const exact = ([a, b]: [number, number], [c, d]: [number, number]): number => {
    let sum = 0
    for (let i = 0; i < c; i++)
      sum += Math.exp(lnBeta(a + i, b + d) - Math.log(d + i) - lnBeta(1 + i, d) - lnBeta(a, b))
    return sum
  }

  test.each([
    [
      [1, 1],
      [1, 1],
    ],
    [
      [3, 40],
      [6, 50],
    ],
    [
      [2, 2],
      [300, 9_000],
    ],
    [
      [31, 9_971],
      [45, 9_957],
    ],
  ] as [[number, number], [number, number]][])('of two Betas: the closed form (%j, %j)', (one, other) => {
    const [, second] = chancesOfBest([betaBelief(...one), betaBelief(...other)], 'seed')
    expect(Math.abs(second! - exact(one, other))).toBeLessThan(0.001)
  })

  test('of many: drawing agrees with integrating, and all sum to 1', () => {
    const beliefs = Array.from({ length: 13 }, (_, at) => normalBelief(at / 10, 0.4))
    const counted = chancesOfBest(beliefs, 'seed')
    const last = chancesOfBest(beliefs.slice(1), 'seed').at(-1)!
    expect(counted.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 12)
    expect(Math.abs(counted.at(-1)! - last)).toBeLessThan(0.03)
  })

  test('jointly normal ones that move together differ by what is their own', () => {
    const together = chancesOfBestJointly(
      [0.1, 0],
      [
        [1, 1],
        [1, 1],
      ],
      'seed',
    )
    expect(together).toEqual([1, 0])
    const apart = chancesOfBestJointly(
      [0.1, 0],
      [
        [1, 0],
        [0, 1],
      ],
      'seed',
    )
    expect(Math.abs(apart[0]! - normalCdf(0.1 / Math.SQRT2))).toBeLessThan(0.03)
  })

  test('certain ones: the greater has it, equal ones share', () => {
    expect(chancesOfBest([normalBelief(0.2, 0), normalBelief(0.5, 0)], 'seed')).toEqual([0, 1])
    expect(chancesOfBest([normalBelief(0.5, 0), normalBelief(0.5, 0)], 'seed')).toEqual([0.5, 0.5])
  })
})

describe('linear algebra', () => {
  const matrix = [[4, 2, 0.6], [2, 5, 1], [0.6, 1, 3]] // prettier-ignore

  test('a factor times itself, and an inverse times the matrix', () => {
    const lower = cholesky(matrix)
    const product = lower.map((row) =>
      lower.map((other) => row.reduce((sum, value, at) => sum + value * other[at]!, 0)),
    )
    expect(product.flat()).toEqual(matrix.flat().map((value) => expect.closeTo(value, 12)))
    const unit = times(
      inverseOf(matrix),
      matrix.map((row) => row[1]!),
    )
    expect(unit).toEqual([0, 1, 0].map((value) => expect.closeTo(value, 12)))
  })

  test('Sherman and Morrison: as if the matrix had been inverted anew', () => {
    const inverse = inverseOf(matrix)
    const x = [0.3, -1, 2]
    addOuter(inverse, x)
    const anew = inverseOf(matrix.map((row, at) => row.map((value, to) => value + x[at]! * x[to]!)))
    expect(inverse.flat()).toEqual(anew.flat().map((value) => expect.closeTo(value, 12)))
    expect(identity(2)).toEqual([
      [1, 0],
      [0, 1],
    ])
  })

  test('a model that has been asked all along knows what one knows that was asked at the end', () => {
    const random = seeded('ridge')
    const [asked, silent] = [new Ridge(1), new Ridge(1)]
    for (let at = 0; at < 60; at++) {
      // New features come as it goes, and the first one goes.
      const features = { [`f${Math.floor(at / 12)}`]: random.normal(), all: 1 }
      const reward = random.uniform()
      for (const model of [asked, silent]) model.learn(features, reward)
      asked.mean(features)
    }
    const about = { f0: 1, f3: -0.4, all: 1, neverSeen: 2 }
    expect(asked.mean(about)).toBeCloseTo(silent.mean(about), 10)
    expect(asked.covariance(about, about)).toBeCloseTo(silent.covariance(about, about), 10)
    expect(silent.covariance({ neverSeen: 2 }, { neverSeen: 2 })).toBe(4)
  })
})
