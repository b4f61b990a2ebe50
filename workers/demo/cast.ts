/** What one customer of the demo does: events through the API, and time that passes. */
export type Act =
  | { readonly does: string; readonly with?: Record<string, unknown> }
  | { readonly passes: string }
  | { readonly unsubscribes: true }

export interface Role {
  readonly id: string
  readonly traits: Record<string, unknown>
  readonly acts: readonly Act[]
  /** What the reader can do with somebody who is left in the middle. */
  readonly left?: string
}

const does = (event: string, properties?: Record<string, unknown>): Act => ({ does: event, with: properties })
const passes = (time: string): Act => ({ passes: time })

type Plot = (id: string, index: number) => readonly Act[]

const converts: Plot = () => [
  does('Trial Started', { plan: 'team' }),
  passes('1 day'),
  does('Project Created', { name: 'Launch' }),
  passes('2 days'),
  does('Teammate Invited'),
  passes('8 days'),
  does('Subscription Started', { plan: 'team', price: 29 }),
  passes('50 days'),
  does('Feature Used', { feature: 'board' }),
  passes('30 days'),
  does('Subscription Renewed', { plan: 'team' }),
]

const goesQuiet: Plot = () => [does('Trial Started', { plan: 'solo' }), passes('45 days')]

const stuckThenHelped: Plot = () => [
  does('Trial Started', { plan: 'team' }),
  passes('6 hours'),
  does('Support Searched', { query: 'import from sheets', results: 0 }),
  passes('1 day'),
  does('Feature Used', { feature: 'import' }),
  passes('3 days'),
  does('Subscription Started', { plan: 'team', price: 29 }),
  passes('20 days'),
  does('Support Searched', { query: 'move board', results: 0 }),
  passes('10 days'),
]

const paysLate: Plot = (id) => [
  does('Subscription Started', { plan: 'solo', price: 9 }),
  passes('20 days'),
  does('Payment Failed', { invoice_id: `in-${id}`, amount: 9 }),
  passes('4 days'),
  does('Payment Recovered', { invoice_id: `in-${id}` }),
  passes('60 days'),
  does('Subscription Renewed'),
]

const leavesAndReturns: Plot = () => [
  does('Subscription Started', { plan: 'team', price: 29 }),
  passes('25 days'),
  does('Subscription Cancelled', { reason: 'too expensive' }),
  passes('70 days'),
  does('Subscription Started', { plan: 'solo', price: 9 }),
]

const leavesForGood: Plot = () => [
  does('Subscription Started', { plan: 'team', price: 29 }),
  passes('12 days'),
  does('Subscription Cancelled', {}),
  passes('110 days'),
]

const buysAndRecommends: Plot = (id) => [
  does('Cart Updated', { cart_id: `c-${id}`, total: 64, currency: 'EUR', items: 2 }),
  passes('3 hours'),
  does('Order Completed', { order_id: `o-${id}`, cart_id: `c-${id}`, total: 64, currency: 'EUR' }),
  passes('3 days'),
  does('Order Delivered', { order_id: `o-${id}` }),
  passes('8 days'),
  does('Product Reviewed', { order_id: `o-${id}`, rating: 5 }),
  passes('5 days'),
  does('Referral Made', { code: 'FRIEND' }),
  passes('50 days'),
  does('Order Completed', { order_id: `o2-${id}`, total: 70, currency: 'EUR' }),
]

const leavesTheCart: Plot = (id) => [
  does('Cart Updated', { cart_id: `c-${id}`, total: 31, currency: 'EUR', items: 1 }),
  passes('8 days'),
]

const waitsForTheParcel: Plot = (id) => [
  does('Order Completed', { order_id: `o-${id}`, total: 120, currency: 'EUR' }),
  passes('11 days'),
  does('Order Delivered', { order_id: `o-${id}` }),
  passes('7 days'),
  does('Product Reviewed', { order_id: `o-${id}`, rating: 2 }),
  passes('60 days'),
]

const hasHadEnough: Plot = () => [
  does('Trial Started', { plan: 'solo' }),
  { unsubscribes: true },
  passes('45 days'),
]

const plots = [
  converts,
  goesQuiet,
  stuckThenHelped,
  paysLate,
  leavesAndReturns,
  leavesForGood,
  buysAndRecommends,
  leavesTheCart,
  waitsForTheParcel,
  hasHadEnough,
]

const names = [
  'Ada', 'Bela', 'Chen', 'Dana', 'Emre', 'Fatou', 'Goran', 'Hana', 'Ines', 'Jin', 'Kofi', 'Lea', 'Mara', 'Nils', 'Olga',
  'Pia', 'Quinn', 'Rosa', 'Sven', 'Tara', 'Uma', 'Vito', 'Wanda', 'Xenia', 'Yara', 'Zoe', 'Arne', 'Bibi', 'Cleo', 'Davi',
] // prettier-ignore

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Sydney',
  'America/Vancouver',
  'Africa/Casablanca',
]

const DAY = 86_400_000

/** The customers of the demo; the last five are left in the middle of their journeys. */
export function cast(now: number): readonly Role[] {
  return [
    ...names.map((name, index) => role(name, plots[index % plots.length]!, index, now)),
    ...leftInTheMiddle(now),
  ]
}

function role(name: string, plot: Plot, index: number, now: number): Role {
  const id = `${name.toLowerCase()}-${index + 1}`
  return { id, traits: traitsOf(name, id, index, now), acts: plot(id, index) }
}

const traitsOf = (name: string, id: string, index: number, now: number): Record<string, unknown> => ({
  firstName: name,
  email: `${id}@example.com`,
  timezone: zones[index % zones.length],
  renewsAt: new Date(now + 95 * DAY).toISOString().slice(0, 10),
})

function leftInTheMiddle(now: number): Role[] {
  const left = (name: string, left: string, acts: readonly Act[], index: number): Role => ({
    id: name.toLowerCase(),
    traits: traitsOf(name, name.toLowerCase(), index, now),
    acts,
    left,
  })
  return [
    left(
      'Mira',
      'in her trial, no project yet',
      [does('Trial Started', { plan: 'team' }), passes('1 day')],
      0,
    ),
    left(
      'Tom',
      'left, and is being asked why',
      [does('Subscription Started', { plan: 'solo' }), passes('9 days'), does('Subscription Cancelled', {})],
      1,
    ),
    left(
      'Lena',
      'left a cart and was reminded once',
      [does('Cart Updated', { cart_id: 'c-lena', total: 48, currency: 'EUR', items: 3 }), passes('2 hours')],
      2,
    ),
    left(
      'Omar',
      'waits for a parcel',
      [does('Order Completed', { order_id: 'o-omar', total: 80, currency: 'EUR' }), passes('2 days')],
      3,
    ),
    needsACall(now),
  ]
}

/** Mails do not get her any further: her task waits for an agent. */
const needsACall = (now: number): Role => ({
  id: 'nora',
  traits: { ...traitsOf('Nora', 'nora', 0, now), phone: '+4930123456' },
  acts: [
    does('Service Disrupted', { incident_id: 'outage-1', service: 'internet' }),
    passes('5 minutes'),
    does('Help Requested', { topic: 'no internet' }),
  ],
  left: 'is without internet, and wants to be called: an agent claims her call at /console/tasks',
})
