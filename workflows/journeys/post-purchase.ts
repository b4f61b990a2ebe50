// prettier-ignore
import {
  helpRequested, orderCancelled, orderCompleted, orderDelivered, productReviewed, referralMade,
} from '../../catalog/events'
import { atLeast, atMost, completed, email, transactional, webhook } from '../../sdk'
import { defineJourney } from '../enrollment'

/** From an order to the next one: delivery, a review, a recommendation, and a reason to come back. */
export const postPurchase = defineJourney(
  { enrollOn: orderCompleted, key: 'order_id', exitOn: [orderCancelled], topic: 'offers', priority: 30 },
  {
    delivery: async (journey) => {
      const delivered = await journey.waitFor(
        'delivery',
        { arrived: orderDelivered, asks: helpRequested },
        '10 days',
      )
      if (delivered.is === 'arrived') return 'review'
      await journey.send('where-is-it', webhook('helpdesk', 'orders/where-is-it'))
      if (delivered.is === 'timeout') await journey.send('late', transactional(email('orders/late')))
      const late = await journey.waitFor('late-delivery', { arrived: orderDelivered }, '20 days')
      return late.is === 'arrived' ? 'review' : completed('never arrived')
    },
    review: async (journey) => {
      await journey.sleep('try-it', '6 days')
      await journey.send('how-is-it', email('orders/how-is-it'))
      const happy = productReviewed.where({ rating: atLeast(4) })
      const unhappy = productReviewed.where({ rating: atMost(3) })
      const review = await journey.waitFor('review', { happy, unhappy }, '14 days')
      if (review.is === 'unhappy')
        await journey.send('make-it-right', webhook('helpdesk', 'orders/make-it-right'))
      return review.is === 'happy' ? 'advocacy' : 'again'
    },
    advocacy: async (journey) => {
      await journey.set('advocate', { lifecycle: 'advocate' })
      const order = { customerId: journey.customer.id, orderTotal: journey.trigger.properties.total }
      const points = await journey.call('points', 'loyaltyPoints', order)
      const { points: earned } = points.is === 'done' ? points.value : { points: 0 }
      await journey.send('recommend', email('orders/recommend', { points: earned }))
      await journey.waitFor('recommendation', { made: referralMade }, '21 days')
      return 'again'
    },
    again: async (journey) => {
      const bought = journey.trigger.timestamp
      await journey.sleepUntil('time-for-more', {
        date: bought,
        offset: '+2 months',
        hour: 10,
        ifPast: 'skip',
      })
      const { back, thanks } = await journey.parallel('come-back', {
        thanks: async (journey) => journey.send('thanks', email('orders/time-for-more')),
        back: async (journey) =>
          journey.waitFor('next-order', { ordered: orderCompleted.anyKey() }, '30 days'),
      })
      return completed(back.is === 'ordered' ? 'ordered again' : `no further order, mail ${thanks.is}`)
    },
  },
)
