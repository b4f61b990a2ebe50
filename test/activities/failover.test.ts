import type { Answer, Carrier } from '../../channels'
import type { Store } from '../../store/store'
import { openStage, PlayedProvider, type Stage } from './stage'
import { freshStore } from '../support/postgres'

// Three providers of one channel: what one says decides whether the next is asked.

let store: Store
let stage: Stage
let first: PlayedProvider
let second: PlayedProvider
let german: PlayedProvider
let route: Carrier[]
let count = 0

beforeAll(async () => {
  store = await freshStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  ;[first, second, german] = ['first', 'second', 'german'].map((name) => Object.assign(new PlayedProvider('email', false), { name })) as [PlayedProvider, PlayedProvider, PlayedProvider] // prettier-ignore
  route = [
    { provider: german, after: [], countries: ['DE'] },
    { provider: first, after: ['down', 'throttled'] },
    { provider: second, after: ['down', 'throttled'] },
  ]
  stage = await openStage(store, { carriers: () => route })
})
afterEach(() => stage.close())

const busy = (fault?: 'down' | 'throttled'): Answer => ({ is: 'busy', because: 'not now', fault })
const asked = () => [german, first, second].map(({ sent }) => sent.length)

async function deliver(customerId = stage.customer, patience: 'inline' | 'patient' = 'inline') {
  const touchpoint = stage.touchpoint({ customerId, enrollmentId: `care:${customerId}` })
  const delivered = await stage.activities.deliver(touchpoint, patience).catch((error: Error) => error)
  const [row] = await store.touchpoints.ofEnrollment(`care:${customerId}`, 1)
  return { delivered, row: row! }
}

test.each(['down', 'throttled'] as const)(
  'one that is %s is passed over, and the ledger says who carried it',
  async (fault) => {
    first.answer = async () => busy(fault)
    const { delivered, row } = await deliver()
    expect(delivered).toMatchObject({ is: 'sent' })
    expect(row).toMatchObject({ status: 'sent', provider: 'second', attempts: 1 })
    expect(second.sent[0]!.outgoing.ref).toBe(first.sent[0]!.outgoing.ref)
  },
)

test.each<[string, Answer, string]>([
  ['unknown', { is: 'unknown', because: 'the line was cut' }, 'unknown'],
  ['refused', { is: 'refused', because: 'no' }, 'failed'],
  ['busy with this message alone', busy(), 'retrying'],
  ['accepted', { is: 'accepted', providerMessageId: 'm' }, 'sent'],
])('%s is asked of nobody else', async (_, answer, status) => {
  first.answer = async () => answer
  expect((await deliver()).row).toMatchObject({ status, provider: 'first' })
  expect(asked()).toEqual([0, 1, 0])
})

test('one that breaks may have sent', async () => {
  first.answer = () => Promise.reject(new TypeError('bug'))
  expect((await deliver()).row).toMatchObject({ status: 'unknown', provider: 'first' })
  expect(asked()).toEqual([0, 1, 0])
})

test('unknown at the second ends it as well, with its name', async () => {
  first.answer = async () => busy('down')
  second.answer = async () => ({ is: 'unknown', because: 'the line was cut' })
  expect((await deliver()).row).toMatchObject({ status: 'unknown', provider: 'second' })
  expect(await deliver()).toMatchObject({ delivered: { is: 'unknown' } })
  expect(asked()).toEqual([0, 1, 1])
})

test('where all are busy it is put off, and the first is asked first again', async () => {
  first.answer = second.answer = async () => busy('down')
  expect((await deliver()).delivered).toMatchObject({ is: 'busy', because: 'not now' })
  first.answer = async () => ({ is: 'accepted', providerMessageId: 'm' })
  expect((await deliver(stage.customer, 'patient')).row).toMatchObject({
    status: 'sent',
    provider: 'first',
    attempts: 2,
  })
  expect(asked()).toEqual([0, 2, 1])
})

test('only after the faults that its step names', async () => {
  route[2] = { provider: second, after: ['down'] }
  first.answer = async () => busy('throttled')
  expect((await deliver()).row).toMatchObject({ status: 'retrying' })
  first.answer = async () => busy('down')
  expect((await deliver(stage.customer, 'patient')).row).toMatchObject({ status: 'sent', provider: 'second' })
})

test('customers of a country have their own, and others never that one', async () => {
  const customer = `greta-${++count}`
  await store.customers.identify(
    customer,
    { firstName: 'Greta', email: 'g@customers.example', country: 'DE' },
    0,
  )
  expect((await deliver(customer)).row).toMatchObject({ provider: 'german' })
  expect((await deliver()).row).toMatchObject({ provider: 'first' })
  expect(asked()).toEqual([1, 1, 0])
})

test('one that operators stopped carries nothing, also not for another', async () => {
  const author = { key: 'ops', by: null }
  const { stop } = await store.stops.begin({ scope: 'provider', name: 'first' }, author, 'its IP is listed')
  const other = await store.stops.begin({ scope: 'provider', name: 'second' }, author, 'so is its')
  expect((await deliver()).delivered).toMatchObject({ is: 'held', because: 'stopped' })
  await store.stops.end(other.stop.id, author, 'no more')
  expect((await deliver()).row).toMatchObject({ status: 'sent', provider: 'second' })
  await store.stops.end(stop.id, author, 'no more')
  expect(asked()).toEqual([0, 0, 1])
})

test('an attempt whose process died is unknown, though each of them drops repeats: who was asked?', async () => {
  route = route.slice(1).map((carrier) => ({
    ...carrier,
    provider: Object.assign(new PlayedProvider('email', true), {
      name: carrier.provider.name,
      answer: () => new Promise<Answer>(() => {}),
    }),
  }))
  stage.leaseMs = 1
  void stage.activities.deliver(stage.touchpoint(), 'inline')
  const sent = (route[0]!.provider as PlayedProvider).sent
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(await stage.activities.deliver(stage.touchpoint(), 'patient')).toMatchObject({ is: 'unknown' })
  expect(sent).toHaveLength(1)
})
