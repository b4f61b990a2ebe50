import { until } from '../support/until'
import { stopAll, testApi } from '../api/support'

afterAll(stopAll)

test('contacts avoided against the holdout, with an interval; outbound calls and other journeys do not count', async () => {
  const { store, call } = await testApi()
  const enter = async (nth: number, heldOut: boolean) => {
    const customerId = `${heldOut ? 'out' : 'in'}-${nth}`
    await store.enrollments.enter({
      id: `trialOnboarding:${customerId}`,
      journey: 'trialOnboarding',
      customerId,
      build: 'b',
      enrolledBy: customerId,
      reentry: 'once',
      heldOut,
      now: Date.now(),
    })
    const tells = heldOut ? nth < 20 : nth < 10
    const direction = nth >= 20 ? 'outbound' : undefined
    const event = { kind: 'track', customerId, name: 'Call Started', occurredAt: Date.now() } as const
    if (tells || direction) {
      const properties = { call_id: 'c', ...(direction && { direction }) }
      await store.events.append([{ ...event, messageId: `${customerId}-1`, properties }])
    }
    if (nth === 0)
      await store.events.append([{ ...event, messageId: `${customerId}-2`, properties: { call_id: 'd' } }])
  }
  for (let nth = 0; nth < 40; nth++) await Promise.all([enter(nth, true), enter(nth, false)])
  const report = async () => (await call('GET', '/v1/journeys/trialOnboarding/report?within=1%20second')).body
  expect((await call('GET', '/v1/journeys/trialOnboarding/report')).body).toMatchObject({
    treated: { of: 0 },
    avoided: { value: null },
  })
  await until(async () => (await report()).heldOut.of === 40)
  const { treated, heldOut, spared, avoided } = await report()
  expect(treated).toMatchObject({ of: 40, converted: 0, contacted: 10, contacts: 11 })
  expect(heldOut).toMatchObject({ of: 40, converted: 0, contacted: 20, contacts: 21 })
  expect(spared.difference).toBeCloseTo(0.25, 10)
  // By hand, from Wilson's intervals of 20 and 10 of 40: [0.352, 0.648] and [0.142, 0.402].
  expect(spared.once.low).toBeCloseTo(0.25 - Math.hypot(0.5 - 0.35198, 0.40192 - 0.25), 4)
  expect(spared.once.high).toBeCloseTo(0.25 + Math.hypot(0.64802 - 0.5, 0.25 - 0.14187), 3)
  expect(avoided.value).toBeCloseTo(10, 8)
  expect(avoided.once.low).toBeCloseTo(40 * spared.once.low, 8)
  expect(avoided.always.low).toBeLessThan(avoided.once.low)
})
