import type { Channels } from '../../channels'
import type { Models } from '../../activities/models'
import type { Sources } from '../../activities/sources'
import { deciding } from '../../activities/deciding'
import { choose, type Candidate } from '../../activities/decisioning/choosing'
import { Learner } from '../../activities/decisioning/learner'
import { settledOf } from '../../activities/decisioning/log'
import { Learners } from '../../activities/learners'
import type { Policy } from '../../sdk/decision'
import type { DecisionRow, Store } from '../../store/store'
import { describeOnBoth, fresh } from './on-both'
import { decisionOf as decision, letAll, touchpointOf } from './requests'

// No arm sends, and nothing is asked of a model or a database.
const [channels, models, sources] = [{} as Channels, {} as Models, {} as Sources]

const HOUR = 3_600_000
const DAY = 24 * HOUR

const event = (name = 'Renewed', occurredAt = Date.now(), properties: Record<string, unknown> = {}) => ({
  messageId: fresh('message'),
  kind: 'track' as const,
  name,
  properties,
  occurredAt,
})

const onlyOf = async (store: Store, customer: string): Promise<DecisionRow[]> =>
  (await store.decisions.ofCustomer(customer, { limit: 200 })).items

const rewardsOf = async (store: Store, customer: string) =>
  (await onlyOf(store, customer)).map(({ reward }) => reward)

describeOnBoth('decisions', (on) => {
  test('one that was made stays as it is, and is told again', async () => {
    const customer = fresh('ann')
    const first = await on.store.decisions.make(decision(customer))
    const again = await on.store.decisions.make({ ...decision(customer), id: first.id, arm: 'other' })
    expect(again).toEqual(first)
    const place = { journey: 'offering', step: 'offer' }
    expect((await on.store.decisions.look(first.id, customer, place)).made).toEqual(first)
    expect((await on.store.decisions.look('another', customer, place)).lastArm).toBe('discount')
    expect(
      (await on.store.decisions.look('another', customer, { ...place, step: 'x' })).lastArm,
    ).toBeUndefined()
  })

  test('a reward counts once, for the newest decision before it', async () => {
    const customer = fresh('bob')
    await on.store.decisions.make(decision(customer, { at: Date.now() - 9 * DAY }))
    await on.store.decisions.make(decision(customer, { at: Date.now() - 2 * DAY }))
    const renewed = event()
    expect(await on.store.decisions.reward(customer, renewed)).toBe(1)
    // As after a crash of the dispatcher.
    expect(await on.store.decisions.reward(customer, renewed)).toBe(0)
    expect(await rewardsOf(on.store, customer)).toEqual([1, null])
    expect(await on.store.decisions.reward(customer, event())).toBe(1)
    expect(await on.store.decisions.reward(customer, event())).toBe(0)
    expect(await rewardsOf(on.store, customer)).toEqual([1, 1])
  })

  test.each([
    ['before the decision', () => event('Renewed', Date.now() - 11 * DAY)],
    ['after the window', () => event('Renewed', Date.now() + 2 * DAY)],
    ['of another name', () => event('Cancelled')],
  ])('an event %s is no reward', async (_, made) => {
    const customer = fresh('cleo')
    await on.store.decisions.make(decision(customer))
    expect(await on.store.decisions.reward(customer, made())).toBe(0)
    expect(await on.store.decisions.reward(fresh('stranger'), event())).toBe(0)
    expect(await rewardsOf(on.store, customer)).toEqual([null])
  })

  test('what an event must say to be one: conditions, the key, how much', async () => {
    const customer = fresh('dora')
    const rule = {
      on: [{ name: 'Ordered', conditions: { paid: true }, ofAnyKey: false }],
      value: 'total',
      key: { property: 'cart', value: '7' },
    }
    await on.store.decisions.make(decision(customer, { rewardRule: rule }))
    const ordered = (properties: object) =>
      on.store.decisions.reward(customer, event('Ordered', Date.now(), { ...properties }))
    expect(await ordered({ paid: false, total: 5 })).toBe(0)
    expect(await ordered({ paid: true, cart: 8, total: 5 })).toBe(0)
    expect(await ordered({ paid: true, cart: 7 })).toBe(0)
    expect(await ordered({ paid: true, cart: 7, total: 'NaN' })).toBe(0)
    expect(await ordered({ paid: true, cart: 7, total: 1e300 })).toBe(0)
    expect(await ordered({ paid: true, cart: 7, total: -2.5 })).toBe(1)
    expect(await rewardsOf(on.store, customer)).toEqual([-2.5])
  })

  test('a receipt rewards the decision that its message came from, once, and nobody can make one up', async () => {
    const customer = fresh('opener')
    const opened = {
      name: 'Message Opened',
      conditions: { step: 'tip', machine: { not: true } },
      ofAnyKey: false,
    }
    const now = Date.now()
    const made = (at: number, enrollmentId = `tips:${customer}`) =>
      on.store.decisions.make(
        decision(customer, { at, enrollmentId, closesAt: now + DAY, rewardRule: { on: [opened] } }),
      )
    await made(now - 9 * DAY)
    await made(now - 5 * DAY)
    await made(now - 3 * DAY, `elsewhere:${customer}`)
    await made(now - 2 * DAY)
    const asked = { enrollmentId: `tips:${customer}`, step: 'tip', at: now - 4 * DAY }
    const message = touchpointOf(customer, asked)
    await on.store.touchpoints.reserve(message, 60_000, letAll)
    const receipt = (more: object = {}, kind: 'receipt' | 'track' = 'receipt', at = now) => {
      const properties = {
        touchpoint: message.id,
        enrollment: message.enrollmentId,
        entry: 1,
        step: 'tip',
        ...more,
      }
      return on.store.decisions.reward(customer, { ...event('Message Opened', at, properties), kind })
    }
    expect(await receipt({}, 'track')).toBe(0)
    expect(await receipt({ machine: true })).toBe(0)
    expect(await receipt({ step: 'other' })).toBe(0)
    expect(await receipt({ entry: 2 })).toBe(0)
    // A second before the decision, by the provider's clock.
    expect(await receipt({}, 'receipt', now - 5 * DAY - 1_000)).toBe(1)
    expect(await receipt()).toBe(0)
    expect(await rewardsOf(on.store, customer)).toEqual([null, null, 1, null])
  })

  test('a merge takes decisions and their rewards along', async () => {
    const [before, after] = [fresh('anonymous'), fresh('known')]
    await on.store.decisions.make(decision(before))
    await on.store.customers.merge(before, after)
    expect(await on.store.decisions.reward(after, event())).toBe(1)
    expect(await rewardsOf(on.store, before)).toEqual([1])
  })

  test('a window closes an hour after its end by the customer’s clock; then what was decided is learned, in order', async () => {
    const step = fresh('closing')
    const [now, moved] = [fresh('here'), fresh('ahead')]
    await on.store.customers.identify(moved, {}, 0)
    const over = { step, closesAt: Date.now() - 2 * HOUR }
    await on.store.decisions.make(decision(now, over))
    await on.store.decisions.make(decision(now, { step, closesAt: Date.now() - HOUR / 2 }))
    await on.store.decisions.make(decision(now, { ...over, how: 'kept', propensity: 1 }))
    await on.store.decisions.make(decision(moved, { step, closesAt: Date.now() + 5 * DAY }))
    await on.store.decisions.close(500)
    const place = { journey: 'offering', step }
    expect((await on.store.decisions.settled(place, 0, 10)).map(({ customerId }) => customerId)).toEqual([
      now,
    ])
    await on.store.customers.moveClock(moved, 6 * DAY)
    await on.store.decisions.close(500)
    const settled = await on.store.decisions.settled(place, 0, 10)
    expect(settled.map(({ customerId, position }) => [customerId, position])).toEqual([
      [now, 1],
      [moved, 2],
    ])
    expect((await on.store.decisions.latestSettled(place, 1)).map(({ position }) => position)).toEqual([2])
    const states = (await onlyOf(on.store, now)).map(({ state, how }) => [how, state])
    expect(states).toEqual([
      ['kept', 'closed'],
      ['policy', 'open'],
      ['policy', 'closed'],
    ])
    expect(await on.store.decisions.reward(now, event('Renewed', Date.now() - 3 * HOUR))).toBe(1)
  })

  test('a window waits for events that came in and are not handled yet', async () => {
    const customer = fresh('patient')
    const messageId = fresh('late')
    const late = { messageId, kind: 'track' as const, customerId: customer, name: 'Renewed', properties: {} }
    await on.store.events.append([{ ...late, occurredAt: Date.now() - 2 * HOUR }])
    const pending = (await on.store.events.byMessageId(messageId))!
    await on.store.decisions.make(decision(customer, { closesAt: pending.receivedAt - HOUR + 1 }))
    const close = async () => {
      await on.store.decisions.close(500)
      return (await onlyOf(on.store, customer))[0]!.state
    }
    expect(await close()).toBe('open')
    await on.store.events.handled([pending])
    expect(await close()).toBe('closed')
  })

  test('two workers under load decide as one that replays the log alone, and know the same', async () => {
    const step = fresh('loaded')
    const place = { journey: 'offering', step }
    const policy: Policy = { is: 'lin-thompson', discount: 0.999 }
    const stores = [on.store, await on.another()]
    const workers = stores.map((store) => ({ store, decide: deciding({ store, channels, models, sources }) }))
    const live = async ({ store, decide }: (typeof workers)[number], customer: string) => {
      const context = { odd: customer.length % 2 === 1, n: (customer.length * 7) % 5 }
      const window = { at: Date.now() - 2 * DAY, closesAt: Date.now() - 2 * HOUR }
      const { arm } = await decide({
        ...decision(customer, { ...window, step, context, policy }),
        policy,
        lookup: undefined,
        shadow: undefined,
        occurrence: 1,
        arms: [{ arm: 'a' }, { arm: 'b', value: 2 }],
        otherwise: 'none',
        keep: false,
      })
      if (arm === 'a') await store.decisions.reward(customer, event('Renewed', Date.now() - DAY))
      await store.decisions.close(3)
    }
    for (let round = 0; round < 15; round++)
      await Promise.all(
        workers.flatMap((worker) => [1, 2, 3].map((n) => live(worker, fresh(`load${'x'.repeat(n)}`)))),
      )
    while ((await on.store.decisions.close(500)) > 0);
    const log = await on.store.decisions.settled(place, 0, 1_000)
    expect(log.map(({ position }) => position)).toEqual(Array.from({ length: 90 }, (_, at) => at + 1))

    const alone = new Learner(policy)
    for (const made of log.toSorted((one, other) => one.learned - other.learned)) {
      for (const row of log.slice(alone.position, made.learned)) alone.learn(settledOf(row))
      const candidates = made.arms.map(({ arm, worth }) => ({ arm, worth })) as [Candidate, ...Candidate[]]
      const { rated, ...chosen } = choose(alone, { candidates, context: made.context, seed: made.id })
      expect(chosen).toMatchObject({ arm: made.arm, propensity: made.propensity })
      expect(rated).toEqual(made.arms.map(({ arm, propensity, score }) => ({ arm, propensity, score })))
    }
    expect(Math.max(...log.map(({ learned }) => learned))).toBeGreaterThan(30)
    for (const row of log.slice(alone.position)) alone.learn(settledOf(row))
    for (const store of stores)
      expect((await new Learners(store.decisions).of(place, 'v1', policy, 90)).learned()).toEqual(
        alone.learned(),
      )
  })

  test('a snapshot stands in for the log, and a later one stays', async () => {
    const place = { journey: 'offering', step: fresh('kept') }
    await on.store.decisions.keepSnapshot(place, 'v', { position: 7, learned: { a: 1 } })
    await on.store.decisions.keepSnapshot(place, 'v', { position: 5, learned: { a: 0 } })
    expect(await on.store.decisions.snapshot(place, 'v')).toEqual({ position: 7, learned: { a: 1 } })
    expect(await on.store.decisions.snapshot(place, 'w')).toBeUndefined()
  })

  test('settings: every revision is kept with its author; the same again is none, an outdated one is refused', async () => {
    const place = { journey: 'offering', step: fresh('set') }
    const author = { key: 'ops', by: 'mira' }
    const settings = { stopped: false, off: ['call'], levers: { discount: -20 } }
    expect(await on.store.decisions.settings(place)).toMatchObject({ revision: 0, written: null })
    const change = { settings, author, because: 'too dear' }
    const kept = await on.store.decisions.changeSettings(place, { ...change, basedOn: 0 })
    expect(kept).toMatchObject({
      is: 'kept',
      revision: { settings, written: { key: 'ops', because: 'too dear' } },
    })
    expect(await on.store.decisions.changeSettings(place, change)).toEqual(kept)
    const other = { ...change, settings: { ...settings, stopped: true } }
    expect(await on.store.decisions.changeSettings(place, { ...other, basedOn: 0 })).toMatchObject({
      is: 'outdated',
    })
    expect(await on.store.decisions.changeSettings(place, other)).toMatchObject({ is: 'kept' })
    const { items } = await on.store.decisions.settingsHistory(place, { limit: 10 })
    expect(items.map(({ settings }) => settings.stopped)).toEqual([true, false])
  })
})
