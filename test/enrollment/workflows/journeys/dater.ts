import { defineJourney } from '../../../../workflows/enrollment'

/** Sleeps a little, until a date, and then long. */
export const dater = defineJourney({}, async (journey) => {
  await journey.sleep('short', '3 seconds')
  await journey.sleepUntil('date', { date: journey.trigger.timestamp, offset: '+16 seconds' })
  await journey.sleep('long', '1 hour')
})
