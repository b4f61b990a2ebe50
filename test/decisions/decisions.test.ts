import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { runtimeOver } from '../../activities/models/onnx-runtime'
import type { DecisionRow } from '../../store/store'
import { answering, hanging, modelServerDouble, type ModelServerDouble } from '../doubles/model-server'
import { onnxRuntimeDouble } from '../doubles/onnxruntime'
import { freshDatabase } from '../support/postgres'
import { until } from '../support/until'
import { World } from '../support/world'

let models: ModelServerDouble
let files: string
let world: World
beforeAll(async () => {
  models = await modelServerDouble()
  files = mkdtempSync(path.join(tmpdir(), 'models-'))
  const databaseUrl = await freshDatabase()
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`create schema helpdesk; create table helpdesk.tickets (customer text, days_waiting int, segment text);
    insert into helpdesk.tickets values ('gil', 3, 'smb'), ('hal', 3, 'smb'), ('ida', 3, 'smb'), ('jan', 1, 'smb');
    create table helpdesk.scores (customer text, arm text, score numeric, scored_at timestamptz, version text);
    insert into helpdesk.scores values ('kay', 'call', 0.25, now(), 'w7'), ('kay', 'mail', -0.1, now(), 'w7'), ('kay', 'visit', 9, now(), 'w7'),
      ('leo', 'call', -0.25, now(), 'w7'), ('leo', 'mail', -0.1, now(), 'w7'),
      ('mia', 'call', 0.25, now() - interval '3 days', 'w6'), ('mia', 'mail', 0, now(), 'w7'),
      ('noa', 'call', 'NaN', now(), 'w7'), ('noa', 'mail', 0, now(), 'w7')`)
  await client.end()
  world = await World.open({
    database: { url: databaseUrl },
    sources: { helpdesk: `${databaseUrl}?options=-csearch_path%3Dhelpdesk` },
    workflows: path.join(__dirname, 'workflows'),
    models: {
      servers: { care: { url: models.url } },
      privateHosts: ['127.0.0.1'],
      files,
      runtime: async () => runtimeOver(onnxRuntimeDouble()),
    },
  })
})
afterAll(async () => {
  await world?.close()
  await models.close()
  rmSync(files, { recursive: true })
})

const decisionsOf = async (customer: string): Promise<DecisionRow[]> =>
  (await world.store.decisions.ofCustomer(customer, { limit: 200 })).items.toReversed()

/** Resolves once the customer has so many decisions. */
async function decided(customer: string, count = 1): Promise<DecisionRow[]> {
  await until(async () => (await decisionsOf(customer)).length >= count)
  return decisionsOf(customer)
}

const author = { key: 'test', by: null }

test('an arm is chosen, recorded with its chance, and rewarded once by an event long after the journey ended', async () => {
  await world.event('ann', 'Feature Used', { feature: 'reports' })
  const [made] = await decided('ann')
  await world.untilOutcome('ann', 'offering', { is: 'completed', because: made!.arm })
  expect(made).toMatchObject({
    journey: 'offering',
    step: 'offer',
    how: 'policy',
    propensity: 0.5,
    policy: { is: 'fixed', weights: { discount: 1, coaching: 1 } },
    context: { feature: 'reports' },
    reward: null,
    state: 'open',
  })
  expect(made!.arms.map(({ arm, propensity }) => [arm, propensity])).toEqual([
    ['discount', 0.5],
    ['coaching', 0.5],
  ])
  expect(made!.closesAt - made!.at).toBe(30 * 86_400_000)
  await world.event('ann', 'Subscription Renewed', {}, 'renewal-of-ann')
  await world.event('ann', 'Subscription Renewed', {})
  expect((await decisionsOf('ann'))[0]).toMatchObject({ reward: 1, rewardedBy: 'renewal-of-ann' })
  await world.store.customers.moveClock('ann', 31 * 86_400_000)
  await until(async () => (await decisionsOf('ann'))[0]!.state === 'closed')
  expect((await decisionsOf('ann'))[0]).toMatchObject({ position: 1, reward: 1 })
})

test('arms pass their predicates; a replay draws no second time, a re-entry keeps the arm, and the goal says how much', async () => {
  await world.identify('bob', { phone: '+49 30 1', email: 'bob@example.com' })
  await world.event('bob', 'Support Searched', { results: 3 })
  const [made] = await decided('bob')
  expect(made!.arms.map(({ arm, worth }) => [arm, worth])).toEqual([
    ['call', 1.2],
    ['mail', 1],
  ])
  expect(made!.passedOver).toEqual([{ arm: 'visit', because: 'not-suitable' }])
  await world.restartWorker()
  await world.forward('bob', '25 hours')
  await world.untilOutcome('bob', 'choosy', { is: 'completed', because: made!.arm })
  await world.event('bob', 'Support Searched', { results: 3 })
  const [, kept] = await decided('bob', 2)
  expect(kept).toMatchObject({ arm: made!.arm, how: 'kept', propensity: 1 })
  await world.event('bob', 'Order Completed', { order_id: 'o1', total: 12.5 })
  expect((await decisionsOf('bob')).map(({ reward }) => reward)).toEqual([null, 12.5])
})

test('operators switch arms off, stop all of it, and change shares, from the next decision on', async () => {
  const place = { journey: 'offering', step: 'offer' }
  const change = (settings: object) =>
    world.store.decisions.changeSettings(place, {
      settings: { stopped: false, off: [], levers: {}, ...settings },
      author,
      because: 'a test',
    })
  await change({ off: ['coaching'] })
  await world.event('cleo', 'Feature Used', { feature: 'a' })
  expect((await decided('cleo'))[0]).toMatchObject({
    arm: 'discount',
    propensity: 1,
    passedOver: [{ arm: 'coaching', because: 'off' }],
  })
  await change({ weights: { coaching: 1 } })
  await world.event('dora', 'Feature Used', { feature: 'a' })
  expect((await decided('dora'))[0]).toMatchObject({ arm: 'coaching', how: 'policy', propensity: 1 })
  await change({ stopped: true })
  await world.event('eve', 'Feature Used', { feature: 'a' })
  expect((await decided('eve'))[0]).toMatchObject({ arm: 'none', how: 'otherwise' })
  await world.untilOutcome('eve', 'offering', { is: 'completed', because: 'none' })
  await change({})
})

test('nobody whom an arm suits gets what the journey says otherwise', async () => {
  await world.store.decisions.changeSettings(
    { journey: 'choosy', step: 'help' },
    { settings: { stopped: false, off: ['call', 'mail'], levers: {} }, author, because: 'a test' },
  )
  await world.event('finn', 'Support Searched', { results: 3 })
  expect((await decided('finn'))[0]).toMatchObject({ arm: 'nothing', how: 'otherwise', state: 'open' })
})

test('a model chooses as long as it answers; one that hangs, says HTML or speaks of other arms stops no journey', async () => {
  const scores = { call: 0.9, mail: 0.1, nothing: 0 }
  const answers = [
    ['gil', answering({ scores, version: 'v3' }), { is: 'used', says: 'chance', version: 'v3' }],
    ['hal', hanging, { is: 'fell-back', to: 'fixed', because: 'too-slow' }],
    ['ida', answering('<html>'), { is: 'fell-back', to: 'fixed', because: 'not-understood' }],
    [
      'jan',
      answering({ scores: { mail: 0, nothing: 0, call: 1 } }),
      { is: 'fell-back', to: 'fixed', because: 'other-arms' },
    ],
  ] as const
  for (const [customer, answer, model] of answers) {
    models.answer = answer
    await world.event(customer, 'Help Requested', { topic: 'export' })
    const [made] = await decided(customer)
    expect(made!.model).toMatchObject(model)
    if (made!.model?.is === 'fell-back' && made!.model.because === 'too-slow')
      expect(made!.recordedAt - made!.at).toBeLessThan(4_000)
    if (model.is === 'fell-back') expect(made!.arm).toBe('mail')
    else expect(made!.arms.map(({ arm, propensity }) => [arm, propensity])).toEqual([
      ['call', 0.98],
      ['mail', 0.01],
      ['nothing', 0.01],
    ]) // prettier-ignore
    await world.untilOutcome(customer, 'modelled', { is: 'completed', because: made!.arm })
  }
  expect(models.asked[0]).toMatchObject({ customerId: 'gil', context: { topic: 'export', segment: 'smb' } })
  const [jan] = await decisionsOf('jan')
  expect(jan).toMatchObject({ lookup: { is: 'found' }, passedOver: [{ arm: 'call', because: 'no-match' }] })
  expect(JSON.stringify(jan)).not.toContain('days_waiting":1')
  const { body } = await world.call('GET', '/v1/journeys/modelled/decisions')
  expect(body.items[0].models.map(({ is, because }: any) => [is, because])).toEqual(
    expect.arrayContaining([
      ['used', null],
      ['fell-back', 'too-slow'],
      ['fell-back', 'not-understood'],
      ['fell-back', 'other-arms'],
    ]),
  )
})

const wentOn = async (customer: string, journey: string, arm: string): Promise<void> => {
  await world.restartWorker()
  await world.forward(customer, '25 hours')
  await world.untilOutcome(customer, journey, { is: 'completed', because: arm })
}

test('effects from a table choose against doing nothing; without usable ones the fallback does, and the journey goes on', async () => {
  models.answer = hanging
  const used = { is: 'used', says: 'effect', version: 'w7' }
  const lives = [
    ['kay', used, { call: 0.98, mail: 0.01, nothing: 0.01 }],
    ['leo', used, { call: 0.01, mail: 0.01, nothing: 0.98 }],
    ['mia', { is: 'fell-back', to: 'fixed', because: 'too-old' }, { call: 0, mail: 1, nothing: 0 }],
    ['noa', { is: 'fell-back', to: 'fixed', because: 'no-number' }, { call: 0, mail: 1, nothing: 0 }],
    ['nobody', { is: 'fell-back', to: 'fixed', because: 'no-row' }, { call: 0, mail: 1, nothing: 0 }],
  ] as const
  for (const [customer, model, chances] of lives) {
    await world.event(customer, 'Shop Visited', { shop_id: 's1' })
    const [made] = await decided(customer)
    expect(made!.model).toMatchObject(model)
    expect(Object.fromEntries(made!.arms.map(({ arm, propensity }) => [arm, propensity]))).toEqual(chances)
    // The server in the shadow hangs: it costs its own time, and no more.
    expect(made!.shadow).toMatchObject({
      is: 'chose',
      model: { is: 'fell-back', because: expect.stringMatching(/^(too-slow|resting)$/) },
    })
    expect(made!.recordedAt - made!.at).toBeLessThan(2_000)
  }
  const [kay] = await decisionsOf('kay')
  await wentOn('kay', 'scored', kay!.arm)
})

test('a file that the worker runs chooses, and one that is gone is no reason to stop', async () => {
  writeFileSync(path.join(files, 'care.onnx'), JSON.stringify({ weights: [0.5, 1, -1] }))
  await world.identify('oda', { years: 2 })
  await world.event('oda', 'Chat Started', { chat_id: 'c1' })
  const [made] = await decided('oda')
  expect(made!.model).toMatchObject({ is: 'used', version: expect.stringMatching(/^[0-9a-f]{12}$/) })
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))
  const scores = made!.arms.map(({ modelled }) => modelled!)
  for (const [at, expected] of [sigmoid(2), sigmoid(0)].entries()) expect(scores[at]).toBeCloseTo(expected, 6)
  expect(made!.arms[0]).toMatchObject({ arm: 'call', propensity: 0.99 })
  await wentOn('oda', 'filed', made!.arm)

  rmSync(path.join(files, 'care.onnx'))
  await world.identify('pam', { years: 2 })
  await world.event('pam', 'Chat Started', { chat_id: 'c1' })
  const [fallen] = await decided('pam')
  expect(fallen).toMatchObject({ arm: 'mail', model: { is: 'fell-back', to: 'fixed', because: 'refused' } })
  await world.event('quinn', 'Chat Started', { chat_id: 'c1' })
  expect((await decided('quinn'))[0]!.model).toMatchObject({ because: 'no-input' })
  await wentOn('pam', 'filed', 'mail')
})
