import { ChannelUnavailable } from '../../channels'
import { email, sms, webhook } from '../../sdk'
import type { DecisionToMake, ProposedArm } from '../../sdk/deciding'
import type { Message } from '../../sdk/message'
import { suppressionKey, type Store } from '../../store'
import { openStage, type Stage } from './stage'
import { freshStore } from '../support/postgres'

let store: Store
let stage: Stage
beforeAll(async () => void (store = await freshStore()))
afterAll(() => store.close())
beforeEach(async () => void (stage = await openStage(store)))
afterEach(() => stage.close())

const at = Date.parse('2027-03-01T09:00:00Z')

const arm = (name: string, message?: Message): ProposedArm => ({
  arm: name,
  sends: message && { category: 'marketing', message, worth: {} },
})

const arms = [arm('discount', email('hello')), arm('call', webhook('crm', 'help')), arm('nothing')]

const asked = (more: Partial<DecisionToMake> = {}): DecisionToMake => ({
  enrollmentId: stage.enrollment,
  entry: 1,
  journey: 'care',
  customerId: stage.customer,
  step: 'offer',
  occurrence: 1,
  at,
  closesAt: at + 86_400_000,
  arms,
  passedOver: [{ arm: 'visit', because: 'not-eligible' }],
  context: {},
  policy: { is: 'fixed' },
  rewardRule: { on: [] },
  otherwise: 'none',
  keep: false,
  ...more,
})

async function decided(more?: Partial<DecisionToMake>) {
  const { decision } = await stage.activities.decide(asked(more))
  const { items } = await store.decisions.ofCustomer(stage.customer, { limit: 200 })
  const row = items.find(({ id }) => id === decision)!
  return { offered: row.arms.map((each) => each.arm), passedOver: row.passedOver, how: row.how, arm: row.arm }
}

const say = (channel: string) =>
  store.consents.record({
    customerId: stage.customer,
    channel,
    purpose: 'marketing',
    state: 'withdrawn',
    basis: 'consent',
    source: 'a test',
    occurredAt: at - 1,
  })

const noDiscount = (rule: string, said: RegExp) => ({
  offered: ['call', 'nothing'],
  passedOver: [
    { arm: 'visit', because: 'not-eligible' },
    { arm: 'discount', because: 'withheld', rule, said: expect.stringMatching(said) },
  ],
})

test('all are offered where no rule stands in the way', async () => {
  expect(await decided()).toMatchObject({ offered: ['discount', 'call', 'nothing'] })
})

test('without consent, an arm is passed over, with the rule and what it said', async () => {
  await say('email')
  expect(await decided()).toMatchObject(noDiscount('consent', /^consent to marketing by email was withdrawn/))
})

test('a suppressed address, which is asked about as soon as it is known', async () => {
  const address = `${stage.customer}@customers.example`
  await store.customers.identify(stage.customer, { email: address }, 1)
  const found = { reason: 'complaint', source: 'a test' } as const
  await store.suppressions.suppress(suppressionKey('email', address), found)
  expect(await decided()).toMatchObject(noDiscount('suppression', /^the address is suppressed: complaint$/))
})

test('a full cap, when the message were not worth sending any more once there is a place', async () => {
  const { revision, limits } = await store.limits.current()
  const author = { key: 'test', by: null }
  const cap = { name: 'mails', most: 1, channels: ['email'], window: { rolling: '7 days' } } as const
  const change = { limits: { ...limits, caps: [cap] }, author, because: 'a test', approval: false }
  await store.limits.change({ ...change, basedOn: revision })
  await stage.activities.deliver({ ...stage.touchpoint(), at: at - 3_600_000 }, 'inline')
  expect(await decided()).toMatchObject(noDiscount('frequency caps', /cap mails, 1 in 7 days: 1 used/))
  const sends = { ...arms[0]!.sends!, within: '8 days' } as const
  const patient = await decided({ occurrence: 2, arms: [{ arm: 'discount', sends }] })
  expect(patient).toMatchObject({ offered: ['discount'] })
  await store.limits.change({ limits, author, because: 'it is over', approval: false })
})

test('an arm that is kept for the customer is given up when it would be withheld; and none may be left', async () => {
  const first = await decided({ arms: [arms[0]!], keep: true })
  expect(first).toMatchObject({ how: 'policy', arm: 'discount' })
  expect(await decided({ occurrence: 2, keep: true })).toMatchObject({ how: 'kept', arm: 'discount' })
  await say('email')
  expect(await decided({ occurrence: 3, keep: true })).toMatchObject({ how: 'policy' })
  expect(await decided({ occurrence: 4, arms: [arms[0]!] })).toMatchObject({ how: 'otherwise', arm: 'none' })
})

test('transactional messages ask for no consent', async () => {
  await say('email')
  const needed = { ...arms[0]!.sends!, category: 'transactional' } as const
  const found = await decided({ arms: [{ arm: 'needed', sends: needed }, arms[2]!] })
  expect(found.offered).toEqual(['needed', 'nothing'])
})

test('a channel that nobody configured is ours to mend, and no rule against the arm', async () => {
  const carriers = (channel: string) => {
    throw new ChannelUnavailable(`The channel ${channel} is not configured`)
  }
  const bare = await openStage(store, { carriers })
  await expect(
    bare.activities.decide({ ...asked({ arms: [arm('text', sms('hello'))] }), customerId: bare.customer }),
  ).resolves.toMatchObject({ arm: 'text' })
  bare.close()
})
