import type { Outcome } from '../../sdk'
import type { NewDecision } from '../../store/store'
import {
  decisions,
  evaluate,
  regret as tellRegret,
  report,
  uplift as tellUplift,
} from '../../api/cli/decisions'
import { apiClient } from '../../api/cli/client'
import { policyIn } from '../../api/policy-text'
import { seeded } from '../../activities/decisioning/random'
import { manifest, outline, stopAll, testApi } from './support'

afterAll(stopAll)

const DAY = 86_400_000
const settingsPath = '/v1/journeys/careful/decisions/offer/settings'
const nothing = { stopped: false, off: [], levers: {} }

const careful = outline('careful', {
  holdout: 0,
  steps: [{ id: 'offer', verb: 'decide', arms: ['discount', 'call', 'nothing'] }],
})

const open = () =>
  testApi({ manifest: async () => ({ ...manifest, journeys: { ...manifest.journeys, careful } }) })

const decision = (at: number, arm: string): NewDecision => ({
  id: `careful:c${at}/1/offer/1`,
  enrollmentId: `careful:c${at}`,
  entry: 1,
  journey: 'careful',
  step: 'offer',
  customerId: `c${at}`,
  arm,
  how: 'policy',
  propensity: arm === 'call' ? 0.25 : 0.75,
  policy: { is: 'fixed', weights: { discount: 3, call: 1 } },
  version: 'v1',
  learned: 0,
  settings: 0,
  context: { odd: at % 2 === 1 },
  arms: [
    { arm: 'discount', propensity: 0.75, score: 0, worth: 1 },
    { arm: 'call', propensity: 0.25, score: 0, worth: 1 },
  ],
  passedOver: [{ arm: 'nothing', because: 'off' }],
  rewardRule: { on: [{ name: 'Renewed', conditions: {}, ofAnyKey: false }] },
  at: Date.now() - 3 * DAY,
  closesAt: Date.now() - 2 * DAY,
  shadow: {
    is: 'chose',
    policy: { is: 'thompson' },
    version: 'v2',
    arm: 'call',
    propensity: 0.9,
    learned: 0,
    arms: [
      { arm: 'discount', propensity: 0.1, score: 0.2 },
      { arm: 'call', propensity: 0.9, score: 0.5 },
    ],
  },
})

test('settings: written with who and why, kept as revisions, refused where they make no sense', async () => {
  const { call } = await open()
  expect((await call('GET', settingsPath)).body).toEqual({ revision: 0, settings: nothing, written: null })
  const settings = { ...nothing, off: ['call'], levers: { discount: -50 } }
  const put = await call('PUT', settingsPath, { settings, reason: 'too dear', by: 'mira', basedOn: 0 })
  expect(put.status).toBe(200)
  expect(put.body).toMatchObject({ settings, written: { by: 'mira', reason: 'too dear' } })
  expect((await call('GET', settingsPath)).body).toEqual(put.body)
  const outdated = await call('PUT', settingsPath, { settings: nothing, reason: 'back', basedOn: 0 })
  expect([outdated.status, outdated.body.code]).toEqual([409, 'settings-changed'])
  const history = await call('GET', `${settingsPath}/history`)
  expect(history.body.items).toEqual([put.body])
  for (const wrong of [
    { ...nothing, off: ['cal'] },
    { ...nothing, levers: { discount: -101 } },
    { ...nothing, weights: { call: -1 } },
    { stopped: false },
  ])
    expect((await call('PUT', settingsPath, { settings: wrong, reason: 'x' })).status).toBe(400)
  const elsewhere = settingsPath.replace('offer', 'nowhere')
  expect((await call('PUT', elsewhere, { settings: nothing, reason: 'x' })).status).toBe(404)
  const reader = { authorization: 'Bearer read-key' }
  expect((await call('PUT', settingsPath, { settings: nothing, reason: 'x' }, reader)).status).toBe(403)
})

test('what was decided, what it brought, and what another policy would have brought', async () => {
  const { call, store, url } = await open()
  const random = seeded('log')
  for (let at = 0; at < 200; at++) {
    const arm = random.uniform() < 0.25 ? 'call' : 'discount'
    await store.decisions.make(decision(at, arm))
    const renewed = {
      messageId: `m${at}`,
      kind: 'track' as const,
      name: 'Renewed',
      properties: {},
      occurredAt: Date.now() - 2.5 * DAY,
    }
    if (random.uniform() < (arm === 'call' ? 0.6 : 0.2)) await store.decisions.reward(`c${at}`, renewed)
  }
  expect(await store.decisions.close(1_000)).toBe(200)

  const { body } = await call('GET', '/v1/journeys/careful/decisions')
  expect(body.items).toHaveLength(1)
  const [first, second] = body.items[0].arms
  expect(first).toMatchObject({ arm: 'call', how: 'policy', propensity: 0.25, open: 0 })
  expect(first.decisions + second.decisions).toBe(200)
  expect(first.share + second.share).toBeCloseTo(1, 12)
  expect(Math.abs(first.ifAlways.value - first.rewarded / first.settled)).toBeLessThan(1e-9)
  expect(first.ifAlways.value).toBeGreaterThan(second.ifAlways.value)

  const path = '/v1/journeys/careful/decisions/offer/evaluation?policy='
  const always = (await call('GET', `${path}fixed:call=1`)).body
  for (const name of ['ipw', 'snipw', 'dm', 'dr']) {
    expect(always.estimates[name].value).toBeGreaterThan(always.logged.value + 0.05)
    expect(always.estimates[name].high).toBeGreaterThan(always.estimates[name].low)
  }
  expect(always).toMatchObject({ decisions: 200 })
  expect(always.warnings.join(' ')).toMatch(/fewer than 100 say little/)
  expect((await call('GET', `${path}thompson`)).body.decisions).toBe(100)
  const shadow = (await call('GET', `${path}shadow`)).body
  expect(shadow).toMatchObject({ policy: { is: 'shadow' }, decisions: 200 })
  expect(shadow.estimates.snipw.value).toBeCloseTo(
    0.9 * always.estimates.snipw.value + 0.1 * second.ifAlways.value,
    1,
  )
  const refused = await call('GET', `${path}magic`)
  expect([refused.status, refused.body.errors[0].path]).toEqual([400, 'policy'])
  const none = (await call('GET', '/v1/journeys/careful/decisions/other/evaluation?policy=fixed')).body
  expect(none).toMatchObject({ logged: { value: null }, warnings: ['There is no decision to judge by.'] })

  const regret = (await call('GET', '/v1/journeys/careful/decisions/offer/regret?by=day')).body
  expect(regret).toMatchObject({ by: 'day', best: 'call' })
  expect(regret.periods.map((each: { from: string }) => each.from)).toEqual([
    `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`,
  ])
  expect(regret.periods[0].decisions).toBe(200)
  expect(regret.periods[0].regret.value).toBeGreaterThan(0.1)
  expect(regret.periods[0].regretSoFar).toBeCloseTo(200 * regret.periods[0].regret.value, 6)
  expect((await call('GET', '/v1/journeys/careful/decisions/offer/regret?by=year')).status).toBe(400)

  const uplift = '/v1/journeys/careful/decisions/offer/uplift?arm=call&against='
  const moved = (await call('GET', `${uplift}discount`)).body
  expect(moved.treated + moved.others).toBe(200)
  // All have the same score: treating by lot is all that it can do.
  expect(moved).toMatchObject({ qini: { value: 0 }, points: [{ share: 0, gain: 0 }, { share: 1 }] })
  expect(moved.points[1].gain).toBeGreaterThan(20)
  expect(moved.warnings).toEqual(['One of the arms was chosen fewer than 100 times here.'])
  expect((await call('GET', `${uplift}nobody`)).body).toMatchObject({ treated: 0, auuc: 0 })

  const mine = (await call('GET', '/v1/customers/c7/decisions')).body.items
  expect(mine).toMatchObject([
    {
      step: 'offer',
      state: 'closed',
      passedOver: [{ arm: 'nothing', because: 'off' }],
      shadow: { is: 'chose', arm: 'call', propensity: 0.9 },
    },
  ])

  const client = apiClient(url, 'read-key')
  expect(await decisions(client, 'careful')).toMatch(
    /^offer:\n {2}call: \d+ decisions \(\d+\.\d %\), 0 open, \d+ of \d+ rewarded; if always: 0\.\d+ \(95 %/,
  )
  expect(await decisions(client, 'careful')).toMatch(
    /\n {2}in the shadow, thompson \(v2\) would have chosen the same in \d+ of 200$/,
  )
  expect(await tellRegret(client, 'careful', 'offer', undefined)).toMatch(
    /^offer of careful, beside always call; doubly robust .*\n {2}\d{4}-\d\d-\d\d: 200 decisions \(call \d+ %, discount \d+ %\) brought 0\.\d+ \(95 %: .*\), missed 0\.\d+ \(95 %/,
  )
  expect(await tellUplift(client, 'careful', 'offer', { arm: 'call', against: 'discount' })).toMatch(
    /^call \(\d+ decisions\) against discount \(\d+\) at offer of careful\n {2}Qini: 0 \(95 %/,
  )
  expect(await decisions(client, 'winBack')).toBe('winBack has decided nothing yet.')
  expect(await evaluate(client, 'careful', 'offer', 'fixed:call=1')).toMatch(
    /judged by 200 decisions, worth \d+ of its own\n {2}as it was: 0\.\d+/,
  )
})

test('policies as texts', () => {
  expect(policyIn('fixed')).toEqual({ is: 'fixed' })
  expect(policyIn('fixed:a=3,b=0.5')).toEqual({ is: 'fixed', weights: { a: 3, b: 0.5 } })
  expect(policyIn('lin-ucb')).toEqual({ is: 'lin-ucb' })
  expect(policyIn('model')).toEqual({ is: 'model' })
  expect(policyIn('shadow')).toEqual({ is: 'shadow' })
  expect(policyIn('model:epsilon=0.25')).toEqual({ is: 'model', epsilon: 0.25 })
  for (const wrong of [
    'model:',
    'model:epsilon=2',
    'model:epsilon=',
    '',
    'fixed:',
    'fixed:a',
    'fixed:a=-1',
    'fixed:a=1=2',
    'toString',
  ])
    expect(policyIn(wrong)).toBeUndefined()
})

test('what a journey adds beside those it holds out, and what keeps that from saying more', async () => {
  const { call, store, url } = await open()
  const began = Date.now() - 100 * DAY
  const enter = async (name: string, at: number, holdout: number, outcome: Outcome) => {
    const entry = { id: `careful:${name}-${at}`, journey: 'careful', customerId: `${name}-${at}`, build: 'b' }
    await store.enrollments.enter({
      ...entry,
      enrolledBy: `${name}-${at}`,
      reentry: 'once',
      now: began,
      heldOut: holdout === 1,
    })
    await store.enrollments.end({ ...entry, entry: 1, outcome, endedAt: began + DAY })
  }
  const none = await call('GET', '/v1/journeys/careful/report')
  expect(none.body).toMatchObject({
    within: '90 days',
    treated: { of: 0, rate: null },
    lift: { difference: null },
  })
  expect(none.body.warnings).toEqual([
    'The journey has no goal, so nothing converts.',
    'The journey holds nobody out, so there is nothing to compare with.',
  ])
  for (let at = 0; at < 60; at++) {
    await enter('treated', at, 0, at < 40 ? { is: 'converted', event: 'Renewed' } : { is: 'completed' })
    await enter('held', at, 1, { is: 'held out', converted: at < 20 })
  }
  const { body } = await call('GET', '/v1/journeys/careful/report?within=10 days&since=2020-01-01')
  expect(body).toMatchObject({
    within: '10 days',
    since: '2020-01-01T00:00:00.000Z',
    treated: { of: 60, converted: 40, unwatched: 20 },
    heldOut: { of: 60, converted: 20, unwatched: 0 },
  })
  expect(body.lift.difference).toBeCloseTo(1 / 3, 12)
  expect(body.lift.always.low).toBeLessThan(body.lift.once.low)
  expect(body.warnings[1]).toMatch(/^20 of 60 treated came to the journey’s end before their time was over/)
  expect(await report(apiClient(url, 'read-key'), 'careful', { within: '10 days' })).toMatch(
    /^careful, 10 days after it began\n {2}treated: 40 of 60 converted \(66\.67 %\); held out: 20 of 60 .*\n {2}lift: 0\.3333\n/,
  )
  expect((await call('GET', '/v1/journeys/careful/report?within=soon')).status).toBe(400)
  expect((await call('GET', '/v1/journeys/nowhere/report')).status).toBe(404)
})
