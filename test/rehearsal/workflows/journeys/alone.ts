// prettier-ignore
import {
  featureUsed, helpRequested, projectCreated, supportSearched, teammateInvited, trialStarted,
} from '../../../../catalog/events'
import { completed, email, webhook } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

// In each of these, too much is sent on one way alone, which parts from the usual one three times.

/** One branch within the other. */
export const nested = defineJourney({ enrollOn: trialStarted }, async (journey) => {
  await journey.send('welcome', email('trial/welcome'))
  const first = await journey.waitFor('first', { created: projectCreated, stuck: helpRequested }, '3 days')
  if (first.is !== 'stuck') return completed('calm')
  const called = await journey.send('ask', webhook('helpdesk', 'trial/needs-help'))
  if (called.is !== 'failed') return completed('a person helps')
  const second = await journey.waitFor('second', { team: teammateInvited }, '30 days')
  if (second.is !== 'team') return completed('alone')
  await journey.send('nag-1', email('trial/first-step'))
  await journey.send('nag-2', email('trial/what-others-do'))
  await journey.send('nag-3', email('trial/farewell'))
})

/** No branch alone leads anywhere; what they have in common is counted. */
export const counting = defineJourney({ enrollOn: trialStarted }, async (journey) => {
  let busy = 0
  const first = await journey.waitFor('first', { used: featureUsed, created: projectCreated }, '3 days')
  if (first.is === 'used') busy += 1
  await journey.send('tip', email('trial/first-step'))
  const second = await journey.waitFor('second', { used: featureUsed, team: teammateInvited }, '9 days')
  if (second.is === 'used') busy += 1
  await journey.send('more', email('trial/what-others-do'))
  const third = await journey.waitFor('third', { used: featureUsed, asks: helpRequested }, '9 days')
  if (third.is === 'used') busy += 1
  await journey.sleep('rest', '9 days')
  await journey.send('farewell', email('trial/farewell'))
  if (busy < 3) return completed('enough')
  await journey.send('again', email('trial/ends-soon'))
  await journey.sleep('a-night', '1 day')
  await journey.send('and-again', email('trial/ends-soon'))
})

/** Each wait has its mail, and a day between them; but what came during the sleep is heard at once. */
export const early = defineJourney({ enrollOn: trialStarted }, async (journey) => {
  await journey.sleep('settle', '10 days')
  const first = await journey.waitFor('first', { created: projectCreated }, '10 days')
  if (first.is === 'created') await journey.send('well-done', email('trial/first-step'))
  const second = await journey.waitFor('second', { team: teammateInvited }, '10 days')
  if (second.is === 'team') await journey.send('together', email('trial/invite-your-team'))
  const third = await journey.waitFor('third', { used: featureUsed }, '10 days')
  if (third.is === 'used') await journey.send('clever', email('trial/what-others-do'))
})

/** What goes wrong three times in a loop is made up for all at once. */
export const unlucky = defineJourney({ enrollOn: trialStarted }, async (journey) => {
  let missed = 0
  for (let week = 0; week < 5; week++) {
    const sent = await journey.send('weekly', email('trial/what-others-do'))
    if (sent.is === 'withheld') missed += 1
    const stuck = supportSearched.where({ results: 0 })
    const heard = await journey.waitFor('week', { stuck }, '7 days')
    if (heard.is === 'stuck') return completed('needs something else')
  }
  if (missed < 3) return completed('five weeks')
  await journey.send('sorry', email('win-back/sorry'))
  await journey.send('news', email('win-back/what-is-new'))
  await journey.send('bye', email('trial/farewell'))
})
