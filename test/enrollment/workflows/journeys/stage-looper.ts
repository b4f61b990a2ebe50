import { featureUsed, helpRequested } from '../../../../catalog/events'
import { completed, email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Goes round in a stage, one run each time; two stages to be moved between. */
export const stageLooper = defineJourney(
  {},
  {
    round: async (journey) => {
      const heard = await journey.waitFor('used', { used: featureUsed, asks: helpRequested }, '30 days')
      if (heard.is === 'asks') return 'farewell'
      return heard.is === 'used' ? 'round' : completed('nothing more')
    },
    farewell: async (journey) => {
      await journey.send('bye', email('trial/farewell'))
      await journey.sleep('rest', '10 days')
      return completed('farewell')
    },
  },
)
