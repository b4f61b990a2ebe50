import { judgment } from '../../activities/contact/rules'
import { enrollmentId } from '../../sdk'
import { firstLimits, type Limits } from '../../sdk/contact'
import { openStore, type Judge, type Reservation, type Store } from '../../store'
import { changeLimits } from '../contact/limits'
import { entryOf, touchpointOf } from '../store/requests'
import { testDatabase, type TestDatabase } from '../support/postgres'
import { openStage, PlayedProvider } from './stage'

const AT = Date.parse('2027-03-01T09:00:00Z')
const DAY = 86_400_000
const COUNT = 50
const limits: Limits = {
  ...firstLimits,
  caps: [{ name: 'three a day', most: 3, window: { rolling: '24 hours' } }],
}
const each = Array.from({ length: COUNT }, (_, number) => number)

let database: TestDatabase
let stores: Store[]
beforeAll(async () => {
  database = await testDatabase()
  stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ url: database.url })))
  await changeLimits(database.url, limits)
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await database.drop()
})

const storeOf = (number: number): Store => stores[number % stores.length]!

describe('50 at once to one customer under a cap of 3, from several stores,', () => {
  it('deliver 3, and the other 47 are held until the first place is free', async () => {
    const stage = await openStage(stores[0]!)
    const processes = stores.map((store) => stage.activitiesOver(store))
    const answers = await Promise.all(
      each.map((number) => {
        const enrollment = `journey-${number}:${stage.customer}`
        const touchpoint = stage.touchpoint({
          enrollmentId: enrollment,
          journey: `journey-${number}`,
          at: AT,
        })
        return processes[number % processes.length]!.deliver(touchpoint, 'inline')
      }),
    )
    expect(answers.filter(({ is }) => is === 'sent')).toHaveLength(3)
    expect(stage.email.sent).toHaveLength(3)
    const held = answers.filter((answer) => answer.is === 'held')
    expect(held).toHaveLength(47)
    expect(new Set(held.map(({ until }) => until))).toEqual(new Set([AT + DAY]))
    expect(held.filter(({ because }) => !['frequency-cap', 'outbid'].includes(because))).toEqual([])
    const { items } = await stage.store.touchpoints.ofCustomer(stage.customer, { limit: 100 })
    expect(items.filter(({ status }) => status === 'sent')).toHaveLength(3)
    expect(items.filter(({ status }) => status === 'held')).toHaveLength(47)
    stage.close()
  })

  it('that all proposed before any was decided, deliver the 3 worth most', async () => {
    const customer = 'bea'
    await stores[0]!.customers.identify(customer, { email: 'bea@customers.example' }, 0)
    for (const number of each)
      await stores[0]!.enrollments.enter(entryOf(customer, { journey: `journey-${number}` }))
    const values = each.map((number) => (number * 37) % COUNT)
    const ask = (number: number) => asked(customer, number, values[number]!)
    // Whoever sees three better ones is held at once, the others wait for their competitors.
    const first = await Promise.all(each.map(ask))
    expect(first.filter(({ is }) => is !== 'proposed' && is !== 'held')).toEqual([])
    const again = async (number: number) => (first[number]!.is === 'proposed' ? ask(number) : first[number]!)
    const decided = await Promise.all(each.map(again))
    const went = each.filter((number) => decided[number]!.is === 'reserved').map((number) => values[number])
    expect(went.sort()).toEqual([47, 48, 49])
    const held = decided.filter((answer) => answer.is === 'held')
    expect(held).toHaveLength(47)
    expect(new Set(held.map(({ until }) => until))).toEqual(new Set([AT + DAY]))
  })

  /** One touchpoint of a journey of its own, on one of the stores, decided by the real rules. */
  function asked(customer: string, number: number, value: number): Promise<Reservation> {
    const journey = `journey-${number}`
    const request = touchpointOf(customer, {
      id: `${enrollmentId(journey, customer)}/1/offer/1`,
      enrollmentId: enrollmentId(journey, customer),
      journey,
      at: AT,
    })
    const asking = { ...request, topic: undefined, provider, worth: { value }, zones: { deployment: 'UTC' } }
    const judge: Judge = (facts, before) => judgment(asking, facts, before)
    return storeOf(number).touchpoints.reserve(request, 60_000, judge)
  }

  const provider = new PlayedProvider('email', false)
})

describe('rivals of an enrollment that is paused', () => {
  it('stand in nobody’s way', async () => {
    const [store] = stores as [Store]
    const customer = 'carl'
    await store.customers.identify(customer, { email: 'carl@customers.example' }, 0)
    const seen: string[][] = []
    const hold: Judge = (facts) => {
      seen.push(facts.rivals.map(({ journey }) => journey))
      return {
        judgment: { is: 'held', because: 'quiet-hours', until: AT + DAY, expiresAt: null, verdicts: [] },
        priority: 9,
      }
    }
    const id = enrollmentId('vip', customer)
    await store.enrollments.enter(entryOf(customer, { journey: 'vip' }))
    await store.touchpoints.reserve(touchpointOf(customer, { enrollmentId: id, journey: 'vip' }), 1_000, hold)
    const look = () => store.touchpoints.reserve(touchpointOf(customer, { journey: 'care' }), 1_000, hold)
    await look()
    await store.enrollments.statusIs(id, 1, 'paused')
    await look()
    await store.enrollments.statusIs(id, 1, 'running')
    await look()
    expect(seen.map((journeys) => journeys.includes('vip'))).toEqual([false, true, false, true])
  })
})

describe('what a customer’s journeys wanted lately', () => {
  it('is what went and what lost, not what the customer refused', async () => {
    const [store] = stores as [Store]
    const customer = 'dora'
    await store.customers.identify(customer, { email: 'dora@customers.example' }, 0)
    const say =
      (judgment: ReturnType<Judge>['judgment'], priority: number): Judge =>
      () => ({ judgment, priority })
    const reserve = (journey: string, judge: Judge, at = AT) =>
      store.touchpoints.reserve(touchpointOf(customer, { journey, at }), 60_000, judge)
    await reserve('went', say({ is: 'allowed', verdicts: [] }, 2))
    await reserve('lost', say({ is: 'withheld', because: 'outbid', verdicts: [] }, 3))
    await reserve('refused', say({ is: 'withheld', because: 'unsubscribed', verdicts: [] }, 4))
    await reserve(
      'waits',
      say({ is: 'held', because: 'frequency-cap', until: AT + DAY, expiresAt: null, verdicts: [] }, 5),
    )
    await reserve('long ago', say({ is: 'allowed', verdicts: [] }, 6), AT - 29 * DAY)
    let wanted: readonly { journey: string; priority: number; went: boolean }[] = []
    await reserve(
      'care',
      (facts) => ((wanted = facts.wanted), say({ is: 'allowed', verdicts: [] }, 1)(facts, undefined)),
    )
    const told = wanted.map(({ journey, priority, went }) => ({ journey, priority, went }))
    expect(told.sort((one, other) => one.priority - other.priority)).toEqual([
      { journey: 'went', priority: 2, went: true },
      { journey: 'lost', priority: 3, went: false },
      { journey: 'waits', priority: 5, went: false },
    ])
  })
})
