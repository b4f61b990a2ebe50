import { loyaltyPoints } from '../../activities/own/loyalty-points'
import * as events from '../../catalog/events'
import { isKeptOut } from '../../sdk/definition'
import type { Story } from '../../sdk/testing'
import * as journeys from '../../workflows/journeys'
import { rehearse } from '../../workflows/testing'

export interface Customer {
  readonly id: string
  readonly email: string
  readonly firstName: string
  readonly timezone: string
  readonly phone?: string
}

/** A story of a shipped journey that reads the same whenever it begins. */
export interface Told {
  readonly title: string
  readonly customer: Customer
  readonly story: Story
}

const {
  appointmentReminder,
  careOffer,
  cartRecovery,
  doubleOptIn,
  mailCourse,
  outageCare,
  postPurchase,
  subscriptionCare,
  trialOnboarding,
  winBack,
} = journeys

type Tell = (
  begin: (journey: (typeof journeys)[keyof typeof journeys]) => ReturnType<typeof rehearse>,
) => Story

/** As of now, since a real server has no other time to begin at. */
function told(
  title: string,
  tell: Tell,
  id = title.replaceAll(' ', '-'),
  more: Partial<Customer> = {},
): Told {
  const customer = { ...more, id, email: `${id}@example.com`, firstName: 'Ada', timezone: 'Europe/Berlin' }
  const at = new Date().toISOString() as '2026-03-02T09:00'
  const setting = { customer, at, calls: { loyaltyPoints }, beside: [winBack] }
  return { title, customer, story: tell((journey) => rehearse(journey, setting)) as Story }
}

/** The first of many names that the journey holds out, or does not. */
function heldOut(
  name: string,
  out: boolean,
  journey: 'subscriptionCare' | 'careOffer' | 'outageCare' = 'subscriptionCare',
) {
  const { holdout = 0 } = journeys[journey].definition
  for (let number = 1; ; number++) {
    const id = `${name}-${number}`
    if (isKeptOut(journey, id, holdout) === out) return id
  }
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

const marketing = { channel: 'email', purpose: 'marketing' } as const
const cart = { cart_id: 'c-1', total: 40 }
const order = { order_id: 'o-1', total: 80 }

export const stories = (): readonly Told[] => [
  told('a silent trial', (begin) =>
    begin(trialOnboarding)
      .event(events.trialStarted, { plan: 'team' })
      .expectSent('welcome')
      .expectWaiting('first-project')
      .at('+2 days')
      .expectNothingMore()
      .at('+60 days')
      .expectSent('show-first-step')
      .expectSent('what-others-do')
      .expectSent('trial-ends')
      .expectSent('farewell')
      .expectOutcome({ is: 'completed', because: 'the trial ended without a subscription' }),
  ),
  told('a keen trial', (begin) =>
    begin(trialOnboarding)
      .event(events.trialStarted)
      .expectSent('welcome')
      .event(events.projectCreated, { name: 'First' })
      .expectWaiting('habit')
      .after('1 day')
      .event(events.featureUsed, { feature: 'export' })
      .expectSent('invite-your-team')
      .at('+14 days')
      .expectSent('trial-ends')
      .event(events.subscriptionStarted, { plan: 'team' })
      .expectOutcome({ is: 'converted', event: 'Subscription Started' }),
  ),
  told('a trial that is stuck', (begin) =>
    begin(trialOnboarding)
      .event(events.trialStarted)
      .expectSent('welcome')
      .event(events.supportSearched, { results: 3 })
      .event(events.supportSearched, { results: 0 })
      .expectSent('ask-for-help')
      .event(events.accountClosed)
      .expectOutcome({ is: 'exited', because: 'Account Closed' }),
  ),
  told('a trial without consent to tips', (begin) =>
    begin(trialOnboarding)
      .consent('withdrawn', { channel: 'email', purpose: 'tips' })
      .event(events.trialStarted)
      .expectWithheld('welcome', 'unsubscribed')
      .event(events.helpRequested)
      .expectSent('ask-for-help')
      .expectWaiting('habit'),
  ),
  told('a cart that is left', (begin) =>
    begin(cartRecovery)
      .event(events.cartUpdated, cart)
      .after('30 minutes')
      .event(events.cartUpdated, { ...cart, total: 60 })
      .expectWaiting('shopping-on')
      .at('+2 hours')
      .expectSent('reminder')
      .at('+12 days')
      .expectSent('last-reminder')
      .expectOutcome({ is: 'completed', because: 'the cart was left' }),
  ),
  told('a cart of somebody who wants no mail', (begin) =>
    begin(cartRecovery)
      .consent('withdrawn', marketing)
      .event(events.cartUpdated, cart)
      .at('+2 hours')
      .expectWithheld('reminder', 'unsubscribed')
      .expectOutcome({ is: 'exited', because: 'unsubscribed' }),
  ),
  told('a cart whose mail bounced', (begin) =>
    begin(cartRecovery)
      .suppress('hard-bounce')
      .event(events.cartUpdated, cart)
      .at('+2 hours')
      .expectWithheld('reminder', 'suppressed')
      .expectOutcome({ is: 'exited', because: 'suppressed' }),
  ),
  told('a newsletter that is confirmed', (begin) =>
    begin(doubleOptIn)
      .event(events.newsletterRequested, { topic: 'tips' })
      .expectSent('ask')
      .after('2 hours')
      .event(events.consentConfirmed, { topic: 'tips', channel: 'email' })
      .expectOutcome({ is: 'completed', because: 'confirmed' }),
  ),
  told('a newsletter that is not', (begin) =>
    begin(doubleOptIn)
      .event(events.newsletterRequested, { topic: 'tips' })
      .expectSent('ask')
      .untilEnd()
      .expectOutcome({ is: 'exited', because: 'did not confirm' }),
  ),
  told('an order that makes an advocate', (begin) =>
    begin(postPurchase)
      .event(events.orderCompleted, order)
      .event(events.orderDelivered, { order_id: 'o-1' })
      .expectWaiting('try-it')
      .at('+7 days')
      .expectSent('how-is-it')
      .event(events.productReviewed, { order_id: 'o-1', rating: 5 })
      .expectSent('recommend')
      .expectTraits({ lifecycle: 'advocate' })
      .at('+70 days')
      .expectSent('thanks')
      .event(events.orderCompleted, { order_id: 'o-2', total: 20 })
      .expectOutcome({ is: 'completed', because: 'ordered again' }),
  ),
  told('an order that is late', (begin) =>
    begin(postPurchase)
      .event(events.orderCompleted, order)
      .at('+11 days')
      .expectSent('where-is-it')
      .expectSent('late')
      .at('+31 days')
      .expectOutcome({ is: 'completed', because: 'never arrived' }),
  ),
  told(
    'a payment that fails',
    (begin) =>
      begin(subscriptionCare)
        .consent('withdrawn', marketing)
        .event(events.subscriptionStarted, { plan: 'team' })
        .expectWaiting('trouble')
        .event(events.paymentFailed, { amount: 9 })
        .expectSent('payment-failed')
        .at('+11 days')
        .expectSent('call-about-payment')
        .expectWaiting('trouble')
        .event(events.subscriptionRenewed)
        .expectOutcome({ is: 'converted' }),
    heldOut('payment', false),
  ),
  told(
    'a subscriber who leaves',
    (begin) =>
      begin(subscriptionCare)
        .event(events.subscriptionStarted, { plan: 'team' })
        .event(events.subscriptionCancelled, { reason: 'price' })
        .expectOutcome({ is: 'completed', because: 'continues as winBack' })
        .in(winBack)
        .expectSent('sorry')
        .expectTraits({ lifecycle: 'lost' })
        .event(events.helpRequested)
        .expectSent('call-back')
        .untilEnd()
        .expectSent('what-is-new')
        .expectOutcome({ is: 'completed', because: 'did not come back' }),
    heldOut('leaver', false),
  ),
  told(
    'a subscriber who is held out',
    (begin) =>
      begin(subscriptionCare)
        .event(events.subscriptionStarted, { plan: 'team' })
        .event(events.paymentFailed)
        .expectNothingMore()
        .event(events.subscriptionRenewed)
        .expectOutcome({ is: 'held out', converted: true }),
    heldOut('held-out', true),
  ),
  told(
    'a subscriber who thinks of leaving, and stays',
    (begin) =>
      begin(careOffer)
        .event(events.cancellationConsidered, { reason: 'missing feature' })
        .expectWaiting('until-it-shows')
        .at('+3 days')
        .event(events.subscriptionRenewed)
        .expectOutcome({ is: 'converted' }),
    heldOut('stays', false, 'careOffer'),
  ),
  told('a course by mail that nobody reads', (begin) =>
    begin(mailCourse)
      .event(events.courseStarted)
      .expectWaiting('that-hour')
      .at('+1 day')
      .expectSent('lesson')
      .at('+8 days')
      .expectSent('lesson')
      .event(events.accountClosed)
      .expectOutcome({ is: 'exited', because: 'Account Closed' }),
  ),
  told('an appointment that is confirmed', (begin) =>
    begin(appointmentReminder)
      .event(events.appointmentBooked, { appointment_id: 'a-1', date: inDays(9) })
      .expectWaiting('two-days-before')
      .at('+8 days')
      .expectSent('by-mail')
      .event(events.appointmentConfirmed, { appointment_id: 'another' })
      .expectWaiting('the-day')
      .event(events.appointmentConfirmed, { appointment_id: 'a-1' })
      .expectOutcome({ is: 'converted', event: 'Appointment Confirmed' }),
  ),
  told(
    'an outage that an agent helps with',
    (begin) =>
      begin(outageCare)
        .event(events.serviceDisrupted, { incident_id: 'i-1' })
        .event(events.callStarted, { call_id: 'c-1' })
        .expectWaiting('hangs-up')
        .event(events.callEnded, { call_id: 'c-1' })
        .expectSent('tell')
        .event(events.helpRequested)
        .expectSent('call-back')
        .expectTask('call-back')
        .taskDone('call-back', 'technician')
        .expectTask('call-back', 'done')
        .expectOutcome({ is: 'completed', because: 'technician' }),
    heldOut('outage', false, 'outageCare'),
    { phone: '+4930123456' },
  ),
  told('somebody who is asked to come back', (begin) =>
    begin(winBack)
      .enroll()
      .expectSent('sorry')
      .at('+8 days')
      .expectWaiting('some-distance')
      .event(events.subscriptionStarted, { plan: 'team' })
      .expectOutcome({ is: 'converted' }),
  ),
]
