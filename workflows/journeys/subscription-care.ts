// prettier-ignore
import {
  accountClosed, helpRequested, paymentFailed, paymentRecovered, subscriptionCancelled,
  subscriptionRenewed, subscriptionStarted, supportSearched,
} from '../../catalog/events'
import { email, transactional, webhook } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Keeps a subscriber: listens for trouble, helps first, and asks for the renewal in time. */
export const subscriptionCare = defineJourney(
  {
    enrollOn: subscriptionStarted,
    reentry: 'after-end',
    goal: { on: subscriptionRenewed, within: '400 days' },
    exitOn: [accountClosed],
    holdout: 0.05,
    priority: 40,
  },
  {
    listening: async (journey) => {
      const stuck = [supportSearched.where({ results: 0 }), helpRequested]
      const heard = await journey.waitFor(
        'trouble',
        { stuck, unpaid: paymentFailed, leaving: subscriptionCancelled },
        '45 days',
      )
      if (heard.is === 'leaving') return journey.continueAs('to-win-back', 'winBack')
      if (heard.is === 'unpaid') return 'payment'
      if (heard.is === 'stuck') {
        await journey.send('tell-the-team', webhook('helpdesk', 'care/stuck'))
        await journey.send('offer-help', email('care/offer-help'))
        return 'listening'
      }
      return 'renewal'
    },
    payment: async (journey) => {
      await journey.send('payment-failed', transactional(email('care/payment-failed')))
      const paid = await journey.waitFor(
        'payment',
        { paid: paymentRecovered, left: subscriptionCancelled },
        '10 days',
      )
      if (paid.is === 'left') return journey.continueAs('unpaid-to-win-back', 'winBack')
      if (paid.is === 'timeout')
        await journey.send('call-about-payment', webhook('helpdesk', 'care/call-about-payment'))
      return 'listening'
    },
    renewal: async (journey) => {
      const twoWeeksBefore = { trait: 'renewsAt', offset: '-14 days', hour: 10, ifPast: 'end' } as const
      const woken = await journey.sleepUntil('before-renewal', twoWeeksBefore)
      if (woken.is === 'no-date') return 'listening'
      const { lifecycle } = await journey.profile('how-it-goes')
      if (lifecycle === 'at-risk') await journey.send('still-useful', email('care/still-useful'))
      else await journey.send('renews-soon', email('care/renews-soon'))
      const answer = await journey.waitFor('answer', { left: subscriptionCancelled }, '20 days')
      return answer.is === 'left' ? journey.continueAs('renewal-to-win-back', 'winBack') : 'listening'
    },
  },
)
