import { accountClosed, featureUsed, projectCreated, teammateInvited } from '../../../../catalog/events'
import { completed } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Says in its outcome what its waits heard. */
export const listener = defineJourney(
  { enrollOn: accountClosed, reentry: { after: '2 days' } },
  async (journey) => {
    const first = await journey.waitFor('first', { made: projectCreated })
    await journey.sleep('gap', '1 hour')
    const second = await journey.waitFor('second', { used: featureUsed }, '1 day')
    const fresh = await journey.waitFor('fresh', { used: featureUsed }, '1 day', { since: 'now' })
    const ever = await journey.waitFor('ever', { made: projectCreated, invited: teammateInvited }, '1 day', {
      since: 'enrollment',
    })
    return completed([first, second, fresh, ever].map(({ is }) => is).join(' '))
  },
)
