import { lift } from '../../activities/decisioning/judging/lift'
import type { Outcome } from '../../sdk'
import {
  firstLimits,
  isHeldOut,
  livedAgain,
  type CustomerPast,
  type Limits,
  type Recorded,
} from '../../sdk/contact'
import { stopAll, testApi, type TestApi } from '../api/support'
import { entryOf, letAll, refuseAll, touchpointOf } from '../store/requests'

const hour = 3_600_000
const start = Date.parse('2027-03-01T09:00:00Z')
const now = start + 30 * 24 * hour
const limits = (more: Partial<Limits> = {}): Limits => ({
  ...firstLimits,
  arbitration: { windowMs: 0 },
  ...more,
})
const cap = (most: number, rolling: '1 day' | '7 days' = '1 day') =>
  limits({ caps: [{ name: 'email', most, window: { rolling } }] })

const recorded = (step: string, afterHours: number, more: Partial<Recorded> = {}): Recorded => ({
  id: step, journey: 'care', step, channel: 'email', provider: 'smtp', category: 'marketing', topic: null, priority: 1,
  at: start + afterHours * hour, was: 'sent', because: null, ...more,
}) // prettier-ignore

/** What would have become of each, by step. */
function would(
  changed: Limits,
  touchpoints: readonly Recorded[],
  more: Partial<CustomerPast> = {},
): Record<string, string> {
  const past = { customerId: 'ada', traits: {}, consents: [], before: [], touchpoints, ...more }
  const zones = () => ({ deployment: 'UTC' })
  return Object.fromEntries(
    livedAgain(past, { limits: changed, zones, now }).map(({ touchpoint, would }) => [
      touchpoint.step,
      would.is === 'sent'
        ? 'sent'
        : would.is === 'held'
          ? `held ${would.because} ${would.forMs / hour} h`
          : `withheld ${would.because}`,
    ]),
  )
}

describe('a past lived again', () => {
  const three = [recorded('one', 0), recorded('two', 2), recorded('three', 5)]

  test('under a cap, what is too much waits until there is a place, and then counts itself', () => {
    expect(would(cap(1), three)).toEqual({
      one: 'sent',
      two: 'held frequency-cap 22 h',
      three: 'held frequency-cap 43 h',
    })
    expect(would(cap(3), three)).toEqual({ one: 'sent', two: 'sent', three: 'sent' })
  })

  test('what is not worth waiting for so long is withheld', () => {
    expect(would({ ...cap(1), holdFor: '23 hours' }, three)).toEqual({
      one: 'sent',
      two: 'held frequency-cap 22 h',
      three: 'withheld frequency-cap',
    })
    expect(would(cap(0), three).one).toBe('withheld frequency-cap')
  })

  test('what went out before counts, and transactional messages go out', () => {
    const before = [{ at: start - hour, channel: 'email', category: 'marketing', journey: 'care' } as const]
    const touchpoints = [recorded('news', 0), recorded('invoice', 0, { category: 'transactional' })]
    expect(would(cap(1), touchpoints, { before })).toEqual({
      news: 'held frequency-cap 23 h',
      invoice: 'sent',
    })
  })

  test('consent is asked as it was then, and what limits do not decide stays', () => {
    const word = { channel: 'email', purpose: 'marketing', state: 'withdrawn', occurredAt: start + hour } as const
    const touchpoints = [
      recorded('before', 0),
      recorded('after', 2, { was: 'withheld', because: 'unsubscribed' }),
      recorded('nowhere', 0, { was: 'withheld', because: 'no-address' }),
      recorded('capped', 0.5, { was: 'withheld', because: 'frequency-cap' }),
    ]
    expect(would(limits(), touchpoints, { consents: [word] })).toEqual({
      before: 'sent',
      after: 'withheld unsubscribed',
      nowhere: 'withheld no-address',
      capped: 'sent',
    })
  }) // prettier-ignore

  test('of two that wait for one place the more valuable goes', () => {
    const changed = { ...cap(1), holdFor: '30 hours' } as const
    const touchpoints = [
      recorded('first', 0),
      recorded('cheap', 1, { priority: 1 }),
      recorded('dear', 2, { priority: 9 }),
    ]
    expect(would(changed, touchpoints)).toEqual({
      first: 'sent',
      dear: 'held frequency-cap 22 h',
      cheap: expect.stringMatching(/^withheld/),
    })
  })

  test('everybody is held out of marketing under a holdout of all', () => {
    expect(would(limits({ holdout: 1 }), three)).toMatchObject({ one: 'withheld holdout' })
  })
})

describe('over the API', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await testApi()
  })
  afterAll(stopAll)

  test('the preview counts by journey, channel and rule, and changes nothing', async () => {
    const today = Date.now()
    for (const [customer, journey] of [['eva', 'care'], ['finn', 'other']] as const) {
      await api.store.customers.identify(customer, {}, 1)
      for (const hours of [50, 49, 48]) {
        const request = touchpointOf(customer, { journey, at: today - hours * hour })
        await api.store.touchpoints.reserve(request, 60_000, letAll)
        await api.store.touchpoints.settle(request.id, { status: 'sent' })
      }
    }
    await api.store.touchpoints.reserve(touchpointOf('eva', { at: today - hour }), 60_000, refuseAll)
    const { status, body } = await api.call('POST', '/v1/limits/preview', {
      limits: { ...cap(2), holdFor: '23 hours' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ touchpoints: 7, judged: 7, oneIn: 1, complete: true })
    expect([body.was, body.would]).toEqual([
      { sent: 6, held: 0, withheld: 1 },
      { sent: 5, held: 2, withheld: 0 },
    ])
    expect(body.byJourney).toEqual([
      expect.objectContaining({ journey: 'care', channel: 'email', would: { sent: 3, held: 1, withheld: 0 }, heldMedianMs: 22 * hour }),
      expect.objectContaining({ journey: 'other', would: { sent: 2, held: 1, withheld: 0 } }),
    ])
    expect(body.byRule).toEqual([{ because: 'frequency-cap', held: 2, withheld: 0, ofThoseSent: 2 }])
    expect(body.unknown.length).toBeGreaterThan(0)
    expect((await api.call('GET', '/v1/limits')).body.revision).toBe(0)
    const refused = await api.call('POST', '/v1/limits/preview', { limits: {} })
    expect(refused.status).toBe(400)
  }) // prettier-ignore

  test('the holdout’s report compares those kept out with the others, since the share is what it is', async () => {
    await api.store.limits.change({
      limits: limits({ holdout: 0.5 }), author: { key: 'ops', by: null }, because: 'measure', approval: false,
    }) // prettier-ignore
    const names = Array.from({ length: 30 }, (_, at) => `person-${at}`)
    for (const [at, customerId] of names.entries()) {
      await api.store.customers.identify(customerId, {}, 1)
      const { enrollment } = await api.store.enrollments.enter(entryOf(customerId, { journey: 'winBack' }))
      const outcome: Outcome = at % 3 === 0 ? { is: 'converted', event: 'Paid' } : { is: 'completed' }
      const ended = { id: enrollment.id, entry: 1, journey: 'winBack', customerId, endedAt: 1 }
      await api.store.enrollments.end({ ...ended, outcome })
    }
    const out = names.filter((name) => isHeldOut(name, 0.5))
    const won = out.filter((name) => names.indexOf(name) % 3 === 0).length
    const { body } = await api.call('GET', '/v1/holdout')
    expect(body).toMatchObject({ share: 0.5, since: expect.any(String) })
    expect(body.customers.heldOut + body.customers.others).toBe(32)
    expect(body.journeys).toEqual([
      {
        journey: 'winBack',
        heldOut: {
          enrolled: out.length,
          converted: won,
          rate: won / out.length,
          over: out.length,
          inTime: won,
        },
        others: {
          enrolled: 30 - out.length,
          converted: 10 - won,
          rate: (10 - won) / (30 - out.length),
          over: 30 - out.length,
          inTime: 10 - won,
        },
        lift: lift({ converted: 10 - won, of: 30 - out.length }, { converted: won, of: out.length }),
      },
    ])
  })
})
