import { deciding } from '../../activities/deciding'
import { evaluate } from '../../activities/decisioning/judging/evaluation'
import { episodeOf } from '../../activities/decisioning/log'
import { seeded } from '../../activities/decisioning/random'
import type { Answer, Models } from '../../activities/models'
import { createSources } from '../../activities/sources'
import type { Channels } from '../../channels'
import { model, type AnyPolicy } from '../../sdk'
import type { DecisionToMake } from '../../sdk/deciding'
import { firstSettings } from '../../sdk/decision'
import type { DecisionRow, Store } from '../../store/store'
import { freshStore } from '../support/postgres'

const HOUR = 3_600_000

let store: Store
let say: () => Promise<Answer>
beforeAll(async () => void (store = await freshStore()))
afterAll(() => store.close())
beforeEach(() => void (say = async () => ({ is: 'scored', scores: { call: 0.5, mail: 0.1 }, version: 'v7' })))

const models: Models = { score: () => say(), close: async () => {} }

let customers = 0
async function decide(more: Partial<DecisionToMake> = {}): Promise<DecisionRow> {
  const customerId = more.customerId ?? `s-${(customers += 1)}`
  const at = Date.now() - 3 * HOUR
  await deciding({ store, channels: {} as Channels, models, sources: createSources() })({
    enrollmentId: `care:${customerId}`,
    entry: 1,
    journey: 'care',
    customerId,
    step: 'offer',
    occurrence: 1,
    at,
    closesAt: at + HOUR,
    arms: [{ arm: 'call' }, { arm: 'mail' }],
    passedOver: [],
    context: {},
    policy: { is: 'fixed', weights: { mail: 1 } },
    rewardRule: { on: [] },
    otherwise: 'none',
    keep: false,
    ...more,
  })
  return (await store.decisions.ofCustomer(customerId, { limit: 1 })).items[0]!
}

const churn = model({ http: 'churn', timeoutMs: 10 })
const byModel: AnyPolicy = { is: 'model', model: churn, epsilon: 0, fallback: { is: 'fixed' } }

test('what it would have chosen is on record with its chances, and what the policy says is done', async () => {
  const made = await decide({ shadow: byModel })
  expect(made).toMatchObject({ arm: 'mail', propensity: 1, model: undefined })
  expect(made.shadow).toEqual({
    is: 'chose',
    policy: byModel,
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
    arm: 'call',
    propensity: 0.99,
    learned: 0,
    arms: [
      { arm: 'call', propensity: 0.99, score: 0.5, modelled: 0.5 },
      { arm: 'mail', propensity: 0.01, score: 0.1, modelled: 0.1 },
    ],
    model: { is: 'used', says: 'chance', version: 'v7' },
  })
  expect((await decide()).shadow).toBeUndefined()
})

test('the same policy in its own shadow would have chosen the same, by the same draw', async () => {
  for (let at = 0; at < 20; at++) {
    const policy: AnyPolicy = { is: 'epsilon-greedy', epsilon: 1 }
    const made = await decide({ step: 'same', policy, shadow: policy })
    expect(made.shadow).toMatchObject({ is: 'chose', arm: made.arm, propensity: made.propensity })
  }
})

test('where its model says nothing, its fallback would have chosen, and the record says why', async () => {
  say = async () => ({ is: 'unscored', because: 'unreachable' })
  expect((await decide({ shadow: byModel })).shadow).toMatchObject({
    is: 'chose',
    propensity: 0.5,
    model: { is: 'fell-back', to: 'fixed', because: 'unreachable' },
  })
})

test('one that never comes back costs a decision half a second beside its model’s time, and is recorded as too slow', async () => {
  say = () => new Promise(() => {})
  const began = performance.now()
  const made = await decide({ shadow: byModel })
  const took = performance.now() - began
  expect(made).toMatchObject({ arm: 'mail', shadow: { is: 'failed', policy: byModel, because: 'too-slow' } })
  expect(took).toBeGreaterThan(500)
  expect(took).toBeLessThan(2_000)
})

test('one that breaks, and one that says other arms, harm nothing', async () => {
  say = () => Promise.reject(new TypeError('a secret value'))
  const broken = await decide({ shadow: byModel })
  expect(broken).toMatchObject({ arm: 'mail', shadow: { because: 'broken', detail: 'TypeError' } })
  expect(JSON.stringify(broken)).not.toContain('secret')
  const unknown = { is: 'magic' } as unknown as AnyPolicy
  expect((await decide({ shadow: unknown })).shadow).toMatchObject({ is: 'failed', because: 'broken' })
})

test('operators who switch models off, and decisions without a choice', async () => {
  const place = { journey: 'care', step: 'operated' }
  const set = (settings: object) =>
    store.decisions.changeSettings(place, {
      settings: { ...firstSettings, ...settings },
      author: { key: 't', by: null },
      because: 'a test',
    })
  await set({ modelOff: true, weights: { call: 1 } })
  const switched = await decide({ step: 'operated', shadow: byModel })
  expect(switched).toMatchObject({ arm: 'call', shadow: { model: { because: 'switched-off' } } })
  const kept = {
    step: 'operated',
    shadow: byModel,
    keep: true,
    customerId: switched.customerId,
    occurrence: 2,
  }
  expect(await decide(kept)).toMatchObject({ how: 'kept', shadow: undefined })
  await set({ stopped: true })
  expect(await decide({ step: 'operated', shadow: byModel })).toMatchObject({
    how: 'otherwise',
    shadow: undefined,
  })
})

test('a report counts, and the log tells what the newest would have brought', async () => {
  const step = 'judged'
  const place = { journey: 'care', step }
  const random = seeded('shadows')
  const rewardRule = { on: [{ name: 'Renewed', conditions: {}, ofAnyKey: false }] }
  const lives = async (shadow: AnyPolicy) => {
    const made = await decide({ step, policy: { is: 'fixed' }, shadow, rewardRule })
    if (random.uniform() >= (made.arm === 'call' ? 0.8 : 0.2)) return
    const renewed = { messageId: made.id, kind: 'track', name: 'Renewed', properties: {} } as const
    await store.decisions.reward(made.customerId, { ...renewed, occurredAt: made.at + 1_000 })
  }
  await lives({ is: 'fixed', weights: { mail: 1 } })
  await lives({ is: 'magic' } as unknown as AnyPolicy)
  for (let at = 0; at < 200; at++) await lives(byModel)
  while ((await store.decisions.close(500)) > 0);

  const told = (await store.decisions.shadowReport('care')).filter((each) => each.step === step)
  const [newest] = told
  const of = (name: string) => told.find(({ policy }) => policy === name)
  expect(newest).toMatchObject({ policy: 'model', decisions: 200, fellBack: 0, failed: 0 })
  expect(Math.abs(newest!.same - 100)).toBeLessThan(30)
  expect(of('magic')).toMatchObject({ decisions: 1, same: 0, failed: 1 })
  expect(of('fixed')).toMatchObject({ decisions: 1 })

  const log = await store.decisions.latestSettled(place, 1_000)
  const { decisions, estimates, warnings } = evaluate({ is: 'shadow' }, log.map(episodeOf))
  expect(decisions).toBe(200)
  expect(warnings).toContain(
    '2 of 202 decisions have no word of the newest policy in the shadow and are left out.',
  )
  const weights = log
    .slice(2)
    .map(({ arm, reward }) => ((arm === 'call' ? 0.99 : 0.01) / 0.5) * (reward ?? 0))
  expect(estimates.ipw.value).toBeCloseTo(weights.reduce((sum, each) => sum + each, 0) / 200, 9)
  expect(Math.abs(estimates.snipw.value - (0.99 * 0.8 + 0.01 * 0.2))).toBeLessThan(0.12)
  expect(evaluate({ is: 'shadow' }, []).warnings).toEqual(['There is no decision to judge by.'])
})
