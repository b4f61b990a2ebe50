import { defineJourney } from '../../workflows/enrollment'

/** A newer build of the journey in workflows/journeys/napper.ts. */
export const napper = defineJourney({}, async (journey) => {
  await journey.sleep('short', '5 hours')
  await journey.sleep('long', '1 hour')
})
