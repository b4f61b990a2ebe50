import { defineJourney } from '../../../../workflows/enrollment'

/** Waits, and then has an error of its author's. */
export const stumbler = defineJourney({}, async (journey) => {
  await journey.sleep('first', '1 hour')
  const { plan } = journey.trigger.properties as { plan: { name: string } }
  await journey.sleep('second', plan.name === 'year' ? '1 day' : '2 days')
})
