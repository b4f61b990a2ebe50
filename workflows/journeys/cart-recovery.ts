import { cartEmptied, cartUpdated, orderCompleted } from '../../catalog/events'
import { atLeast, completed, email, exited } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Reminds of one cart, twice at most, and never while the customer is still shopping. */
export const cartRecovery = defineJourney(
  {
    enrollOn: cartUpdated.where({ total: atLeast(20) }),
    key: 'cart_id',
    reentry: { after: '7 days' },
    goal: { on: orderCompleted, within: '14 days' },
    exitOn: [cartEmptied],
    topic: 'offers',
    priority: 60,
  },
  async (journey) => {
    let quiet = await journey.waitFor('still-shopping', { changed: cartUpdated }, '1 hour')
    while (quiet.is === 'changed')
      quiet = await journey.waitFor('shopping-on', { changed: cartUpdated }, '1 hour')

    const reminder = await journey.send('reminder', email('cart/reminder'))
    if (reminder.is === 'withheld') return exited(reminder.because)
    const back = await journey.waitFor('back-again', { changed: cartUpdated }, '1 day')
    if (back.is === 'changed') return completed('came back to the cart')

    await journey.sleepUntil('evening', { hour: 18 })
    await journey.send('last-reminder', email('cart/last-reminder'))
    await journey.sleep('time-to-order', '5 days')
    return completed('the cart was left')
  },
)
