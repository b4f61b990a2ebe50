// prettier-ignore
import {
  accountClosed, featureUsed, helpRequested, projectCreated, subscriptionStarted, supportSearched,
  teammateInvited, trialStarted,
} from '../../catalog/events'
import { completed, email, webhook } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Brings a trial to its first success, and asks for the subscription only after it. */
export const trialOnboarding = defineJourney(
  {
    enrollOn: trialStarted,
    goal: { on: subscriptionStarted, within: '45 days' },
    exitOn: [accountClosed],
    topic: 'tips',
    priority: 50,
  },
  async (journey) => {
    await journey.send('welcome', email('trial/welcome'))
    const first = await journey.waitFor(
      'first-project',
      { created: projectCreated, stuck: [supportSearched.where({ results: 0 }), helpRequested] },
      '3 days',
    )
    if (first.is === 'stuck') await journey.send('ask-for-help', webhook('helpdesk', 'trial/needs-help'))
    if (first.is === 'timeout') {
      await journey.sleepUntil('a-good-morning', { hour: 9 })
      await journey.send('show-first-step', email('trial/first-step'))
    }

    const habit = await journey.waitFor('habit', { team: teammateInvited, active: featureUsed }, '7 days')
    if (habit.is === 'timeout') await journey.send('what-others-do', email('trial/what-others-do'))
    if (habit.is === 'active') await journey.send('invite-your-team', email('trial/invite-your-team'))

    await journey.sleepUntil('before-the-end', {
      date: journey.trigger.timestamp,
      offset: '+12 days',
      hour: 10,
    })
    const offer = journey.split('ending-offer', { extend: 1, call: 1 })
    await journey.send('trial-ends', email('trial/ends-soon', { offer }))
    await journey.waitFor('decision', { subscribed: subscriptionStarted }, '14 days')
    await journey.send('farewell', email('trial/farewell'))
    return completed('the trial ended without a subscription')
  },
)
