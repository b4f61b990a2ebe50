const { abs, exp, log, log1p, sin, sqrt, PI } = Math

// Lanczos' approximation with g = 7 and 9 terms (Godfrey's coefficients); relative error below 1e-14.
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** The logarithm of the gamma function, for x above 0. */
export function lnGamma(x: number): number {
  if (x < 0.5) return log(PI / sin(PI * x)) - lnGamma(1 - x)
  const t = x + 6.5
  const series = lanczos.reduce((sum, term, at) => sum + (at === 0 ? term : term / (x - 1 + at)), 0)
  return 0.5 * log(2 * PI) + (x - 0.5) * log(t) - t + log(series)
}

export const lnBeta = (a: number, b: number): number => lnGamma(a) + lnGamma(b) - lnGamma(a + b)

/** Regularised incomplete beta function: the chance that a Beta(a, b) is at most x (DLMF 8.17.22). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = exp(a * log(x) + b * log1p(-x) - lnBeta(a, b))
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b
}

const TINY = 1e-300

/** The continued fraction, by Lentz's method as Thompson and Barnett modified it (1986). */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    for (const term of [even, odd]) {
      d = 1 / apart(1 + term * d)
      c = apart(1 + term / c)
      value *= c * d
    }
    if (abs(c * d - 1) < 1e-13) break
  }
  return value
}

const apart = (value: number): number => (abs(value) < TINY ? TINY : value)

const DENSITY = 1 / sqrt(2 * PI)

/** The chance that a standard normal is at most x; error below 7.5e-8 (Abramowitz and Stegun 26.2.17). */
export function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * abs(x))
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = DENSITY * exp(-0.5 * x * x) * series
  return x > 0 ? 1 - tail : tail
}

/** Below which a standard normal is with the chance p, 0 < p < 1. */
export const normalQuantile = (p: number): number => rootOf((x) => normalCdf(x) - p, -9, 9)

/** Where a growing function is 0, by halving; 60 times lead as near as numbers can. */
export function rootOf(growing: (x: number) => number, low: number, high: number, times = 60): number {
  for (let halvings = 0; halvings < times; halvings++) {
    const middle = (low + high) / 2
    if (growing(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
