import { Chance } from './random'

/** What a customer does at once, in this order; or how much of their time passes. */
export type Act =
  { readonly sends: readonly Send[]; readonly asBatch: boolean } | { readonly passes: Passing }

/** To one o'clock, local time, so many days later; or so many minutes. Journeys never wait for that hour. */
export type Passing = { readonly days: number } | { readonly minutes: number }

export interface Send {
  readonly messageId: string
  readonly kind: 'track' | 'identify' | 'page'
  readonly name: string
  /** A number of days under `inDays` becomes the date so many days later. */
  readonly properties: Readonly<Record<string, unknown>>
  /** Sent twice: both side by side, or once more after what follows. */
  readonly repeated?: 'at once' | 'later'
}

export interface Person {
  readonly id: string
  readonly zone: string
  readonly acts: readonly Act[]
}

/** A date that depends on when it is sent. */
export interface InDays {
  readonly inDays: number
}

type Told = Omit<Send, 'messageId' | 'repeated'>
type Step = readonly Told[] | Passing
type Story = (chance: Chance, id: string) => readonly Step[]

const track = (name: string, properties: Record<string, unknown> = {}): Told => ({
  kind: 'track',
  name,
  properties,
})
const identify = (properties: Record<string, unknown>): Told => ({ kind: 'identify', name: '', properties })
const days = (days: number): Passing => ({ days })
const minutes = (minutes: number): Passing => ({ minutes })
const times = <Item>(count: number, item: () => Item): Item[] => Array.from({ length: count }, item)

const asksForHelp = () => track('Help Requested', { topic: 'billing' })
const findsNothing = () => track('Support Searched', { query: 'export', results: 0 })

const trialEndings: readonly Story[] = [
  () => [days(40)],
  () => [days(1), [track('Project Created')], days(2), [track('Teammate Invited')], days(40)],
  () => [days(1), [findsNothing()], days(2), [track('Feature Used', { feature: 'board' })], days(40)],
  () => [days(2), [track('Trial Started', { plan: 'solo' })], days(5)],
  () => [days(4), [track('Account Closed')]],
  () => [days(4), [track('Feature Used', { feature: 'map' })], days(5), [track('Subscription Started', { plan: 'solo' })], days(2)],
] // prettier-ignore

const trial: Story = (chance, id) => {
  const begins = track('Trial Started', { plan: 'team' })
  const quick = chance.happens(0.4) ? [track('Project Created'), track('Teammate Invited')] : []
  return [[begins, ...quick], ...chance.of(trialEndings)(chance, id)]
}

const troubles: readonly Story[] = [
  (chance) => [times(chance.whole(1, 3), asksForHelp), days(chance.whole(1, 9))],
  () => [[findsNothing(), track('Support Searched', { results: 'none' }), findsNothing()], days(3)],
  () => [[track('Payment Failed', { amount: 9 }), track('Payment Recovered')], days(5)],
  () => [[track('Payment Failed', { amount: 9 })], days(3), [track('Payment Recovered'), asksForHelp()]],
  () => [[track('Payment Failed', { amount: 9 })], days(12), [asksForHelp()]],
  () => [[identify({ lifecycle: 'at-risk' })], days(47)],
]

const careEndings: readonly Story[] = [
  () => [[track('Subscription Cancelled')], days(2), [asksForHelp()], days(110)],
  () => [[track('Subscription Cancelled')], days(70), [track('Subscription Started', { plan: 'solo' })], days(2)],
  () => [[track('Subscription Renewed')], days(3), [track('Subscription Started', { plan: 'team' })], [asksForHelp()]],
  () => [[identify({ renewsAt: { inDays: 80 } })], days(100)],
  () => [[track('Account Closed')]],
] // prettier-ignore

const care: Story = (chance, id) => {
  const renewal = chance.happens(0.6) ? [identify({ renewsAt: { inDays: chance.whole(90, 130) } })] : []
  const begins = [...renewal, track('Subscription Started', { plan: 'team', price: 29 })]
  const rounds = times(chance.whole(1, 3), () => chance.of(troubles)(chance, id)).flat()
  return [begins, ...rounds, ...chance.of(careEndings)(chance, id)]
}

const cart = (id: string) => track('Cart Updated', { cart_id: `cart-${id}`, total: 60, items: 2 })
const order = (id: string) =>
  track('Order Completed', { order_id: `order-${id}`, cart_id: `cart-${id}`, total: 60 })

const cartEndings: readonly Story[] = [
  () => [days(8)],
  (_, id) => [minutes(120), [cart(id)], days(1)],
  (_, id) => [[track('Cart Emptied', { cart_id: `cart-${id}` })], days(1)],
  (_, id) => [[track('Cart Updated', { cart_id: `small-${id}`, total: 5 })], days(3), [order(id)]],
]

const leavesCart: Story = (chance, id) => [
  times(chance.whole(1, 4), () => cart(id)),
  minutes(15),
  [cart(id)],
  ...chance.of(cartEndings)(chance, id),
]

const reviewed = (id: string, rating: number) =>
  track('Product Reviewed', { order_id: `order-${id}`, rating })

const orderEndings: readonly Story[] = [
  (_, id) => [days(3), [track('Order Delivered', { order_id: `order-${id}` })], days(8), [reviewed(id, 5)],
    days(5), [track('Referral Made', { code: 'FRIEND' })], days(60), [track('Order Completed', { order_id: `more-${id}`, total: 9 })]],
  (_, id) => [days(2), [track('Order Delivered', { order_id: `order-${id}` })], days(9), [reviewed(id, 2)], days(90)],
  (_, id) => [days(12), [track('Order Delivered', { order_id: `order-${id}` })], days(22)],
  () => [days(1), [asksForHelp()], days(40)],
  (_, id) => [days(1), [track('Order Cancelled', { order_id: `order-${id}` })]],
] // prettier-ignore

const orders: Story = (chance, id) => [
  [cart(id)],
  [order(id), { kind: 'page', name: 'Thank you', properties: {} }],
  ...chance.of(orderEndings)(chance, id),
]

const stories: readonly Story[] = [trial, care, care, leavesCart, orders]
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney', 'UTC']

/** Customers who do all they do at once. */
export const newcomers = (seed: number, count: number): Person[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `p${index}-${seed}`
    const begins =
      index % 2 === 0
        ? [track('Trial Started', { plan: 'team' }), track('Project Created')]
        : [track('Subscription Started', { plan: 'team' }), asksForHelp(), asksForHelp()]
    const first = identify({ firstName: id, timezone: 'Europe/Berlin', email: `${id}@example.com` })
    return { id, zone: 'Europe/Berlin', acts: actsOf(new Chance(seed, id), id, [[first, ...begins]]) }
  })

/** The customers of a seed, each with what it does. */
export const people = (seed: number, count: number): Person[] =>
  Array.from({ length: count }, (_, index) => personOf(seed, index))

function personOf(seed: number, index: number): Person {
  const chance = new Chance(seed, `person ${index}`)
  const id = `p${index}-${seed}`
  const zone = chance.of(zones)
  const email = chance.happens(0.93) ? { email: `${id}@example.com` } : {}
  const [first, ...then] = chance.shuffled(stories).slice(0, chance.whole(1, 2))
  const steps: Step[] = [
    [identify({ firstName: id, timezone: zone, ...email })],
    days(1),
    ...woven(chance, first!(chance, id), then[0]?.(chance, id) ?? []),
  ]
  return { id, zone, acts: actsOf(chance, id, steps) }
}

/** Two stories at the same time: their steps in turns, each in its own order. */
function woven(chance: Chance, one: readonly Step[], other: readonly Step[]): Step[] {
  const left = [[...one], [...other]].filter((story) => story.length > 0)
  const steps: Step[] = []
  while (left.length > 0) {
    const story = chance.of(left)
    steps.push(story.shift()!)
    if (story.length === 0) left.splice(left.indexOf(story), 1)
  }
  return steps
}

function actsOf(chance: Chance, id: string, steps: readonly Step[]): Act[] {
  let sent = 0
  const named = (told: Told): Send => ({
    ...told,
    messageId: `${id}-${(sent += 1)}`,
    repeated: chance.happens(0.2) ? chance.of(['at once', 'later'] as const) : undefined,
  })
  return steps.map((step) =>
    'length' in step ? { sends: step.map(named), asBatch: chance.happens(0.25) } : { passes: step },
  )
}
