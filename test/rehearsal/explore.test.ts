import ts from 'typescript'
import { loyaltyPoints } from '../../activities/own/loyalty-points'
import * as events from '../../catalog/events'
import { email, type Nouns } from '../../sdk'
import {
  atMost,
  coverageOf,
  endsWithin,
  explorations,
  goalOr,
  nothingAfterTheEnd,
  PropertyViolated,
  rehearsals,
  journeyMatchers,
  type Explored,
  type Property,
} from '../../sdk/testing'
import { defineJourney } from '../../workflows/enrollment'
import * as journeys from '../../workflows/journeys'
import { explore } from '../../workflows/testing'
import { shippedOutline } from '../support/outlines'

expect.extend(journeyMatchers)

const samples = {
  'Cart Updated': { cart_id: 'c-1', total: 40 },
  'Cart Emptied': { cart_id: 'c-1' },
  'Order Completed': { order_id: 'o-1', total: 80 },
  'Order Delivered': { order_id: 'o-1' },
  'Order Cancelled': { order_id: 'o-1' },
  'Newsletter Requested': { topic: 'tips' },
  'Support Searched': { results: 0 },
  'Appointment Booked': { appointment_id: 'a-1', date: '2026-03-20' },
  'Appointment Confirmed': { appointment_id: 'a-1' },
  'Appointment Cancelled': { appointment_id: 'a-1' },
  'Feature Used': { feature: 'export' },
  'Subscription Started': { plan: 'team' },
}

/** Every way of its graph was walked, but for those with a reason why no customer can. */
const walksAll = (name: string, explored: Explored, because?: Readonly<Record<string, string>>): void =>
  expect(coverageOf(shippedOutline(name), explored)).toReachEveryWay(because)

describe('every shipped journey', () => {
  const always = [nothingAfterTheEnd]
  const {
    appointmentReminder,
    careOffer,
    cartRecovery,
    doubleOptIn,
    mailCourse,
    postPurchase,
    subscriptionCare,
    trialOnboarding,
    winBack,
  } = journeys

  test('trialOnboarding ends, is no nuisance, and says farewell', async () => {
    const explored = await explore(trialOnboarding, {
      begin: events.trialStarted,
      samples,
      paths: 200,
      customers: [{ timezone: 'Europe/Berlin' }, { timezone: 'Pacific/Kiritimati' }],
      properties: [...always, endsWithin('60 days'), atMost(3, '7 days'), goalOr('farewell')],
    })
    expect(explored.reached).toEqual(expect.arrayContaining(['ask-for-help sent', 'farewell withheld']))
    walksAll('trialOnboarding', explored, {
      'decision (subscribed) → farewell': 'it is the goal, which ends it',
    })
  })

  test('cartRecovery reminds twice at most', async () => {
    // While the customer shops on, it waits: only so many changes are explored.
    const properties = [...always, atMost(2, '7 days'), endsWithin('14 days')]
    const explored = await explore(cartRecovery, { begin: events.cartUpdated, samples, properties })
    walksAll('cartRecovery', explored)
  })

  test('doubleOptIn asks once, and never again', async () => {
    const properties = [...always, atMost(1, '365 days'), endsWithin('7 days')]
    const explored = await explore(doubleOptIn, { begin: events.newsletterRequested, samples, properties })
    expect(explored.complete).toBe(true)
    walksAll('doubleOptIn', explored)
  })

  test('postPurchase ends within a year', async () => {
    const properties = [...always, atMost(3, '7 days'), endsWithin('1 year')]
    const explored = await explore(postPurchase, {
      begin: events.orderCompleted,
      samples,
      properties,
      calls: { loyaltyPoints },
      paths: 200,
    })
    walksAll('postPurchase', explored)
  })

  test('careOffer gives one thing at most, whatever is decided', async () => {
    const explored = await explore(careOffer, {
      begin: events.cancellationConsidered,
      samples,
      customers: [{ phone: '+49301234567' }],
      properties: [...always, atMost(1, '60 days'), endsWithin('60 days')],
    })
    expect(explored.complete).toBe(true)
    expect(explored.reached).toEqual(
      expect.arrayContaining(['call sent', 'coaching withheld', 'discount sent']),
    )
    walksAll('careOffer', explored)
  })

  test('subscriptionCare sends nothing after its end', async () => {
    const renewsAt = '2027-03-01'
    const explored = await explore(subscriptionCare, {
      begin: events.subscriptionStarted,
      samples,
      customers: [{ renewsAt }, { renewsAt, lifecycle: 'at-risk' }, {}, { renewsAt: '2026-03-10' }],
      properties: always,
      paths: 60,
    })
    walksAll('subscriptionCare', explored, {
      'before-renewal (skipped) → how-it-goes': 'only an operator skips it',
    })
  })

  test('mailCourse sends a lesson about every week, at whatever hour, and ends', async () => {
    const explored = await explore(mailCourse, {
      begin: events.courseStarted,
      samples,
      customers: [{ timezone: 'Pacific/Kiritimati' }],
      paths: 150,
      properties: [...always, atMost(1, '4 days'), endsWithin('60 days')],
    })
    expect(explored.reached).toEqual(expect.arrayContaining(['lesson sent', 'lesson withheld']))
  })

  test('appointmentReminder reminds once by each channel, whichever is chosen', async () => {
    const explored = await explore(appointmentReminder, {
      begin: events.appointmentBooked,
      samples,
      customers: [{ phone: '+49301234567' }, {}],
      properties: [...always, atMost(2, '20 days'), endsWithin('20 days')],
    })
    expect(explored.complete).toBe(true)
    expect(explored.reached).toEqual(
      expect.arrayContaining(['by-mail sent', 'by-text sent', 'by-text failed']),
    )
  })

  test('winBack ends within 120 days, and comes back once', async () => {
    const properties = [...always, endsWithin('120 days'), atMost(1, '30 days')]
    const explored = await explore(winBack, { samples, properties })
    expect(explored.complete).toBe(true)
    walksAll('winBack', explored)
  })
})

describe('a fault that shows after three branches', () => {
  const { helpRequested, projectCreated, teammateInvited, trialStarted } = events
  const nagging = defineJourney({ enrollOn: trialStarted }, async (journey) => {
    await journey.send('welcome', email('trial/welcome'))
    const first = await journey.waitFor('first', { created: projectCreated }, '3 days')
    if (first.is !== 'created') return
    const second = await journey.waitFor('second', { team: teammateInvited }, '30 days')
    if (second.is !== 'team' || journey.split('half', { calm: 9, loud: 1 }) === 'calm') return
    const third = await journey.waitFor('third', { asks: helpRequested }, '30 days')
    if (third.is !== 'asks') return
    for (let times = 0; times < 4; times++) await journey.send('nag', email('trial/first-step'))
  })
  const bound = explorations<Nouns>({ nagging })
  const violation = (...properties: readonly Property[]): Promise<PropertyViolated> =>
    bound(nagging, { begin: trialStarted, properties }).then(
      () => Promise.reject(new Error('nothing was found')),
      (error: PropertyViolated) => error,
    )

  test('is found, and its story, pasted, shows it too', async () => {
    const { message } = await violation(atMost(3, '7 days'))
    expect(message).toContain('more than 3 touchpoints in 7 days')
    const [story] = /test\([\s\S]*/.exec(message)!
    await expect(pasted(story)).rejects.toThrow('toBeUndefined')
  })

  test('holds where it is looked at otherwise', async () => {
    const explored = await bound(nagging, { begin: trialStarted, properties: [endsWithin('1 year')] })
    expect(explored.complete).toBe(true)
    expect(explored.reached).toEqual(expect.arrayContaining(['nag sent', 'nag unknown', 'welcome failed']))
  })

  test('a property of the author is checked as well', async () => {
    const named: Property = {
      name: 'neverNags',
      fault: ({ touchpoints }) => (touchpoints.some(({ step }) => step === 'nag') ? 'it nags' : undefined),
    }
    expect((await violation(named)).message).toContain('neverNags: it nags')
  })

  /** What the pasted test does, as a function. */
  function pasted(story: string): Promise<void> {
    const { outputText } = ts.transpileModule(story, { compilerOptions: { target: ts.ScriptTarget.ES2022 } })
    let body: (() => Promise<void>) | undefined
    const names = { ...events, nagging, atMost, expect, rehearse: rehearsals<Nouns>({ nagging }) }
    new Function('test', ...Object.keys(names), outputText)(
      (_: string, run: () => Promise<void>) => void (body = run),
      ...Object.values(names),
    )
    return body!()
  }
})
