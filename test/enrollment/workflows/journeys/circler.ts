import { defineJourney } from '../../../../workflows/enrollment'

/** Waits, and then goes round and round. */
export const circler = defineJourney({}, async (journey) => {
  await journey.sleep('first', '1 hour')
  let turn = 0
  while (turn >= 0) turn = (turn + 1) % 10
})
