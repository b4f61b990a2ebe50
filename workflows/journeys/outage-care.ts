// prettier-ignore
import {
  accountClosed, callEnded, callStarted, helpRequested, serviceDisrupted, serviceRestored,
} from '../../catalog/events'
import { completed, email, not, replied } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Tells of an outage before customers call, lets them write instead, and has a person call whoever is still stuck. */
export const outageCare = defineJourney(
  {
    enrollOn: serviceDisrupted,
    key: 'incident_id',
    exitOn: [accountClosed],
    holdout: 0.1,
    category: 'transactional',
    priority: 80,
  },
  async (journey) => {
    // Who has us on the phone hears it there; a mail in between would only be in the way.
    const calls = callStarted.where({ direction: not('outbound') })
    const phone = await journey.waitFor('on-the-phone', { calls, restored: serviceRestored }, '2 minutes')
    if (phone.is === 'restored') return completed('it was over at once')
    if (phone.is === 'calls') await journey.waitFor('hangs-up', { hungUp: callEnded }, '2 hours')
    await journey.send('tell', email('outage/tell'))

    const stuck = [helpRequested, replied()]
    const news = await journey.waitFor('news', { restored: serviceRestored, stuck }, '3 days')
    if (news.is === 'restored') {
      await journey.send('works-again', email('outage/works-again'))
      const after = await journey.waitFor('still-stuck', { stuck, calls }, '2 days')
      if (after.is !== 'stuck') return completed(after.is === 'calls' ? 'they called' : 'nobody had to call')
    }

    const call = await journey.task('call-back', {
      queue: 'outages',
      script: 'outage/call-back',
      outcomes: ['solved', 'technician', 'not-reached'],
      context: { incident: journey.key, since: journey.trigger.timestamp },
      within: '1 day',
      priority: 5,
      escalate: { after: '2 hours', queue: 'outages-urgent', priority: 9 },
    })
    if (call.is !== 'solved' && call.is !== 'technician') await journey.send('sorry', email('outage/sorry'))
    return completed(call.is)
  },
)
