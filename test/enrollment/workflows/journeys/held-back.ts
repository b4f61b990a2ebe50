import { projectCreated, trialStarted } from '../../../../catalog/events'
import { email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Half of the customers are kept out. */
export const heldBack = defineJourney(
  { enrollOn: projectCreated, goal: { on: trialStarted, within: '10 days' }, holdout: 0.5 },
  async (journey) => {
    await journey.send('hello', email('trial/first-step'))
    await journey.sleep('long', '30 days')
  },
)
