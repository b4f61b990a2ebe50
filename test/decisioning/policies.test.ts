import fc from 'fast-check'
import { choose, rate, type Candidate } from '../../activities/decisioning/choosing'
import { alwaysValid } from '../../activities/decisioning/confidence-sequence'
import { Learner } from '../../activities/decisioning/learner'
import { seeded } from '../../activities/decisioning/random'
import { FLOOR } from '../../activities/decisioning/shares'
import type { Context, Policy } from '../../sdk/decision'
import { candidates, settled, tried } from './support'

const learnerOf = (policy: Policy, rewards: Parameters<typeof settled>[0]): Learner => {
  const learner = new Learner(policy)
  for (const each of settled(rewards)) learner.learn(each)
  return learner
}

const chancesIn = (learner: Learner, arms: (string | Candidate)[], context: Context = {}) =>
  Object.fromEntries(
    rate(learner, { candidates: candidates(...arms), context, seed: 'seed' }).map((each) => [
      each.arm,
      each.propensity,
    ]),
  )

const policies: Policy[] = [
  { is: 'epsilon-greedy' },
  { is: 'thompson' },
  { is: 'thompson', rewards: 'values' },
  { is: 'lin-ucb' },
  { is: 'lin-ucb', model: 'shared' },
  { is: 'lin-thompson' },
  { is: 'lin-thompson', model: 'shared' },
]

describe.each(policies)('%j', (policy) => {
  const context = { late: true, plan: 'pro', calls: 2 }
  const rewards = [...tried('good', 300, 240), ...tried('bad', 300, 30)].map(
    ([arm, reward]) => [arm, reward, context] as const,
  )

  test('prefers what worked, leaves nobody less than the floor, and its chances sum to 1', () => {
    const chances = chancesIn(learnerOf(policy, rewards), ['good', 'bad'], context)
    expect(chances.good).toBeGreaterThan(0.9)
    expect(chances.bad).toBeGreaterThanOrEqual(FLOOR)
    expect(chances.good! + chances.bad!).toBeCloseTo(1, 12)
  })

  test('tells the very chances it draws with', () => {
    const learner = learnerOf(policy, [...tried('a', 40, 20), ...tried('b', 30, 12)])
    const asked = { candidates: candidates('a', 'b', 'c'), context }
    const { rated } = choose(learner, { ...asked, seed: '0' })
    const draws = 60
    const drawn: Record<string, number> = { a: 0, b: 0, c: 0 }
    for (let at = 0; at < draws; at++) drawn[choose(learner, { ...asked, seed: `${at}` }).arm]! += 1
    for (const { arm, propensity } of rated) {
      const error = Math.sqrt((propensity * (1 - propensity)) / draws)
      expect(Math.abs(drawn[arm]! / draws - propensity)).toBeLessThan(4 * error + 0.03)
    }
  })

  test('knows the same after a break as without one', () => {
    const all = settled(rewards)
    const whole = learnerOf(policy, rewards)
    const before = new Learner(policy)
    for (const each of all.slice(0, 317)) before.learn(each)
    const after = new Learner(policy, JSON.parse(JSON.stringify(before.learned())))
    // A worker that reads more than is new to it.
    for (const each of all.slice(200)) after.learn(each)
    expect(after.learned()).toEqual(whole.learned())
  })

  test('takes any context, of any shape', () => {
    const learner = learnerOf(policy, [
      ['a', 1, { x: NaN, y: null, z: undefined, w: Infinity }],
      ['b', 0, { other: 'text' }],
      ['a', 0, {}],
      ['a', 1, Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f${at}`, at]))],
    ])
    for (const odd of [{}, { x: NaN }, { y: 'a' }, { y: 1 }, { ['__proto__x']: 1 }, { f250: 3 }]) {
      const chances = Object.values(chancesIn(learner, ['a', 'b'], odd))
      expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9)
      expect(chances.every((each) => each >= FLOOR)).toBe(true)
    }
  })

  test('one context out of all bounds does not spoil what was learned', () => {
    const learner = learnerOf(policy, [
      ...rewards.slice(0, 100),
      ['good', 0, { calls: 1e300, plan: 'pro' }],
      ['bad', 1, { calls: -1e300 }],
      ...rewards,
    ])
    const chances = chancesIn(learner, ['good', 'bad'], context)
    expect(chances.good).toBeGreaterThan(0.9)
    expect(JSON.stringify(learner.learned())).not.toMatch(/null/)
  })

  test('an arm worth nothing, or worth a loss made nothing, gets the floor alone', () => {
    const learner = learnerOf(policy, rewards)
    const chances = chancesIn(learner, [{ arm: 'good', worth: 0 }, 'bad'], context)
    expect(chances.good).toBeCloseTo(FLOOR, 1)
    const none = chancesIn(
      learner,
      [
        { arm: 'good', worth: 0 },
        { arm: 'bad', worth: 0 },
      ],
      context,
    )
    expect(none.good).toBeGreaterThanOrEqual(FLOOR)
    expect(none.good! + none.bad!).toBeCloseTo(1, 12)
  })
})

describe('fixed', () => {
  test('shares as told, whatever was learned', () => {
    const policy: Policy = { is: 'fixed', weights: { a: 3, b: 1, c: -5, d: NaN } }
    const chances = chancesIn(learnerOf(policy, tried('b', 100, 100)), ['a', 'b', 'c', 'd', 'e'])
    expect(chances).toEqual({ a: 0.75, b: 0.25, c: 0, d: 0, e: 0 })
  })

  test('without weights, or with none that counts, all the same', () => {
    expect(chancesIn(new Learner({ is: 'fixed' }), ['a', 'b'])).toEqual({ a: 0.5, b: 0.5 })
    expect(chancesIn(new Learner({ is: 'fixed', weights: { z: 1 } }), ['a', 'b'])).toEqual({ a: 0.5, b: 0.5 })
  })
})

test.each<Policy>([
  { is: 'epsilon-greedy', epsilon: NaN },
  { is: 'epsilon-greedy', epsilon: -3 },
  { is: 'epsilon-greedy', epsilon: 7 },
  { is: 'fixed', weights: { a: 1e308, b: 1e308 } },
  { is: 'thompson', winner: { confidence: 95, after: 1 } },
  { is: 'thompson', discount: NaN },
  { is: 'lin-ucb', alpha: NaN, ridge: -1 },
  { is: 'lin-thompson', spread: -1 },
])('a policy out of all bounds, %j, still gives chances that can be recorded', (policy) => {
  const learner = learnerOf(policy, [...tried('a', 100, 60), ...tried('b', 100, 59)])
  const chances = Object.values(chancesIn(learner, ['a', 'b']))
  expect(chances.every((each) => each >= FLOOR && each < 1)).toBe(true)
  expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9)
})

describe('learning', () => {
  test('by context: each kind of customer gets what works for that kind', () => {
    const random = seeded('kinds')
    const rewards = Array.from({ length: 600 }, (_, at) => {
      const [plan, arm] = [at % 2 ? 'pro' : 'free', at % 3 ? 'call' : 'mail']
      const works = (plan === 'pro') === (arm === 'call') ? 0.6 : 0.2
      return [arm, Number(random.uniform() < works), { plan }] as const
    })
    for (const is of ['lin-ucb', 'lin-thompson'] as const) {
      const learner = learnerOf({ is }, rewards)
      expect(chancesIn(learner, ['call', 'mail'], { plan: 'pro' }).call).toBeGreaterThan(0.9)
      expect(chancesIn(learner, ['call', 'mail'], { plan: 'free' }).mail).toBeGreaterThan(0.9)
    }
  })

  test('a shared model knows something of an arm that is new', () => {
    const policy: Policy = { is: 'lin-thompson', model: 'shared' }
    const learner = new Learner(policy)
    for (const each of settled([...tried('ten', 200, 20), ...tried('thirty', 200, 140)]))
      learner.learn({ ...each, features: { price: each.arm === 'ten' ? 0.1 : 0.3, is: 1 } })
    const arms = [
      { arm: 'five', worth: 1, features: { price: 0.05, is: 1 } },
      { arm: 'forty', worth: 1, features: { price: 0.4, is: 1 } },
    ]
    expect(chancesIn(learner, arms).forty).toBeGreaterThan(0.95)
  })

  test('a new arm starts where its group stands', () => {
    const learner = learnerOf({ is: 'thompson' }, [...tried('old', 400, 4), ...tried('other', 400, 200)])
    const grouped = chancesIn(learner, [
      { arm: 'old', worth: 1, group: 'coupons' },
      { arm: 'new', worth: 1, group: 'coupons' },
      'other',
    ])
    const alone = chancesIn(learner, ['old', 'new', 'other'])
    expect(grouped.new).toBeLessThan(0.1)
    expect(alone.new).toBeGreaterThan(0.4)
  })

  test('a discount forgets what no longer holds', () => {
    const turn = (count: number, a: number, b: number) =>
      Array.from({ length: count }, (_, at) => {
        const arm = at % 2 ? 'a' : 'b'
        return [arm, Number((at >> 1) % 10 < (arm === 'a' ? a : b))] as const
      })
    const changed = [...turn(1_000, 8, 4), ...turn(300, 1, 6)]
    expect(chancesIn(learnerOf({ is: 'thompson' }, changed), ['a', 'b']).a).toBeGreaterThan(0.9)
    for (const is of ['thompson', 'lin-thompson', 'epsilon-greedy'] as const)
      expect(chancesIn(learnerOf({ is, discount: 0.98 }, changed), ['a', 'b']).b).toBeGreaterThan(0.9)
  })

  test('values: the arm that brings more on average, though it works less often', () => {
    const rewards = [
      ...tried('often', 200, 100),
      ...tried('much', 200, 20).map(([arm, r]) => [arm, r * 30] as const),
    ]
    const learner = learnerOf({ is: 'thompson', rewards: 'values' }, rewards)
    expect(chancesIn(learner, ['often', 'much']).much).toBeGreaterThan(0.95)
  })

  test('a model of the user’s own takes the place of what was learned', () => {
    const learner = learnerOf({ is: 'thompson' }, tried('a', 100, 90))
    const told = chancesIn(learner, [
      { arm: 'a', worth: 1, propensity: 0.1 },
      { arm: 'b', worth: 1, propensity: 0.2 },
    ])
    expect(told.b).toBeCloseTo(0.99, 6)
  })

  test('what an arm is worth counts as much as its chance', () => {
    const learner = learnerOf({ is: 'thompson' }, [...tried('likely', 500, 250), ...tried('dear', 500, 100)])
    expect(chancesIn(learner, ['likely', { arm: 'dear', worth: 4 }]).dear).toBeGreaterThan(0.95)
  })
})

describe('a winner', () => {
  const policy: Policy = { is: 'thompson', winner: { confidence: 0.95, after: 100 } }
  const clear = Array.from({ length: 1_000 }, (_, at) =>
    at % 2 ? (['a', Number(at % 10 < 6)] as const) : (['b', Number(at % 20 === 0)] as const),
  )

  test('ends the exploring, and stays', () => {
    const learner = learnerOf(policy, clear)
    expect(chancesIn(learner, ['a', 'b'])).toEqual({ a: 1, b: 0 })
    for (let at = 0; at < 500; at++) learner.learn({ position: 1_001 + at, arm: 'a', reward: 0, context: {} })
    expect(chancesIn(learner, ['a', 'b'])).toEqual({ a: 1, b: 0 })
    const restored = new Learner(policy, JSON.parse(JSON.stringify(learner.learned())))
    expect(chancesIn(restored, ['a', 'b'])).toEqual({ a: 1, b: 0 })
  })

  test('does not keep a new arm out, nor stand in for an arm that is not there', () => {
    const learner = learnerOf(policy, clear)
    expect(chancesIn(learner, ['a', 'b', 'new']).new).toBeGreaterThan(0.1)
    expect(chancesIn(learner, ['b'])).toEqual({ b: 1 })
  })

  describe('among arms that come and go', () => {
    /** In turns: of every ten decisions for an arm so many are rewarded. */
    const turns = (rounds: number, rates: Readonly<Record<string, number>>) =>
      Array.from({ length: rounds }, (_, at) =>
        Object.entries(rates).map(([arm, rate]) => [arm, Number((at * 7) % 10 < rate)] as const),
      ).flat()

    test('one that was removed before it was tried enough does not hold it up', () => {
      const learner = learnerOf(policy, [
        ...turns(30, { gone: 5, a: 6, b: 1 }),
        ...turns(400, { a: 6, b: 1 }),
      ])
      expect(chancesIn(learner, ['a', 'b'])).toEqual({ a: 1, b: 0 })
      expect(chancesIn(learner, ['a', 'b', 'gone']).gone).toBeGreaterThan(FLOOR)
    })

    test('nor one that was as good as the best when it was removed', () => {
      const learner = learnerOf(policy, turns(500, { gone: 6, a: 6, b: 1 }))
      expect(chancesIn(learner, ['a', 'b'])).toEqual({ a: 1, b: 0 })
      expect(chancesIn(learner, ['a', 'b', 'gone']).a).toBeLessThan(1)
    })

    test('when the winner is removed the others are compared anew, by what is known of them already', () => {
      const learner = learnerOf(policy, turns(500, { best: 9, a: 5, b: 1, c: 1 }))
      expect(chancesIn(learner, ['best', 'a', 'b', 'c']).best).toBe(1)
      expect(chancesIn(learner, ['a', 'b', 'c'])).toEqual({ a: 1, b: 0, c: 0 })
      const equal = chancesIn(learner, ['b', 'c'])
      expect(equal.b).toBeGreaterThan(0.2)
      expect(equal.c).toBeGreaterThan(0.2)
    })

    test('a removed winner that comes back has won as before', () => {
      const learner = learnerOf(policy, [
        ...turns(500, { best: 9, a: 5, b: 5 }),
        ...turns(300, { a: 5, b: 5 }),
      ])
      expect(chancesIn(learner, ['a', 'b']).a).toBeLessThan(1)
      expect(chancesIn(learner, ['best', 'a', 'b']).best).toBe(1)
    })

    test('what an arm is worth to the customer counts, as it does before a win', () => {
      const learner = learnerOf(policy, turns(500, { often: 6, seldom: 2 }))
      expect(chancesIn(learner, ['often', 'seldom']).often).toBe(1)
      expect(chancesIn(learner, ['often', { arm: 'seldom', worth: 10 }]).seldom).toBe(1)
      const unclear = chancesIn(learner, ['often', { arm: 'seldom', worth: 3 }])
      expect(Math.max(...Object.values(unclear))).toBeLessThan(1)
    })

    test('what older versions kept of a win is found anew at the next look', () => {
      const { contest: _, ...kept } = learnerOf(policy, turns(500, { a: 6, b: 1 })).learned()
      const win = { arm: 'a', over: ['b'], confidence: 0.95, position: 500 }
      const learner = new Learner(policy, { ...kept, win } as typeof kept)
      for (let at = 1; at <= 25; at++)
        learner.learn({ position: kept.position + at, arm: 'a', reward: 1, context: {} })
      expect(chancesIn(learner, ['a', 'b'])).toEqual({ a: 1, b: 0 })
    })
  })

  test('is wrong no more often than it says, though it looks all the time', () => {
    let wrong = 0
    for (let trial = 0; trial < 60; trial++) {
      const random = seeded(`equal arms ${trial}`)
      const learner = new Learner(policy)
      let won = false
      for (let position = 1; position <= 1_500; position++) {
        const reward = Number(random.uniform() < 0.2)
        learner.learn({ position, arm: position % 2 ? 'a' : 'b', reward, context: {} })
        won ||= position % 25 === 0 && Object.values(chancesIn(learner, ['a', 'b'])).includes(1)
      }
      wrong += Number(won)
    }
    expect(wrong).toBeLessThanOrEqual(3)
  })

  test('the interval holds at every moment, and narrows', () => {
    let missed = 0
    for (let trial = 0; trial < 100; trial++) {
      const random = seeded(`moments ${trial}`)
      let sum = 0
      let everMissed = false
      for (let count = 1; count <= 400; count++) {
        sum += Number(random.uniform() < 0.3)
        const { low, high } = alwaysValid({ sum, count }, 0.9)
        everMissed ||= low > 0.3 || high < 0.3
      }
      missed += Number(everMissed)
    }
    expect(missed).toBeLessThanOrEqual(10)
    const { low, high } = alwaysValid({ sum: 3_000, count: 10_000 }, 0.9)
    expect(high - low).toBeLessThan(0.04)
  })
})

test('whatever was tried and came of it, chances are chances', () => {
  const arm = fc.constantFrom('a', 'b', 'c', 'gone')
  const reward = fc.oneof(fc.constantFrom(0, 1), fc.double({ noNaN: true, min: -1e6, max: 1e6 }))
  const value = fc.oneof(fc.double(), fc.boolean(), fc.string({ maxLength: 3 }), fc.constant(null))
  const row = fc.tuple(arm, reward, fc.dictionary(fc.string({ maxLength: 3 }), value, { maxKeys: 3 }))
  const property = fc.property(
    fc.array(row, { maxLength: 30 }),
    fc.constantFrom(...policies),
    (rows, policy) => {
      const chances = Object.values(chancesIn(learnerOf(policy, rows), ['a', 'b', 'c'], rows[0]?.[2] ?? {}))
      expect(chances.every((each) => each >= FLOOR - 1e-12 && each <= 1)).toBe(true)
      expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9)
    },
  )
  fc.assert(property, { numRuns: 100 })
})
