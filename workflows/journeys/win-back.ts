import { accountClosed, helpRequested, subscriptionStarted } from '../../catalog/events'
import { completed, email, webhook } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Asks a customer who left why, answers, and comes back once, later. */
export const winBack = defineJourney(
  {
    reentry: { after: '180 days' },
    goal: { on: subscriptionStarted, within: '120 days' },
    exitOn: [accountClosed],
    topic: 'news',
    priority: 20,
  },
  async (journey) => {
    await journey.set('lost', { lifecycle: 'lost' })
    await journey.send('sorry', email('win-back/sorry'))
    const answer = await journey.waitFor('answer', { talks: helpRequested }, '7 days')
    if (answer.is === 'talks') await journey.send('call-back', webhook('helpdesk', 'win-back/wants-to-talk'))
    await journey.sleep('some-distance', '60 days')
    await journey.sleepUntil('tuesday-morning', { hour: 10, weekday: 'tuesday' })
    await journey.send('what-is-new', email('win-back/what-is-new'))
    await journey.sleep('last-chance', '30 days')
    return completed('did not come back')
  },
)
