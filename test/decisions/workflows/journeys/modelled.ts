import { helpRequested, projectCreated } from '../../../../catalog/events'
import { completed, model } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

const care = model({ http: 'care', timeoutMs: 2_000 })

/** A model of the adopter's own says whom to call. */
export const modelled = defineJourney(
  { enrollOn: helpRequested, goal: { on: projectCreated } },
  async (journey) => {
    const help = await journey.decide('help', {
      arms: ['call', 'mail', 'nothing'],
      context: { topic: journey.trigger.properties.topic },
      within: '7 days',
      policy: { is: 'model', model: care, epsilon: 0, fallback: { is: 'fixed', weights: { mail: 1 } } },
    })
    return completed(help.is)
  },
)
