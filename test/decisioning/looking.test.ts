import { alwaysValid, alwaysValidDifference } from '../../activities/decisioning/confidence-sequence'
import { lift } from '../../activities/decisioning/judging/lift'
import { seeded } from '../../activities/decisioning/random'

/** Customers a day, of whom some are held out; whoever looks, looks every day. */
const [A_DAY, DAYS, SEEDS] = [60, 15, 500]

interface Watched {
  readonly always: boolean
  readonly once: boolean
}

/** Whether the interval ever left the truth out, in so many days of looking. */
function watched(seed: string, treatedRate: number, heldOutRate: number, holdout: number): Watched {
  const random = seeded(seed)
  const groups = { treated: { converted: 0, of: 0 }, heldOut: { converted: 0, of: 0 } }
  const missed = { always: false, once: false }
  const truth = treatedRate - heldOutRate
  for (let day = 0; day < DAYS; day++) {
    for (let each = 0; each < A_DAY; each++) {
      const isHeldOut = random.uniform() < holdout
      const group = groups[isHeldOut ? 'heldOut' : 'treated']
      group.of += 1
      group.converted += Number(random.uniform() < (isHeldOut ? heldOutRate : treatedRate))
    }
    const { always, once } = lift(groups.treated, groups.heldOut)
    missed.always ||= truth < always.low || always.high < truth
    missed.once ||= truth < once.low || once.high < truth
  }
  return missed
}

const counted = (count: (each: Watched) => boolean, ...world: [number, number, number]): number =>
  Array.from({ length: SEEDS }, (_, seed) => watched(`looking ${seed} ${world}`, ...world)).filter(count)
    .length

test('looking every day fools nobody who reads `always`, and many who read `once`: where nothing is to be found', () => {
  let fooled = 0
  const once = counted(
    ({ always, once }) => {
      fooled += Number(always)
      return once
    },
    0.1,
    0.1,
    0.3,
  )
  expect(fooled).toBeLessThanOrEqual(0.05 * SEEDS)
  expect(once).toBeGreaterThan(0.15 * SEEDS)
})

test('nor where there is something to be found, in groups as unequal as holdouts are', () => {
  expect(counted(({ always }) => always, 0.3, 0.2, 0.1)).toBeLessThanOrEqual(0.05 * SEEDS)
})

describe('the interval of a difference', () => {
  const one = { sum: 320, count: 1_000 }
  const other = { sum: 200, count: 1_000 }

  test('is narrower than what two intervals leave open, and still wider than one for a single look', () => {
    const joint = alwaysValidDifference(one, other, 0.95)
    const [first, second] = [alwaysValid(one, 0.975), alwaysValid(other, 0.975)]
    expect(joint.low).toBeGreaterThan(first.low - second.high)
    expect(joint.high).toBeLessThan(first.high - second.low)
    const { once } = lift({ converted: 320, of: 1_000 }, { converted: 200, of: 1_000 })
    expect(joint.low).toBeLessThan(once.low)
    expect(joint.high).toBeGreaterThan(once.high)
    expect(joint.low).toBeGreaterThan(0)
  })

  test('turns round with the groups, and knows nothing where there is nobody', () => {
    const [there, back] = [alwaysValidDifference(one, other, 0.95), alwaysValidDifference(other, one, 0.95)]
    expect(there.low).toBeCloseTo(-back.high, 9)
    expect(there.high).toBeCloseTo(-back.low, 9)
    const nobody = { sum: 0, count: 0 }
    expect(alwaysValidDifference(nobody, nobody, 0.95)).toEqual({ low: -1, high: 1 })
    const all = alwaysValidDifference({ sum: 500, count: 500 }, { sum: 0, count: 500 }, 0.95)
    expect(all.low).toBeGreaterThan(0.95)
    expect(all.high).toBe(1)
  })

  test('holds just the differences that some pair of means explains: by a grid', () => {
    const [few, some] = [
      { sum: 7, count: 20 },
      { sum: 3, count: 15 },
    ]
    const { low, high } = alwaysValidDifference(few, some, 0.9)
    const inside: number[] = []
    for (let p = 0.0025; p < 1; p += 0.005)
      for (let q = 0.0025; q < 1; q += 0.005)
        if (evidence(few, p) + evidence(some, q) <= Math.log(10)) inside.push(p - q)
    expect(low).toBeCloseTo(
      inside.reduce((one, other) => Math.min(one, other)),
      2,
    )
    expect(high).toBeCloseTo(
      inside.reduce((one, other) => Math.max(one, other)),
      2,
    )
  })
})

/** B(1 + s, 1 + f) / (p^s (1 − p)^f) by its product form, for whole numbers. */
function evidence({ sum, count }: { sum: number; count: number }, p: number): number {
  let mixture = -Math.log(count + 1)
  for (let k = 1; k <= sum; k++) mixture -= Math.log((count - sum + k) / k)
  return mixture - sum * Math.log(p) - (count - sum) * Math.log(1 - p)
}
