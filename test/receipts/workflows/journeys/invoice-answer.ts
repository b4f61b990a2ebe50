import { subscriptionCancelled } from '../../../../catalog/events'
import { clicked, completed, email, replied, sms, transactional, unsubscribed } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Says in its outcome what was answered. */
export const invoiceAnswer = defineJourney(
  { enrollOn: subscriptionCancelled, key: 'reason' },
  async (journey) => {
    await journey.send('offer', email('trial/farewell'))
    await journey.send('ask', transactional(sms('care/payment-failed')))
    const answer = await journey.waitFor(
      'answer',
      { yes: replied(/^yes/i), stop: unsubscribed, clicked: clicked('offer'), other: clicked('ask') },
      '3 days',
    )
    return completed(answer.is === 'yes' ? `yes: ${answer.event.properties.text}` : answer.is)
  },
)
