import { Client } from 'pg'
import { audienceWebhook } from '../../channels/audience/audience-webhook'
import type { Provider } from '../../channels'
import { onlyCarrier } from '../../channels/routes'
import { createLogger } from '../../logger'
import { about, addToAudience, removeFromAudience, type Message } from '../../sdk'
import { openStore } from '../../store'
import type { Store } from '../../store/store'
import { startLeaving } from '../../workers/dispatcher/audiences'
import { openStage, type Stage } from '../activities/stage'
import { audienceReceiver, audienceSecret, type Synced } from '../doubles/audience-receiver'
import type { Double } from '../doubles/provider'
import { testDatabase, type TestDatabase } from '../support/postgres'
import { until } from '../support/until'

// Customers are put into audiences by the activity that journeys call, over a real ledger, and taken out by the dispatcher's part.

let store: Store
let ads: Double<Synced>
let provider: Provider
let stage: Stage
let dispatcher: { stop(): Promise<void> }
let step = 0

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await testDatabase()
  store = await openStore({ url: database.url })
  client = new Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await store.close()
  await database.drop()
})
beforeEach(async () => {
  ads = await audienceReceiver()
  const endpoints = { ads: { url: ads.url, secret: audienceSecret, form: 'google' } } as const
  provider = audienceWebhook({ endpoints, allowPrivate: true, timeoutMs: 2_000 })
  stage = await openStage(store, { carriers: () => onlyCarrier(provider) })
  for (const name of ['lapsed', 'loyal'])
    stage.write(`${name}.audience.liquid`, `audience: ${name}\nemail: {{ customer.email }}\n`)
  await store.customers.identify(stage.customer, { email: `${stage.customer}@customers.example` }, 0)
  await says('granted', 1)
  dispatcher = startLeaving({ store, channels: { carriers: () => onlyCarrier(provider) }, logger: createLogger('silent') }) // prettier-ignore
})
afterEach(async () => {
  await dispatcher.stop()
  stage.close()
  await provider.close?.()
  await ads.close()
})

const says = (state: 'granted' | 'withdrawn', occurredAt: number, purpose = 'marketing') =>
  store.consents.record({
    customerId: stage.customer,
    channel: 'audience',
    purpose,
    state,
    source: 'test',
    occurredAt,
  })

async function deliver(message: Message): Promise<string> {
  const touchpoint = stage.touchpoint({
    message,
    step: `s-${(step += 1)}`,
    topic: message.topic,
    category: message.category,
  })
  return (await stage.activities.deliver(touchpoint, 'inline')).is
}
const putIn = (name = 'lapsed') => deliver(addToAudience('ads', name))

const told = () => ads.taken.map(({ body }) => `${body.type} ${body.data.audience}`)
const identifiers = (nth: number) => ads.taken[nth]!.body.data.userIdentifiers

/** Attempts at putting in are waited for: so much later there can be none. */
const threeMinutesLater = () =>
  client.query('update audience_members set told_at = told_at - 180000, look_at = look_at - 180000')

const members = async () =>
  (await client.query('select customer_id, audience, look_at is not null as leaving from audience_members order by id')).rows // prettier-ignore

test('who withdraws is taken out of the very audiences they are in, by the hashes they were put in with', async () => {
  await putIn('lapsed')
  await putIn('loyal')
  await threeMinutesLater()
  await store.customers.identify(stage.customer, { email: 'new@customers.example' }, 1)
  await says('withdrawn', 2)
  await until(async () => (await members()).length === 0)
  expect(told().toSorted()).toEqual([
    'audience.add lapsed',
    'audience.add loyal',
    'audience.remove lapsed',
    'audience.remove loyal',
  ])
  for (const nth of [1, 2, 3]) expect(identifiers(nth)).toEqual(identifiers(0))
})

test('nobody else is: the rest stay in, and who was never in is told of to nobody', async () => {
  await putIn()
  await threeMinutesLater()
  await store.consents.record({ customerId: stage.customer, channel: 'email', purpose: 'marketing', state: 'withdrawn', source: 'test', occurredAt: 2 }) // prettier-ignore
  await store.consents.record({ customerId: 'somebody', channel: 'audience', purpose: 'marketing', state: 'withdrawn', source: 'test', occurredAt: 2 }) // prettier-ignore
  // A word that is older than the yes.
  await says('withdrawn', 0)
  expect(await members()).toEqual([{ customer_id: stage.customer, audience: 'lapsed', leaving: false }])
  await client.query('delete from audience_members')
})

test('of one topic, where the word was on it', async () => {
  await says('granted', 1, 'tips')
  await deliver(about('tips', addToAudience('ads', 'lapsed')))
  await deliver(addToAudience('ads', 'loyal'))
  await threeMinutesLater()
  await says('withdrawn', 2, 'tips')
  await until(async () => (await members()).length === 1)
  expect(told()).toEqual(['audience.add lapsed', 'audience.add loyal', 'audience.remove lapsed'])
  await says('withdrawn', 3)
  await until(async () => (await members()).length === 0)
})

test('an attempt at putting in that is under way, or has an unknown end, is waited for', async () => {
  ads.mood = 'cut'
  await putIn()
  await says('withdrawn', 2)
  ads.mood = 'well'
  ads.taken.length = 0
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect([told(), await members()]).toEqual([
    [],
    [{ customer_id: stage.customer, audience: 'lapsed', leaving: true }],
  ])
  await threeMinutesLater()
  await until(async () => (await members()).length === 0)
  expect(told()).toEqual(['audience.remove lapsed'])
})

test('an endpoint that is away or refuses is told again, under the same id, until it takes it', async () => {
  await putIn()
  await threeMinutesLater()
  for (const mood of [{ status: 503 }, { status: 400 }, 'cut'] as const) {
    ads.mood = mood
    await says('withdrawn', 2)
    await until(async () => ((await client.query('select from audience_members where attempts > 0')).rowCount ?? 0) > 0) // prettier-ignore
    await client.query('update audience_members set attempts = 0, look_at = 0')
  }
  ads.mood = 'well'
  await until(async () => (await members()).length === 0)
  // Of each id the double takes one, and it saw this one while it was away: any other would be there.
  expect(told()).toEqual(['audience.add lapsed'])
})

test('who is deleted is taken out, and until then nothing leads back to them', async () => {
  await putIn()
  await threeMinutesLater()
  ads.mood = { status: 503 }
  await store.deletions.order(stage.customer, 'test', 0)
  expect(await members()).toEqual([{ customer_id: null, audience: 'lapsed', leaving: true }])
  ads.mood = 'well'
  await client.query('update audience_members set look_at = 0')
  await until(async () => (await members()).length === 0)
  expect(told()).toEqual(['audience.add lapsed', 'audience.remove lapsed'])
})

test('who is deleted between the decision and the call is taken out after it', async () => {
  const { join } = store.audiences
  store.audiences.join = async (...member) => {
    await store.deletions.order(stage.customer, 'test', 0)
    await join(...member)
  }
  await putIn().finally(() => (store.audiences.join = join))
  expect(await members()).toEqual([{ customer_id: null, audience: 'lapsed', leaving: true }])
  await threeMinutesLater()
  await until(async () => (await members()).length === 0)
})

test('who withdraws between the decision and the call is taken out after it', async () => {
  const { join } = store.audiences
  store.audiences.join = async (...member) => {
    await says('withdrawn', 2)
    await join(...member)
  }
  await putIn().finally(() => (store.audiences.join = join))
  await threeMinutesLater()
  await until(async () => (await members()).length === 0)
  expect(told()).toEqual(['audience.add lapsed', 'audience.remove lapsed'])
})

test('a customer is found by whatever id they have become', async () => {
  await putIn()
  await threeMinutesLater()
  const other = `${stage.customer}-known`
  await store.customers.merge(stage.customer, other)
  expect(await members()).toMatchObject([{ customer_id: other, leaving: false }])
  await says('withdrawn', 2)
  await until(async () => (await members()).length === 0)
})

test('whom a journey took out is not in it any more; under an address of before they are taken out, too', async () => {
  await putIn()
  await store.customers.identify(stage.customer, { email: 'new@customers.example' }, 1)
  await putIn()
  expect(await members()).toHaveLength(2)
  await deliver(removeFromAudience('ads', 'lapsed'))
  await until(async () => (await members()).length === 0)
  expect(told()).toEqual(['audience.add lapsed', 'audience.add lapsed', 'audience.remove lapsed', 'audience.remove lapsed']) // prettier-ignore
  expect(identifiers(3)).toEqual(identifiers(0))
})

test('who says yes again and is put in again stays', async () => {
  await putIn()
  await says('withdrawn', 2)
  await says('granted', 3)
  await putIn()
  await threeMinutesLater()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(await members()).toEqual([{ customer_id: stage.customer, audience: 'lapsed', leaving: false }])
  expect(told()).toEqual(['audience.add lapsed', 'audience.add lapsed'])
  await client.query('delete from audience_members')
})
