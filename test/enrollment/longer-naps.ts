import { defineJourney } from '../../workflows/enrollment'

/** A newer build of the journey in workflows/journeys/traveller.ts. */
export const traveller = defineJourney({}, async (journey) => {
  await journey.sleep('far', '2 hours')
  // Under a minute, as it was: from there on a wait is shown, which a history without that does not agree with.
  await journey.sleep('short', '59 seconds')
  await journey.sleep('long', '1 hour')
})
