import { helpRequested } from '../../../../catalog/events'
import { webhook } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** One webhook. */
export const oneHook = defineJourney({ enrollOn: helpRequested }, async (journey) => {
  await journey.send('tell', webhook('helpdesk', 'trial/needs-help'))
})
