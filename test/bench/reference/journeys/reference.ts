import { projectCreated } from '../../../../catalog/events'
import { email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** The reference journey as one writes it here. */
export const reference = defineJourney({}, async (journey) => {
  await journey.send('one', email('trial/first-step'))
  await journey.waitFor('project', { created: projectCreated }, '7 days')
  await journey.send('two', email('trial/what-others-do'))
  await journey.sleep('nap', '1 second')
  await journey.send('three', email('trial/farewell'))
})
