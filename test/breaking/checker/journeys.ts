import { dayLater, instantOf, localDate, monthsLater } from './local-time'
import type { Accepted, Instruction, Labels, Teller } from './model'

// The shipped journeys as their stories say, told once more: not the code that runs, and nothing of it.

const HOUR = 3_600_000
const DAY = 24 * HOUR

export interface Ending {
  readonly is: 'converted' | 'completed' | 'exited' | 'held out'
  /** What its reason begins with, where the story says one. */
  readonly because?: string
  readonly event?: string
  readonly converted?: boolean
  readonly continuesAs?: string
}

type Story = Generator<Instruction, Ending, string>

export interface Journey {
  enters(event: Accepted): boolean
  readonly key?: string
  /** When a customer may enter again: so many ms after the last end. */
  readonly again: number | 'never'
  readonly goal?: { readonly on: string; readonly within: number }
  readonly exits: readonly string[]
  readonly holdsOut?: boolean
  readonly listens: readonly string[]
  readonly listensToAnyKey?: readonly string[]
  story(teller: Teller): Story
}

const named =
  (...names: string[]) =>
  (event: Accepted) =>
    names.includes(event.name)
const searchedInVain = (event: Accepted) =>
  event.name === 'Support Searched' && event.properties.results === 0
const isStuck = (event: Accepted) => searchedInVain(event) || event.name === 'Help Requested'
const rated = (from: number, to: number) => (event: Accepted) =>
  event.name === 'Product Reviewed' &&
  Number(event.properties.rating) >= from &&
  Number(event.properties.rating) <= to

const mail = (step: string): Instruction => ({ does: 'send', step, channel: 'email' })
const hook = (step: string): Instruction => ({ does: 'send', step, channel: 'webhook' })
const until = (step: string, at: number, labels?: Labels): Instruction => ({ does: 'wait', step, labels, until: () => at }) // prettier-ignore
const lasting = (teller: Teller, step: string, ms: number, labels?: Labels): Instruction =>
  until(step, teller.now() + ms, labels)
const completed = (because?: string): Ending => ({ is: 'completed', because })
const toWinBack: Ending = { is: 'completed', because: 'continues as winBack', continuesAs: 'winBack' }

function* trial(teller: Teller): Story {
  yield mail('welcome')
  const first = yield lasting(teller, 'first-project', 3 * DAY, {
    created: named('Project Created'),
    stuck: isStuck,
  })
  if (first === 'stuck') yield hook('ask-for-help')
  if (first === 'timeout') {
    yield until('a-good-morning', teller.nextHour(9))
    yield mail('show-first-step')
  }
  const habit = yield lasting(teller, 'habit', 7 * DAY, {
    team: named('Teammate Invited'),
    active: named('Feature Used'),
  })
  if (habit === 'timeout') yield mail('what-others-do')
  if (habit === 'active') yield mail('invite-your-team')
  const { zone } = teller.profile
  const lastDays = instantOf(dayLater(localDate(teller.trigger.at, zone), 12), 10, zone)
  if (lastDays > teller.now()) yield until('before-the-end', lastDays)
  yield mail('trial-ends')
  yield lasting(teller, 'decision', 14 * DAY, { subscribed: named('Subscription Started') })
  yield mail('farewell')
  return completed('the trial ended')
}

function* shopping(teller: Teller): Story {
  const changed = { changed: named('Cart Updated') }
  let quiet = yield lasting(teller, 'still-shopping', HOUR, changed)
  while (quiet === 'changed') quiet = yield lasting(teller, 'shopping-on', HOUR, changed)
  if ((yield mail('reminder')) === 'withheld') return { is: 'exited', because: 'no-address' }
  if ((yield lasting(teller, 'back-again', DAY, changed)) === 'changed') return completed('came back')
  yield until('evening', teller.nextHour(18))
  yield mail('last-reminder')
  yield lasting(teller, 'time-to-order', 5 * DAY)
  return completed('the cart was left')
}

function* afterOrder(teller: Teller): Story {
  const arrived = named('Order Delivered')
  const delivery = yield lasting(teller, 'delivery', 10 * DAY, { arrived, asks: named('Help Requested') })
  if (delivery !== 'arrived') {
    yield hook('where-is-it')
    if (delivery === 'timeout') yield mail('late')
    const late = yield lasting(teller, 'late-delivery', 20 * DAY, { arrived })
    if (late === 'timeout') return completed('never arrived')
  }
  yield lasting(teller, 'try-it', 6 * DAY)
  yield mail('how-is-it')
  const review = yield lasting(teller, 'review', 14 * DAY, { happy: rated(4, 5), unhappy: rated(1, 3) })
  if (review === 'unhappy') yield hook('make-it-right')
  if (review === 'happy') {
    yield { does: 'set', traits: { lifecycle: 'advocate' } }
    yield mail('recommend')
    yield lasting(teller, 'recommendation', 21 * DAY, { made: named('Referral Made') })
  }
  return yield* untilNextOrder(teller)
}

function* untilNextOrder(teller: Teller): Story {
  const { zone } = teller.profile
  const more = instantOf(monthsLater(localDate(teller.trigger.at, zone), 2), 10, zone)
  if (more > teller.now()) yield until('time-for-more', more)
  yield mail('thanks')
  const ordered = { ordered: named('Order Completed') }
  const back = yield lasting(teller, 'next-order', 30 * DAY, ordered)
  return completed(back === 'ordered' ? 'ordered again' : 'no further order')
}

function* caring(teller: Teller): Story {
  for (;;) {
    const heard = yield lasting(teller, 'trouble', 45 * DAY, {
      stuck: isStuck,
      unpaid: named('Payment Failed'),
      leaving: named('Subscription Cancelled'),
    })
    if (heard === 'leaving') return toWinBack
    if (heard === 'stuck') {
      yield hook('tell-the-team')
      yield mail('offer-help')
    }
    if (heard === 'unpaid' && (yield* unpaid(teller))) return toWinBack
    const renewed = heard === 'timeout' ? yield* renewing(teller) : undefined
    if (renewed) return renewed
  }
}

function* unpaid(teller: Teller): Generator<Instruction, boolean, string> {
  yield mail('payment-failed')
  const paid = yield lasting(teller, 'payment', 10 * DAY, {
    paid: named('Payment Recovered'),
    left: named('Subscription Cancelled'),
  })
  if (paid === 'timeout') yield hook('call-about-payment')
  return paid === 'left'
}

function* renewing(teller: Teller): Generator<Instruction, Ending | undefined, string> {
  const moment = () => twoWeeksBefore(teller)
  if (moment() === undefined) return undefined
  if (moment()! <= teller.now()) return completed('before-renewal had passed')
  yield { does: 'wait', step: 'before-renewal', until: () => moment()! }
  yield mail(teller.profile.traits.lifecycle === 'at-risk' ? 'still-useful' : 'renews-soon')
  const answer = yield lasting(teller, 'answer', 20 * DAY, { left: named('Subscription Cancelled') })
  return answer === 'left' ? toWinBack : undefined
}

function twoWeeksBefore({ profile }: Teller): number | undefined {
  const date = /^(\d+)-(\d+)-(\d+)$/.exec(String(profile.traits.renewsAt ?? ''))
  if (!date) return undefined
  const [year, month, day] = date.slice(1).map(Number) as [number, number, number]
  return instantOf(dayLater({ year, month, day }, -14), 10, profile.zone)
}

function* winningBack(teller: Teller): Story {
  yield { does: 'set', traits: { lifecycle: 'lost' } }
  yield mail('sorry')
  const answer = yield lasting(teller, 'answer', 7 * DAY, { talks: named('Help Requested') })
  if (answer === 'talks') yield hook('call-back')
  yield lasting(teller, 'some-distance', 60 * DAY)
  yield until('tuesday-morning', teller.nextHour(10, 2))
  yield mail('what-is-new')
  yield lasting(teller, 'last-chance', 30 * DAY)
  return completed('did not come back')
}

export const journeys: Readonly<Record<string, Journey>> = {
  trialOnboarding: {
    enters: named('Trial Started'),
    again: 'never',
    goal: { on: 'Subscription Started', within: 45 * DAY },
    exits: ['Account Closed'],
    listens: ['Subscription Started', 'Account Closed', 'Project Created', 'Support Searched', 'Help Requested', 'Teammate Invited', 'Feature Used'], // prettier-ignore
    story: trial,
  },
  cartRecovery: {
    enters: (event) => event.name === 'Cart Updated' && Number(event.properties.total) >= 20,
    key: 'cart_id',
    again: 7 * DAY,
    goal: { on: 'Order Completed', within: 14 * DAY },
    exits: ['Cart Emptied'],
    listens: ['Order Completed', 'Cart Emptied', 'Cart Updated'],
    story: shopping,
  },
  postPurchase: {
    enters: named('Order Completed'),
    key: 'order_id',
    again: 'never',
    exits: ['Order Cancelled'],
    listens: ['Order Cancelled', 'Order Delivered', 'Help Requested', 'Product Reviewed', 'Referral Made', 'Order Completed'], // prettier-ignore
    listensToAnyKey: ['Order Completed'],
    story: afterOrder,
  },
  subscriptionCare: {
    enters: named('Subscription Started'),
    again: 0,
    goal: { on: 'Subscription Renewed', within: 400 * DAY },
    exits: ['Account Closed'],
    holdsOut: true,
    listens: ['Subscription Renewed', 'Account Closed', 'Support Searched', 'Help Requested', 'Payment Failed', 'Payment Recovered', 'Subscription Cancelled'], // prettier-ignore
    story: caring,
  },
  winBack: {
    enters: () => false,
    again: 180 * DAY,
    goal: { on: 'Subscription Started', within: 120 * DAY },
    exits: ['Account Closed'],
    listens: ['Subscription Started', 'Account Closed', 'Help Requested'],
    story: winningBack,
  },
}
