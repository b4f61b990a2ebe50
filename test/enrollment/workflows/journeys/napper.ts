import { defineJourney } from '../../../../workflows/enrollment'

/** Sleeps a little, then long. */
export const napper = defineJourney({}, async (journey) => {
  await journey.sleep('short', '3 seconds')
  await journey.sleep('long', '1 hour')
})
