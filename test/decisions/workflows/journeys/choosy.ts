import { orderCompleted, supportSearched } from '../../../../catalog/events'
import { completed } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Arms for some customers only; a goal that ends it; the same arm at every re-entry. */
export const choosy = defineJourney(
  { enrollOn: supportSearched, reentry: 'after-end', goal: { on: orderCompleted } },
  async (journey) => {
    const profile = await journey.profile('who')
    const results = journey.trigger.properties.results
    const chosen = await journey.decide('help', {
      arms: {
        call: { eligible: ({ profile }) => profile.phone !== undefined, lever: 20 },
        mail: { applicable: ({ context }) => context.results < 100 },
        visit: { suitable: ({ context }) => context.results > 50 },
      },
      context: { results },
      profile,
      reward: { on: orderCompleted, value: 'total' },
      within: '7 days',
      policy: { is: 'thompson', rewards: 'values' },
      otherwise: 'nothing',
      keep: true,
    })
    await journey.sleep('while', '1 day')
    return completed(chosen.is)
  },
)
