import { projectCreated, trialStarted } from '../../../../catalog/events'
import { email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** The journey whose cost is measured: send, wait, send, sleep, send. */
export const reference = defineJourney({ enrollOn: trialStarted, reentry: 'after-end' }, async (journey) => {
  await journey.send('one', email('trial/welcome'))
  await journey.waitFor('project', { created: projectCreated })
  await journey.send('two', email('trial/first-step'))
  await journey.sleep('nap', '1 second')
  await journey.send('three', email('trial/farewell'))
})
