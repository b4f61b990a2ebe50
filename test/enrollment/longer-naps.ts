import { defineJourney } from '../../workflows/enrollment'

/** A newer build of the journey in workflows/journeys/napper.ts. */
export const napper = defineJourney({}, async (journey) => {
  // Under a minute, as it was: from there on a wait is shown, which a history without that does not agree with.
  await journey.sleep('short', '59 seconds')
  await journey.sleep('long', '1 hour')
})
