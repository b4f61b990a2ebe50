import { ApplicationFailure } from '@temporalio/activity'
import type { Store } from '../../store'
import { openStage, type Stage } from './stage'
import { freshStore } from '../support/postgres'

let store: Store
let stage: Stage
beforeAll(async () => {
  store = await freshStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  stage = await openStage(store)
})
afterEach(() => stage.close())

it('are all there, under the names that journeys use', () => {
  expect(Object.keys(stage.activities).sort()).toEqual([
    'decide',
    'deliver',
    'endEnrollment',
    'expireTask',
    'loyaltyPoints',
    'readProfile',
    'recordStatus',
    'requestEnrollment',
    'withdrawTasks',
    'writeTraits',
  ])
})

it('read and write traits of the customer an alias leads to', async () => {
  const { readProfile, writeTraits } = stage.activities
  expect(await readProfile(stage.customer)).toEqual({ firstName: 'Ada', email: 'ada@customers.example' })
  expect(await readProfile('stranger')).toEqual({})
  await stage.store.customers.merge('visitor-7', stage.customer)
  await writeTraits('visitor-7', { lifecycle: 'lost' }, 10)
  expect(await readProfile(stage.customer)).toMatchObject({ firstName: 'Ada', lifecycle: 'lost' })
})

it('ask for an enrollment by an event, and a repeat adds none', async () => {
  const event = {
    messageId: 'm-1',
    kind: 'enroll',
    customerId: stage.customer,
    name: 'winBack',
    properties: {},
    occurredAt: 1,
  } as const
  await stage.activities.requestEnrollment(event)
  await stage.activities.requestEnrollment(event)
  expect(await stage.store.events.byMessageId('m-1')).toMatchObject({ kind: 'enroll', name: 'winBack' })
})

it('tell the outcome of an enrollment', async () => {
  const ended = {
    id: stage.enrollment,
    entry: 1,
    journey: 'care',
    customerId: stage.customer,
    outcome: { is: 'completed' },
    endedAt: 5,
  } as const
  await stage.activities.endEnrollment(ended)
  expect(stage.news).toEqual([{ kind: 'outcome', ended }])
})

describe('loyaltyPoints', () => {
  it.each([
    [0, 0, 'bronze'],
    [99.99, 99, 'bronze'],
    [100, 150, 'silver'],
    [101.5, 151, 'silver'],
    [249.99, 373, 'silver'],
    [250, 500, 'gold'],
    [1_000.9, 2_000, 'gold'],
  ])('for an order of %p are %p, %s', async (orderTotal, points, tier) => {
    expect(await stage.activities.loyaltyPoints({ customerId: stage.customer, orderTotal })).toEqual({
      points,
      tier,
    })
  })

  it.each([-1, NaN, Infinity, undefined as never])('do not exist for %p', async (orderTotal) => {
    const attempt = stage.activities.loyaltyPoints({ customerId: stage.customer, orderTotal })
    await expect(attempt).rejects.toThrow(ApplicationFailure)
    await expect(attempt).rejects.toMatchObject({ nonRetryable: true, type: 'invalid-order-total' })
  })
})
