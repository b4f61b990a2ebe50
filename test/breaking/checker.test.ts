import { findings, type Lived } from './checker/check'
import type { EnrollmentFound, Facts, TouchpointFound } from './checker/facts'
import { type Accepted, expectedOf } from './checker/model'

// The checker on made-up records: it says nothing of what is right, and finds whatever is not.

const DAY = 86_400_000
const start = Date.parse('2026-11-23T12:00:00Z')
const stuck = { name: 'Help Requested', properties: {} }

const event = (n: number, name: string, properties = {}, at = start): Accepted => ({
  messageId: `m${n}`,
  customerId: 'ada',
  kind: 'track',
  name,
  properties,
  at,
})
const identified: Accepted = { ...event(1, '', { email: 'ada@example.com', timezone: 'UTC' }), kind: 'identify' } // prettier-ignore
const events = [identified, event(2, 'Trial Started'), { ...event(3, stuck.name), at: start + DAY }]
const life: Lived = { customerId: 'ada', events, now: start + 2 * DAY }

const row = (step: string, channel: string, more: Partial<TouchpointFound> = {}): TouchpointFound => ({
  id: `trialOnboarding:ada/1/${step}/1`,
  ref: step,
  enrollmentId: 'trialOnboarding:ada',
  entry: 1,
  customerId: 'ada',
  channel,
  status: 'sent',
  because: null,
  recordedAt: start,
  leaseUntil: null,
  ...more,
})
const enrollment: EnrollmentFound = { id: 'trialOnboarding:ada', entry: 1, customerId: 'ada', status: 'running', outcome: null, enrolledBy: 'm2' } // prettier-ignore
const took = (ref: string) => ({ at: start, ref, did: 'took' as const })

const right: Facts = {
  at: start + 1_000,
  events: events.map(({ messageId }) => ({ messageId, customerId: 'ada', kind: 'track', state: 'handled' })),
  traits: new Map([['ada', { email: 'ada@example.com', timezone: 'UTC' }]]),
  enrollments: [enrollment],
  touchpoints: [row('welcome', 'email'), row('ask-for-help', 'webhook')],
  mails: [took('welcome')],
  hooks: [took('ask-for-help')],
  outages: [],
  histories: new Map([['trialOnboarding:ada', { open: true, heard: ['m3'], failures: [] }]]),
  waits: new Map([['trialOnboarding:ada', { steps: ['habit'], heldOut: false }]]),
}

const found = (facts: Partial<Facts>): string[] =>
  findings([life], { ...right, ...facts }).map(({ broke, words }) => `${broke}: ${words}`)

test('what is right is left alone', () => {
  expect(found({})).toEqual([])
})

const history = right.histories.get('trialOnboarding:ada')!
const welcome = (more: Partial<TouchpointFound>) => ({ touchpoints: [row('welcome', 'email', more), right.touchpoints[1]!] }) // prettier-ignore
const cut = { at: start, ref: 'welcome', did: 'cut' as const }
const worker = { name: 'worker 1', from: start - 500, to: start + 500 }

test.each<[string, Partial<Facts>, RegExp]>([
  ['an event that is gone', { events: right.events.slice(0, 1) }, /^lost: event m2 .* is not there/],
  ['a pending event', { events: [{ ...right.events[0]!, state: 'pending' }, ...right.events.slice(1)] }, /^stuck: event m1/],
  ['an event set aside', { events: [{ ...right.events[0]!, state: 'set-aside' }, ...right.events.slice(1)] }, /^astray: event m1/],
  ['an event nobody sent', { events: [...right.events, { ...right.events[0]!, messageId: 'm1/again' }] }, /^doubled: event m1.again/],
  ['an event nobody heard', { histories: new Map([['trialOnboarding:ada', { ...history, heard: [] }]]), touchpoints: right.touchpoints.slice(0, 1), waits: new Map([['trialOnboarding:ada', { steps: ['first-project'], heldOut: false }]]), hooks: [] }, /^lost: event m3 .* never heard/],
  ['an enrollment that never began', { enrollments: [], touchpoints: [], mails: [], hooks: [] }, /^lost: event m2 .* never heard/],
  ['a second enrollment', { enrollments: [enrollment, { ...enrollment, entry: 2 }] }, /^doubled: enrollment .*\/2/],
  ['a profile that was not told', { traits: new Map() }, /^lost: the profile .* email is undefined/],
  ['a touchpoint that is missing', { touchpoints: right.touchpoints.slice(0, 1), hooks: [] }, /^lost: touchpoint .*ask-for-help/],
  ['a touchpoint too many', { touchpoints: [...right.touchpoints, row('farewell', 'email')], mails: [...right.mails, took('farewell')] }, /^doubled: touchpoint .*farewell/],
  ['a mail that nobody has', { mails: [] }, /^lost: .*welcome.* nobody has it/],
  ['a mail delivered twice', { mails: [took('welcome'), took('welcome')] }, /^doubled: .*welcome.* again/],
  ['a mail delivered again after its line was cut', { mails: [cut, took('welcome')] }, /^doubled: .*welcome.* again/],
  ['a mail in no ledger', { mails: [...right.mails, took('stranger')] }, /^doubled: stranger/],
  ['a webhook repeated for no reason', { hooks: [took('ask-for-help'), { at: start, ref: 'ask-for-help', did: 'again' }] }, /^doubled: .*repeated/],
  ['unknown for no reason', welcome({ status: 'unknown' }), /^unexplained: .*welcome/],
  ['failed for no reason', welcome({ status: 'failed' }), /^lost: .*welcome.* failed/],
  ['withheld and delivered', welcome({ status: 'withheld' }), /^(astray|doubled): .*welcome/],
  ['sending past its lease', welcome({ status: 'sending', leaseUntil: start - 60_000 }), /^stuck: .*welcome/],
  ['sending for no reason', welcome({ status: 'sending', leaseUntil: start + 60_000 }), /^unexplained: .*welcome/],
  ['retrying for ever', welcome({ status: 'retrying' }), /^stuck: .*welcome/],
  ['waiting at another step', { waits: new Map([['trialOnboarding:ada', { steps: ['first-project'], heldOut: false }]]) }, /^stuck: .*first-project, not at habit/],
  ['a workflow that fails its tasks', { histories: new Map([['trialOnboarding:ada', { ...history, failures: ['TypeError'] }]]) }, /^stuck: .*TypeError/],
  ['a workflow that is gone', { histories: new Map([['trialOnboarding:ada', { ...history, open: false }]]) }, /^stuck: .*does not answer/],
  ['ended too early', { enrollments: [{ ...enrollment, status: 'ended', outcome: { is: 'completed' } }] }, /^astray: .*should wait at habit/],
])('%s is found', (_, facts, words) => {
  expect(found(facts)[0]).toMatch(words)
}) // prettier-ignore

test('unknown is excused by a cut line and by a worker that was killed meanwhile', () => {
  expect(found({ ...welcome({ status: 'unknown' }), mails: [cut] })).toEqual([])
  expect(found({ ...welcome({ status: 'unknown' }), outages: [worker] })).toEqual([])
  expect(found({ ...welcome({ status: 'unknown' }), mails: [], outages: [worker] })).toEqual([])
  expect(found({ ...welcome({ status: 'unknown' }), outages: [{ ...worker, name: 'api' }] })).toHaveLength(1)
  expect(found({ ...welcome({ status: 'sending', leaseUntil: start + 60_000 }), outages: [worker] })).toEqual([]) // prettier-ignore
})

test('the model of a customer: from trial to subscription to leaving and back', () => {
  const at = (days: number) => start + days * DAY
  const events = [
    identified,
    event(2, 'Trial Started'),
    event(3, 'Subscription Started', {}, at(20)),
    event(4, 'Help Requested', {}, at(25)),
    event(5, 'Subscription Cancelled', {}, at(30)),
    event(6, 'Subscription Started', {}, at(110)),
  ]
  const { enrollments, traits } = expectedOf({
    customerId: 'ada',
    events,
    now: at(111),
    heldOut: () => false,
  })
  const told = enrollments.map(({ id, entry, touchpoints, ending, waits }) => [
    `${id}/${entry}`,
    touchpoints.map(({ id }) => id.split('/')[2]).join(' '),
    ending?.is ?? waits?.step,
  ])
  expect(told).toEqual([
    ['trialOnboarding:ada/1', 'welcome show-first-step what-others-do trial-ends', 'converted'],
    ['subscriptionCare:ada/1', 'tell-the-team offer-help', 'completed'],
    ['winBack:ada/1', 'sorry what-is-new', 'converted'],
    ['subscriptionCare:ada/2', '', 'trouble'],
  ])
  expect(traits.lifecycle).toBe('lost')
})
