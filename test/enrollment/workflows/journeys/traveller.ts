import { defineJourney } from '../../../../workflows/enrollment'

/** Sleeps long, for its clock to be moved, then as the napper does. */
export const traveller = defineJourney({}, async (journey) => {
  await journey.sleep('far', '2 hours')
  await journey.sleep('short', '3 seconds')
  await journey.sleep('long', '1 hour')
})
