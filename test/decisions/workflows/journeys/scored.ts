import { shopVisited, subscriptionRenewed } from '../../../../catalog/events'
import { completed, model } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

const uplift = model({
  from: 'helpdesk',
  sql: 'select arm, score, scored_at as at, version from scores where customer = $1',
  says: 'effect',
  baseline: 'nothing',
  maxAge: '2 days',
  timeoutMs: 2_000,
})
const care = model({ http: 'care', timeoutMs: 100 })

/** Effects that a job has computed, against doing nothing; a server that scores the same arms runs in its shadow. */
export const scored = defineJourney(
  { enrollOn: shopVisited, goal: { on: subscriptionRenewed } },
  async (journey) => {
    const help = await journey.decide('help', {
      arms: ['call', 'mail', 'nothing'],
      within: '7 days',
      policy: { is: 'model', model: uplift, epsilon: 0, fallback: { is: 'fixed', weights: { mail: 1 } } },
      shadow: { is: 'model', model: care, fallback: { is: 'fixed' } },
    })
    await journey.sleep('a-while', '1 day')
    return completed(help.is)
  },
)
