import { effectiveSize, estimators, type Logged } from '../../activities/decisioning/judging/estimators'
import { evaluate, judgment, type Episode } from '../../activities/decisioning/judging/evaluation'
import { Learner } from '../../activities/decisioning/learner'
import { lift, wilson } from '../../activities/decisioning/judging/lift'
import { bootstrapped, mean, quantile, valueOf } from '../../activities/decisioning/judging/ratio'
import { regretOver, type TimedEpisode } from '../../activities/decisioning/judging/regret'
import { qiniOf, upliftCurve } from '../../activities/decisioning/judging/uplift'
import { seeded } from '../../activities/decisioning/random'
import type { Policy } from '../../sdk/decision'
import { candidates } from './support'

const row = (
  reward: number,
  propensity: number,
  chance: number,
  expected = 0,
  expectedOfPolicy = 0,
): Logged => ({
  reward,
  propensity,
  chance,
  expected,
  expectedOfPolicy,
})

describe('estimators', () => {
  const log = [row(1, 0.5, 1, 0.5, 0.6), row(0, 0.25, 0.5, 0.2, 0.4), row(1, 0.8, 0, 0.9, 0.5)]

  test('by hand', () => {
    expect(valueOf(estimators.ipw, log)).toBeCloseTo(2 / 3, 12)
    expect(valueOf(estimators.snipw, log)).toBeCloseTo(2 / 4, 12)
    expect(valueOf(estimators.dm, log)).toBeCloseTo(0.5, 12)
    expect(valueOf(estimators.dr, log)).toBeCloseTo((0.6 + 2 * 0.5 + (0.4 + 2 * -0.2) + 0.5) / 3, 12)
    expect(effectiveSize(log)).toBeCloseTo(16 / 8, 12)
  })

  test('a policy judged by its own log is what the log brought', () => {
    const own = Array.from({ length: 40 }, (_, at) => row(at % 4, 0.3, 0.3, 1, 1))
    for (const estimate of Object.values(estimators))
      expect(valueOf(estimate, own)).toBeCloseTo(estimate === estimators.dm ? 1 : 1.5, 12)
    expect(effectiveSize(own)).toBeCloseTo(40, 9)
  })

  test('doubly robust: right with the right model whatever the chances, and with the right chances whatever the model', () => {
    const random = seeded('robust')
    const make = (wrongBy: { propensity?: number; model?: number }) =>
      Array.from({ length: 40_000 }, () => {
        const isA = random.uniform() < 0.7
        const reward = Number(random.uniform() < (isA ? 0.2 : 0.5))
        const model = (a: boolean) => (a ? 0.2 : 0.5) + (wrongBy.model ?? 0)
        const propensity = (isA ? 0.7 : 0.3) + (wrongBy.propensity ?? 0) * (isA ? -1 : 1)
        return row(reward, propensity, isA ? 0.1 : 0.9, model(isA), 0.1 * model(true) + 0.9 * model(false))
      })
    const truth = 0.1 * 0.2 + 0.9 * 0.5
    expect(Math.abs(valueOf(estimators.dr, make({ model: 0.3 })) - truth)).toBeLessThan(0.02)
    expect(Math.abs(valueOf(estimators.dm, make({ model: 0.3 })) - truth)).toBeGreaterThan(0.2)
    expect(Math.abs(valueOf(estimators.dr, make({ propensity: 0.2 })) - truth)).toBeLessThan(0.02)
    expect(Math.abs(valueOf(estimators.ipw, make({ propensity: 0.2 })) - truth)).toBeGreaterThan(0.1)
  })
})

describe('intervals', () => {
  test('the bootstrap of a mean is about 1.96 standard errors wide, and the same for the same seed', () => {
    const random = seeded('bootstrap')
    const items = Array.from({ length: 400 }, () => random.normal())
    const ratio = mean((value: number) => value)
    const { low, high } = bootstrapped(ratio, items)
    expect((high - low) / (2 * 1.96 * 0.05)).toBeCloseTo(1, 0)
    expect(bootstrapped(ratio, items)).toMatchObject({ low, high })
    expect(quantile([4, 1, NaN, 3, 2], 0.5)).toBe(2.5)
  })

  // Newcombe 1998, table II, method 10: his examples a, c, e and h.
  test.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [10, 10, 0, 10, 0.6075, 1],
  ])('Newcombe’s own figures: %i of %i against %i of %i', (converted, of, other, ofOther, low, high) => {
    const found = lift({ converted, of }, { converted: other, of: ofOther })
    expect(found.once.low).toBeCloseTo(low, 4)
    expect(found.once.high).toBeCloseTo(high, 4)
    expect(found.always.low).toBeLessThan(found.once.low)
  })

  test('nobody in a group: nothing is known', () => {
    expect(lift({ converted: 0, of: 0 }, { converted: 1, of: 2 })).toMatchObject({
      difference: null,
      once: { low: -1, high: 1 },
    })
    expect(wilson({ converted: 0, of: 0 })).toEqual({ low: 0, high: 1 })
  })
})

describe('uplift', () => {
  test('a model that finds those whom it moves, one that says nothing, and one that is wrong', () => {
    const customers = (score: (moved: boolean) => number) =>
      Array.from({ length: 400 }, (_, at) => {
        const moved = at % 4 < 2
        const treated = at % 2 === 0
        return { score: score(moved), treated, reward: Number(moved && treated) }
      })
    const right = upliftCurve(customers((moved) => Number(moved)))
    expect(right.points).toEqual([
      { share: 0, gain: 0 },
      { share: 0.5, gain: 100 },
      { share: 1, gain: 100 },
    ])
    expect([right.auuc, right.qini]).toEqual([75, 25])
    expect(upliftCurve(customers(() => 1)).qini).toBe(0)
    expect(upliftCurve(customers((moved) => -Number(moved))).qini).toBe(-25)
    const found = qiniOf(customers((moved) => Number(moved)))
    expect(found.value).toBe(25)
    expect(found.low).toBeGreaterThan(15)
    expect(found.high).toBeLessThan(35)
  })

  test('weights make up for chances that differ: the curve of a trial in which all had the same', () => {
    const random = seeded('uneven')
    const trial = (isEven: boolean) =>
      Array.from({ length: 20_000 }, () => {
        const score = random.below(4)
        const chance = isEven ? 0.5 : [0.9, 0.5, 0.3, 0.2][score]!
        const treated = random.uniform() < chance
        const reward = Number(random.uniform() < 0.2 + (treated ? 0.1 * score : 0))
        return { score, treated, reward, weight: 1 / (treated ? chance : 1 - chance) }
      })
    // Quarters that gain 0.3, 0.2, 0.1 and 0: the area under 0.075, 0.125, 0.15, 0.15, less half of the last.
    const truth = 20_000 * (0.10625 - 0.075)
    for (const isEven of [true, false])
      expect(Math.abs(upliftCurve(trial(isEven)).qini / truth - 1)).toBeLessThan(0.15)
    const unweighted = trial(false).map((each) => ({ ...each, weight: 1 }))
    expect(Math.abs(upliftCurve(unweighted).qini / truth - 1)).toBeGreaterThan(0.3)
  })

  test('nobody, or one group alone: nothing is gained', () => {
    expect(upliftCurve([])).toEqual({ points: [{ share: 0, gain: 0 }], auuc: 0, qini: 0 })
    expect(qiniOf([])).toMatchObject({ value: 0 })
    const alone = [1, 2, 3].map((score) => ({ score, treated: false, reward: 1 }))
    expect(upliftCurve(alone).auuc).toBe(0)
  })
})

describe('regret over time', () => {
  const WEEK = 7
  const chances: Record<string, number> = { a: 0.1, b: 0.5 }

  /** `best`: how often the better arm is chosen, week by week. */
  const weeks = (best: readonly number[]): TimedEpisode[] => {
    const random = seeded('weeks')
    return best.flatMap((share, week) =>
      Array.from({ length: 1_000 }, (_, each) => {
        const arm = random.uniform() < share ? 'b' : 'a'
        return {
          position: week * 1_000 + each + 1,
          at: week * WEEK + (each % WEEK),
          arm,
          context: {},
          reward: Number(random.uniform() < chances[arm]!),
          propensity: arm === 'b' ? share : 1 - share,
          candidates: candidates('a', 'b'),
        }
      }),
    )
  }
  const startOf = (at: number): number => at - (at % WEEK)

  test('is what the shares say, falls as the policy learns, and adds up', () => {
    const shares = [0.1, 0.5, 0.95]
    const { best, periods, warnings } = regretOver(weeks(shares), startOf)
    expect(best).toBe('b')
    expect(warnings).toEqual([])
    expect(periods.map(({ from, decisions }) => [from, decisions])).toEqual([
      [0, 1_000],
      [7, 1_000],
      [14, 1_000],
    ])
    let sum = 0
    for (const [week, { regret, shares: seen, reward, regretSoFar }] of periods.entries()) {
      const truth = 0.4 * (1 - shares[week]!)
      expect(regret.low).toBeLessThan(truth)
      expect(regret.high).toBeGreaterThan(truth)
      expect(seen.b).toBeCloseTo(shares[week]!, 1)
      expect(Math.abs(reward.value - (0.5 - truth))).toBeLessThan(0.05)
      expect((sum += regret.value * 1_000)).toBeCloseTo(regretSoFar, 6)
    }
  })

  test('whoever was not offered the best arm missed nothing; nothing settled is nothing', () => {
    const offered = weeks([0.5])
    const barred = offered.map((each) => ({
      ...each,
      at: 7,
      arm: 'a',
      propensity: 1,
      candidates: candidates('a'),
    }))
    const [, second] = regretOver([...offered, ...barred], startOf).periods
    expect(second!.regret.value).toBe(0)
    expect(regretOver([], startOf)).toEqual({
      best: undefined,
      periods: [],
      warnings: ['There is no decision to judge by.'],
    })
  })
})

describe('what another policy would have brought', () => {
  const works: Record<string, number> = { a: 0.1, b: 0.3, c: 0.5 }

  /** Chosen by lot; `plan` turns the arms round. */
  const log = (length: number, seed: string): Episode[] => {
    const random = seeded(seed)
    return Array.from({ length }, (_, at) => {
      const arm = ['a', 'b', 'c'][Math.floor(random.uniform() * 3)]!
      const plan = random.uniform() < 0.5 ? 'pro' : 'free'
      const chance = plan === 'pro' ? works[arm]! : 0.6 - works[arm]!
      const reward = Number(random.uniform() < chance)
      return {
        position: at + 1,
        arm,
        context: { plan },
        reward,
        propensity: 1 / 3,
        candidates: candidates('a', 'b', 'c'),
      }
    })
  }

  test.each([
    [{ is: 'fixed', weights: { c: 1 } }, 0.3],
    [{ is: 'lin-thompson' }, 0.49],
    [{ is: 'lin-ucb', alpha: 0.3 }, 0.49],
  ] as [Policy, number][])('%j', (policy, truth) => {
    const { estimates, logged, warnings, decisions } = evaluate(policy, log(6_000, 'log'))
    for (const { value, low, high } of Object.values(estimates)) {
      expect(Math.abs(value - truth)).toBeLessThan(0.05)
      expect(low).toBeLessThan(value)
      expect(high).toBeGreaterThan(value)
    }
    expect(Math.abs(logged.value - 0.3)).toBeLessThan(0.03)
    expect(warnings).toEqual([])
    expect(decisions).toBe(policy.is === 'fixed' ? 6_000 : 3_000)
  })

  test('intervals hold the truth about as often as they say', () => {
    const held = Array.from({ length: 40 }, (_, at) => {
      const { estimates } = evaluate({ is: 'fixed', weights: { b: 1 } }, log(400, `interval ${at}`))
      return [estimates.ipw, estimates.snipw, estimates.dr].map(({ low, high }) => low <= 0.3 && 0.3 <= high)
    })
    for (const place of [0, 1, 2])
      expect(held.filter((each) => each[place]).length).toBeGreaterThanOrEqual(34)
  })

  describe('logs at the edge of what can be said', () => {
    const always = (arm: string): Policy => ({ is: 'fixed', weights: { [arm]: 1 } })
    const warnedOf = (policy: Policy, episodes: readonly Episode[]) =>
      evaluate(policy, episodes).warnings.join(' ')

    test('one arm alone: what it brought is what it would bring', () => {
      const alone = log(400, 'alone').map((each) => ({
        ...each,
        arm: 'a',
        propensity: 1,
        candidates: candidates('a'),
      }))
      const { estimates, logged, effectiveSize } = evaluate(always('a'), alone)
      for (const name of ['ipw', 'snipw', 'dr'] as const)
        expect(estimates[name].value).toBeCloseTo(logged.value, 12)
      expect(effectiveSize).toBeCloseTo(400, 9)
      expect(warnedOf(always('a'), alone)).toBe('')
    })

    test('a propensity next to nothing: one decision is the estimate, and that is said', () => {
      const [first, ...rest] = log(600, 'tiny')
      const tiny = [{ ...first!, arm: 'c', reward: 1, propensity: 1e-12 }, ...rest]
      const { estimates, warnings, effectiveSize } = evaluate(always('c'), tiny)
      expect(estimates.ipw.value).toBeGreaterThan(1e8)
      expect(Math.abs(estimates.snipw.value - 1)).toBeLessThan(1e-6)
      expect(effectiveSize).toBeCloseTo(1, 3)
      expect(warnings.join(' ')).toMatch(/A single decision makes up 100 % of the estimate/)
    })

    test.each([
      ['no', 0],
      ['every', 1],
    ])('%s reward: the intervals have no width, and that is said', (_, reward) => {
      const same = log(900, 'same').map((each) => ({ ...each, reward }))
      const { estimates } = evaluate(always('b'), same)
      expect(estimates.snipw).toEqual({ value: reward, low: reward, high: reward })
      expect(warnedOf(always('b'), same)).toMatch(`Every reward is ${reward}: the intervals know no other`)
    })

    test('chances that were clipped on record: the weights do not average 1, and that is said', () => {
      const random = seeded('clipped')
      const clipped = Array.from({ length: 3_000 }, (_, at): Episode => {
        const arm = random.uniform() < 0.01 ? 'c' : 'a'
        const propensity = arm === 'c' ? 0.05 : 0.99
        const reward = Number(random.uniform() < works[arm]!)
        return { position: at + 1, arm, context: {}, reward, propensity, candidates: candidates('a', 'c') }
      })
      expect(warnedOf(always('c'), clipped)).toMatch(/The weights average 0\.\d+ instead of 1/)
    })

    test('rows that come twice are learned once', () => {
      const once = log(300, 'twice')
      const twice = once.flatMap((each) => [each, each])
      const [one, two] = [once, twice].map((rows) => {
        const learner = new Learner({ is: 'lin-ucb' })
        for (const row of rows) learner.learn(row)
        return learner.learned()
      })
      expect(two).toEqual(one)
    })

    test('contexts of NaN, of nothing, and of changing shape', () => {
      const contexts = [{ n: NaN }, {}, { plan: null }, { plan: 3 }, { n: 1e308, m: -1e308 }, { ['']: 'x' }]
      const odd = log(1_200, 'odd').map((each, at) => ({ ...each, context: contexts[at % contexts.length]! }))
      for (const policy of [
        always('c'),
        { is: 'lin-thompson' },
        { is: 'lin-ucb', model: 'shared' },
      ] as Policy[])
        for (const { value, low, high } of Object.values(evaluate(policy, odd).estimates))
          expect([value, low, high].every((figure) => figure > -0.5 && figure < 1.5)).toBe(true)
    })

    test('arms that are gone, and arms that came later', () => {
      const before = log(1_000, 'before')
      const after = log(1_000, 'after').map((each) => ({
        ...each,
        position: each.position + 1_000,
        ...(each.arm === 'a' ? { arm: 'new' } : {}),
        candidates: candidates('new', 'b', 'c'),
      }))
      const { estimates } = evaluate({ is: 'thompson' }, [...before, ...after])
      for (const { value } of Object.values(estimates)) expect(Math.abs(value - 0.3)).toBeLessThan(0.1)
      expect(evaluate(always('a'), [...before, ...after]).decisions).toBe(2_000)
    })
  })

  test('says so when the data can’t say', () => {
    expect(evaluate({ is: 'fixed' }, []).warnings).toEqual(['There is no decision to judge by.'])
    const few = evaluate({ is: 'fixed', weights: { c: 1 } }, log(60, 'few')).warnings.join(' ')
    expect(few).toMatch(/decisions made by this policy itself/)
    expect(few).toMatch(/it proves nothing/)
    const never = log(2_000, 'never').map((each) => ({ ...each, arm: 'a', propensity: 1 }))
    expect(evaluate({ is: 'fixed', weights: { c: 1 } }, never).warnings.join(' ')).toMatch(
      /average 0 instead of 1/,
    )
    const loud = judgment([row(1, 0.001, 1), ...Array.from({ length: 400 }, () => row(1, 0.5, 0.5))])
    expect(loud.warnings.join(' ')).toMatch(/A single decision makes up 71.43 %/)
  })
})
