import { helpRequested, projectCreated } from '../../../../catalog/events'
import { atLeast, completed, model } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

const care = model({ http: 'care', timeoutMs: 2_000 })

/** A model of the adopter's own says whom to call, of those who have waited long as their own database knows. */
export const modelled = defineJourney(
  { enrollOn: helpRequested, goal: { on: projectCreated } },
  async (journey) => {
    const help = await journey.decide('help', {
      arms: { call: { where: { days_waiting: atLeast(2) } }, mail: {}, nothing: {} },
      context: { topic: journey.trigger.properties.topic },
      lookup: {
        from: 'helpdesk',
        sql: 'select days_waiting, segment from tickets where customer = $1',
        columns: { days_waiting: 'number', segment: 'text' },
        context: ['segment'],
      },
      within: '7 days',
      policy: { is: 'model', model: care, epsilon: 0, fallback: { is: 'fixed', weights: { mail: 1 } } },
    })
    return completed(help.is)
  },
)
