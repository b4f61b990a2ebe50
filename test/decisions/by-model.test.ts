import { evaluate, type Episode } from '../../activities/decisioning/judging/evaluation'
import { episodeOf, trialOf } from '../../activities/decisioning/log'
import { seeded } from '../../activities/decisioning/random'
import { rateByScores } from '../../activities/decisioning/scores'
import { FLOOR } from '../../activities/decisioning/shares'
import { deciding } from '../../activities/deciding'
import type { Answer, Models, Question } from '../../activities/models'
import type { Sources } from '../../activities/sources'
import type { Channels } from '../../channels'
import { atLeast, model, oneOf, type AnyPolicy, type DecisionSettings } from '../../sdk'
import type { DecisionToMake } from '../../sdk/deciding'
import { firstSettings } from '../../sdk/decision'
import type { DecisionRow, Store } from '../../store/store'
import { freshStore } from '../support/postgres'

const churn = model({ http: 'churn' })

const channels: Channels = {
  carriers: () => {
    throw new Error('no arm sends anything')
  },
  accounts: () => [],
  available: [],
  close: async () => {},
}

let store: Store
let answer: Answer
let asked: number
let lastQuestion: Question
beforeAll(async () => void (store = await freshStore()))
afterAll(() => store.close())
beforeEach(() => {
  asked = 0
  answer = { is: 'scored', scores: { discount: 0.2, call: 0.5, nothing: 0.1 }, version: 'v7' }
})

const found = { tier: 'gold', tickets: 2, secret: 'only looked at' }
const sources: Sources = {
  read: async ({ from }) =>
    from === 'crm' ? { is: 'rows', rows: [found] } : { is: 'unread', because: 'too-slow' },
  close: async () => {},
}

const models: Models = {
  async score(_, question) {
    asked += 1
    lastQuestion = question
    return answer
  },
  close: async () => {},
}

let customers = 0
async function decide(policy: AnyPolicy, more: Partial<DecisionToMake> = {}): Promise<DecisionRow> {
  const customerId = `c-${(customers += 1)}`
  const step = more.step ?? 'offer'
  const at = Date.now()
  await deciding({ store, channels, models, sources })({
    enrollmentId: `care:${customerId}`,
    entry: 1,
    journey: 'care',
    customerId,
    step,
    occurrence: 1,
    at,
    closesAt: at + 86_400_000,
    arms: [{ arm: 'discount', value: 3 }, { arm: 'call' }, { arm: 'nothing' }],
    passedOver: [],
    context: {},
    policy,
    rewardRule: { on: [] },
    otherwise: 'none',
    keep: false,
    ...more,
  })
  return (await store.decisions.ofCustomer(customerId, { limit: 1 })).items[0]!
}

const chances = ({ arms }: DecisionRow) =>
  Object.fromEntries(arms.map(({ arm, propensity }) => [arm, propensity]))

test('the best by score x value gets all but epsilon; scores, version and what they say are on record', async () => {
  const made = await decide({ is: 'model', model: churn, epsilon: 0.3 })
  expect(made.model).toEqual({ is: 'used', says: 'chance', version: 'v7' })
  const found = made.arms.map(({ arm, modelled, score }) => [arm, modelled, Number(score.toFixed(9))])
  expect(found).toEqual([
    ['discount', 0.2, 0.6],
    ['call', 0.5, 0.5],
    ['nothing', 0.1, 0.1],
  ])
  const { discount, call, nothing } = chances(made)
  expect(discount).toBeCloseTo(0.01 + 0.97 * 0.8, 12)
  for (const other of [call, nothing]) expect(other).toBeCloseTo(0.01 + 0.97 * 0.1, 12)
  expect(made.propensity).toBe(chances(made)[made.arm])
})

test('without epsilon every arm still has the floor; an effect below 0 is worse than nothing', () => {
  const of = (arm: string, modelled: number) => ({ arm, worth: 1, modelled })
  const rated = rateByScores([of('call', -0.2), of('nothing', 0), of('mail', -0.1)], 0)
  expect(rated.map(({ propensity }) => propensity)).toEqual([FLOOR, 1 - 2 * FLOOR, FLOOR])
  expect(rateByScores([of('a', 1), of('b', 1)], NaN).every(({ propensity }) => propensity >= FLOOR)).toBe(
    true,
  )
})

describe('effects against a baseline', () => {
  const uplift = model({ http: 'churn', says: 'effect', baseline: 'nothing' })
  const policy: AnyPolicy = { is: 'model', model: uplift, epsilon: 0 }

  test('the model is asked about the others; what adds most gets all, and the baseline is on record', async () => {
    answer = { is: 'scored', scores: { discount: 0.2, call: 0.5 } }
    const made = await decide(policy)
    expect(lastQuestion).toMatchObject({ arms: [{ arm: 'discount' }, { arm: 'call' }], baseline: 'nothing' })
    expect(chances(made)).toEqual({ discount: 0.98, call: FLOOR, nothing: FLOOR })
    expect(made.arms.map(({ arm, modelled, baseline }) => [arm, modelled, baseline])).toEqual([
      ['discount', 0.2, undefined],
      ['call', 0.5, undefined],
      ['nothing', 0, true],
    ])
    expect(made.model).toMatchObject({ is: 'used', says: 'effect' })
  })

  test.each([
    ['does harm', { discount: -0.2, call: -0.5 }, [{ arm: 'discount', value: 3 }, { arm: 'call' }, { arm: 'nothing' }]],
    ['adds nothing', { discount: 0, call: -0.5 }, [{ arm: 'discount', value: 3 }, { arm: 'call' }, { arm: 'nothing' }]],
    ['is worth nothing', { discount: 0.2, call: -0.5 }, [{ arm: 'discount', value: 0 }, { arm: 'call', lever: -100 }, { arm: 'nothing' }]],
    ['does harm that is worth nothing', { discount: -0.2, call: -0.5 }, [{ arm: 'discount', value: 0 }, { arm: 'call' }, { arm: 'nothing', value: 0 }]],
  ])('what %s is never better than the baseline', async (_, scores, arms) => {
    answer = { is: 'scored', scores }
    expect(chances(await decide(policy, { arms }))).toEqual({ discount: FLOOR, call: FLOOR, nothing: 0.98 })
  }) // prettier-ignore

  test('where the baseline may not be chosen, what adds most of the others is', async () => {
    answer = { is: 'scored', scores: { discount: -0.2, call: -0.1 } }
    const arms = [{ arm: 'discount' }, { arm: 'call' }]
    const made = await decide(policy, { arms, passedOver: [{ arm: 'nothing', because: 'not-eligible' }] })
    expect(chances(made)).toEqual({ discount: FLOOR, call: 0.99 })
    expect(lastQuestion.baseline).toBe('nothing')
    expect(made.arms.some(({ baseline }) => baseline)).toBe(false)
  })

  test('where only the baseline may be chosen, no model is asked', async () => {
    const made = await decide(policy, { arms: [{ arm: 'nothing' }] })
    expect(made).toMatchObject({ arm: 'nothing', how: 'policy', propensity: 1, model: undefined })
    expect(asked).toBe(0)
  })

  test('is of effects alone, and of an arm that there is', () => {
    expect(() => model({ http: 'churn', baseline: 'nothing' })).toThrow(/let the model say effects/)
    expect(() => model({ http: 'churn', says: 'value', baseline: 'nothing' })).toThrow(RangeError)
  })

  test('a policy is judged by the log as it decides: an effect below 0 never wins', async () => {
    const step = 'judged'
    const helped = { discount: 0.3, call: -0.2 }
    const harmed = { discount: -0.3, call: -0.2 }
    for (let at = 0; at < 40; at++) {
      answer = { is: 'scored', scores: at % 2 ? helped : harmed }
      await decide({ ...policy, epsilon: 1 }, { step, closesAt: Date.now() - 2 * 3_600_000 })
    }
    while ((await store.decisions.close(100)) > 0);
    const log = await store.decisions.latestSettled({ journey: 'care', step }, 100)
    const { decisions, effectiveSize } = evaluate({ is: 'model', epsilon: 0 }, log.map(episodeOf))
    expect(decisions).toBe(40)
    const kept = log.map((row) => {
      const best = row.arms[0]!.modelled! > 0 ? 'discount' : 'nothing'
      return (row.arm === best ? 0.98 : FLOOR) / row.propensity
    })
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
    expect(effectiveSize).toBeCloseTo(sum(kept) ** 2 / sum(kept.map((each) => each ** 2)), 6)
    const trial = log.flatMap((row) => trialOf(row, 'discount', 'nothing') ?? [])
    expect(new Set(trial.map(({ score }) => score))).toEqual(new Set([0.3, -0.3]))
  })
})

test('where the model says nothing the fallback chooses, by its name and the reason on record', async () => {
  answer = { is: 'unscored', because: 'too-slow', detail: 'no answer within 500 ms' }
  const made = await decide({ is: 'model', model: churn, fallback: { is: 'fixed', weights: { call: 1 } } })
  expect(made).toMatchObject({ arm: 'call', how: 'policy', propensity: 1 })
  expect(made.model).toEqual({
    is: 'fell-back',
    to: 'fixed',
    because: 'too-slow',
    detail: 'no answer within 500 ms',
  })
  expect((await decide({ is: 'model', model: churn })).model).toMatchObject({ to: 'thompson' })
})

test('factors out of all bounds are taken as the nearest that can be recorded', async () => {
  const factors = [
    { value: 1e300, context: 1e9, lever: 1e9 },
    { value: NaN, lever: -1e9 },
    { value: -5, propensity: NaN, context: Infinity },
  ]
  const arms = ['discount', 'call', 'nothing'].map((arm, at) => ({ arm, ...factors[at] }))
  for (const policy of [
    { is: 'model', model: churn },
    { is: 'thompson' },
    { is: 'lin-ucb' },
  ] as AnyPolicy[]) {
    const made = await decide(policy, { arms })
    expect(made.arms.map(({ worth }) => worth)).toEqual([1e12, 0, 0])
    const shares = Object.values(chances(made))
    expect(shares.every((each) => each >= FLOOR)).toBe(true)
    expect(shares.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9)
  }
})

test('operators reach it: shares of the fallback, no model, arms switched off, all of it stopped', async () => {
  const step = 'operated'
  const set = (settings: Partial<DecisionSettings>) =>
    store.decisions.changeSettings(
      { journey: 'care', step },
      { settings: { ...firstSettings, ...settings }, author: { key: 't', by: null }, because: 'a test' },
    )
  const policy: AnyPolicy = { is: 'model', model: churn, fallback: { is: 'fixed' } }
  await set({ modelOff: true, weights: { nothing: 1 } })
  expect(await decide(policy, { step })).toMatchObject({
    arm: 'nothing',
    model: { is: 'fell-back', to: 'fixed', because: 'switched-off' },
  })
  await set({ off: ['discount', 'nothing'] })
  answer = { is: 'scored', scores: { call: 0.5 } }
  expect(await decide(policy, { step })).toMatchObject({ arm: 'call', model: { is: 'used' } })
  expect(asked).toBe(1)
  await set({ stopped: true })
  const stopped = await decide(policy, { step })
  expect(stopped).toMatchObject({ arm: 'none', how: 'otherwise' })
  expect([stopped.model, asked]).toEqual([undefined, 1])
})

test('a repeat is told what was decided, whatever the model says by then', async () => {
  const policy: AnyPolicy = { is: 'model', model: churn }
  const first = await decide(policy)
  answer = { is: 'unscored', because: 'unreachable' }
  const again = { enrollmentId: first.enrollmentId, customerId: first.customerId }
  await decide(policy, again)
  const { items } = await store.decisions.ofCustomer(first.customerId, { limit: 5 })
  expect(items).toHaveLength(1)
  expect(asked).toBe(1)
})

describe('what is looked up in the user’s own database', () => {
  const lookup = {
    from: 'crm',
    sql: 'select 1',
    columns: { tier: 'text', tickets: 'number', secret: 'text' },
    context: ['tier'],
  } as const
  const arms = [
    { arm: 'discount', where: { tier: oneOf('gold', 'silver') } },
    { arm: 'call', where: { tickets: atLeast(3) } },
    { arm: 'nothing' },
  ]

  test('decides which arms are offered; nothing of it is kept but the columns named', async () => {
    answer = { is: 'scored', scores: { discount: 0.2, nothing: 0.1 } }
    const made = await decide({ is: 'model', model: churn }, { arms, lookup, context: { years: 2 } })
    expect(made.arms.map(({ arm }) => arm)).toEqual(['discount', 'nothing'])
    expect(made.passedOver).toEqual([{ arm: 'call', because: 'no-match' }])
    expect([made.lookup, made.context]).toEqual([{ is: 'found' }, { years: 2, tier: 'gold' }])
    expect(JSON.stringify(made)).not.toContain('only looked at')
    expect(lastQuestion.context).toEqual({ years: 2, tier: 'gold' })
  })

  test('where it cannot be read, arms with conditions are not offered, and the journey goes on', async () => {
    const made = await decide({ is: 'fixed' }, { arms, lookup: { ...lookup, from: 'dwh' } })
    expect(made).toMatchObject({ arm: 'nothing', lookup: { is: 'unread', because: 'too-slow' } })
    expect(made.passedOver).toEqual([
      { arm: 'discount', because: 'not-known' },
      { arm: 'call', because: 'not-known' },
    ])
    expect(made.context).toEqual({})
  })
})

test('a report counts how often the model chose, and why not', async () => {
  const [policy, step]: [AnyPolicy, string] = [{ is: 'model', model: churn }, 'counted']
  await decide(policy, { step })
  answer = { is: 'unscored', because: 'resting' }
  await decide(policy, { step })
  await decide(policy, { step })
  await decide({ is: 'fixed' }, { step })
  const counted = (await store.decisions.modelReport('care')).filter((each) => each.step === step)
  expect(counted).toEqual([
    { step, is: 'used', to: null, because: null, decisions: 1 },
    { step, is: 'fell-back', to: 'thompson', because: 'resting', decisions: 2 },
  ])
})

describe('a model policy is judged by the scores there were', () => {
  const random = seeded('scored')
  /** Whom a call helps, the model knows; arms are chosen by lot. */
  const log = Array.from({ length: 3_000 }, (_, at): Episode => {
    const helped = random.uniform() < 0.5
    const arm = random.uniform() < 0.5 ? 'call' : 'nothing'
    const reward = Number(random.uniform() < (arm === 'call' ? (helped ? 0.8 : 0.1) : 0.4))
    const scored = (name: string, modelled: number) => ({ arm: name, worth: 1, modelled })
    const candidates = [scored('call', helped ? 0.7 : 0.2), scored('nothing', 0.4)] as const
    return { position: at + 1, arm, context: {}, reward, propensity: 0.5, candidates }
  })

  test('with the epsilon that is asked for', () => {
    const { estimates, warnings, decisions } = evaluate({ is: 'model', epsilon: 0 }, log)
    const truth = 0.01 * (0.5 * 0.1 + 0.5 * 0.4) + 0.99 * (0.5 * 0.8 + 0.5 * 0.4)
    for (const { value, low, high } of [estimates.ipw, estimates.snipw, estimates.dr]) {
      expect(Math.abs(value - truth)).toBeLessThan(0.04)
      expect(low).toBeLessThan(truth)
      expect(high).toBeGreaterThan(truth)
    }
    expect([warnings, decisions]).toEqual([[], 3_000])
    const byLot = evaluate({ is: 'model', epsilon: 1 }, log)
    expect(byLot.estimates.ipw.value).toBeCloseTo(byLot.logged.value, 9)
  })

  test('and by those alone that have some', () => {
    const some = log.slice(0, 400).map((each, at) => {
      const [call, nothing] = each.candidates
      return at % 4 === 0
        ? { ...each, candidates: [{ ...call, modelled: undefined }, nothing!] as const }
        : each
    })
    const { decisions, warnings } = evaluate({ is: 'model' }, some)
    expect(decisions).toBe(300)
    expect(warnings).toContain('100 of 400 decisions have no scores of a model and are left out.')
    expect(evaluate({ is: 'model' }, []).warnings).toEqual(['There is no decision to judge by.'])
  })
})
