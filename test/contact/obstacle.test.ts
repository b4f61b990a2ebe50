import { obstacleTo, type Asking, type ContactFacts, type Limits } from '../../sdk/contact'
import { contactOf, countedOf, limitsOf, proposalOf } from './proposals'

/** At noon in Berlin, by mail. */
const askingOf = (more: Partial<Asking> = {}): Asking => ({
  ...proposalOf(),
  topic: undefined,
  provider: { name: 'smtp', channel: 'email', address: ({ traits }) => traits.email as string | undefined },
  zones: { deployment: 'Europe/Berlin' },
  worth: {},
  ...more,
})

const factsOf = (more: Partial<ContactFacts> = {}, limits: Partial<Limits> = {}): ContactFacts => ({
  ...contactOf(),
  customer: { id: 'anna', traits: { email: 'anna@example.com' } },
  ...more,
  limits: limitsOf(limits),
})

const quiet = (from: `${number}:${number}`, to: `${number}:${number}`) => ({
  quietHours: [{ name: 'rest', from, to }],
})
const cap = (rolling: '2 days' | '30 days') => ({ caps: [{ name: 'one', most: 1, window: { rolling } }] })
const counted = [countedOf('2026-11-24T10:00:00Z')]

test.each<[string, ContactFacts, Partial<Asking>]>([
  ['nothing in the way', factsOf(), {}],
  ['quiet hours that end in time', factsOf({}, quiet('12:00', '20:00')), {}],
  ['a cap that has a place in time', factsOf({ counted }, cap('2 days')), {}],
  [
    'a cap that is full for long, where it is worth waiting',
    factsOf({ counted }, cap('30 days')),
    { within: '31 days' },
  ],
  [
    'what a transactional message needs not ask',
    factsOf({ counted }, cap('30 days')),
    { category: 'transactional' },
  ],
])('may go, or waits: %s', (_, facts, more) => {
  expect(obstacleTo(askingOf(more), facts)).toBeUndefined()
})

test.each<[string, ContactFacts, Partial<Asking>, string, RegExp]>([
  ['nobody there', factsOf({ customer: undefined }), {}, 'recipient', /no such customer/],
  ['quiet hours for longer than it is worth', factsOf({}, quiet('12:00', '20:00')), { within: '2 hours' }, 'quiet hours', /^rest 12:00 to 20:00/],
  ['a cap that is full for long', factsOf({ counted }, cap('30 days')), {}, 'frequency caps', /1 used/],
  ['a cap of none', factsOf({}, { caps: [{ name: 'none', most: 0, window: { calendar: 'day' } }] }), {}, 'frequency caps', /none, 0/],
  ['a stop, whose end nobody knows', factsOf({ stops: [{ id: 3, scope: 'journey', name: 'care' }] }), { within: '99 days' }, 'stops', /stop 3/],
  ['the first of several', factsOf({ suppressedBecause: ['legal'], stops: [{ id: 3, scope: 'everything', name: null }] }), {}, 'suppression', /legal/],
])('%s is in the way', (_, facts, more, rule, said) => {
  expect(obstacleTo(askingOf(more), facts)).toEqual({ rule, because: expect.stringMatching(said) })
}) // prettier-ignore
