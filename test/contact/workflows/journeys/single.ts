import { helpRequested } from '../../../../catalog/events'
import { completed, email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Sends once. */
export const single = defineJourney({ enrollOn: helpRequested }, async (journey) => {
  const { is } = await journey.send('only', email('trial/farewell'))
  return completed(is)
})
