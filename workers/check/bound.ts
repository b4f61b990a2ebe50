/**
 * The largest share of all that may break when `found` of `looked` do, with 95 % confidence: the exact one-sided bound of
 * Clopper and Pearson (Biometrika 26, 1934); for none found about 3 / looked, the rule of three.
 */
export function upperBound(found: number, looked: number): number {
  if (found >= looked) return 1
  let [low, high] = [found / looked, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (atMost(found, looked, middle) > 0.05) low = middle
    else high = middle
  }
  return high
}

/** The chance of at most `found` of `looked`, when each has the chance `share`: summed by logarithms, so that it can't overflow. */
function atMost(found: number, looked: number, share: number): number {
  let logChoose = 0
  let sum = 0
  for (let count = 0; count <= found; count++) {
    sum += Math.exp(logChoose + count * Math.log(share) + (looked - count) * Math.log1p(-share))
    logChoose += Math.log(looked - count) - Math.log(count + 1)
  }
  return sum
}
