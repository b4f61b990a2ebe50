import { consentConfirmed, newsletterRequested } from '../../catalog/events'
import { about, completed, email, exited } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Asks whoever reads an address whether they want to hear from us. The page behind the link records the yes. */
export const doubleOptIn = defineJourney(
  {
    enrollOn: newsletterRequested,
    key: 'topic',
    reentry: 'after-end',
    category: 'transactional',
  },
  async (journey) => {
    const { topic } = journey.trigger.properties
    const question = email('consent/confirm')
    const asked = await journey.send('ask', topic === 'marketing' ? question : about(topic, question))
    if (asked.is === 'withheld' || asked.is === 'failed')
      return exited(`could not be asked: ${asked.because}`)
    const answer = await journey.waitFor('answer', { yes: consentConfirmed }, '7 days')
    return answer.is === 'yes' ? completed('confirmed') : exited('did not confirm')
  },
)
