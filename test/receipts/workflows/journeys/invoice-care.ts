import { paymentFailed, projectCreated } from '../../../../catalog/events'
import { email, sms, transactional } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** A mail and a text, and once something happened, the same again. */
export const invoiceCare = defineJourney({ enrollOn: paymentFailed }, async (journey) => {
  await journey.send('mail', email('trial/farewell'))
  await journey.send('text', transactional(sms('care/payment-failed')))
  await journey.waitFor('something', { happened: projectCreated })
  await journey.send('mail-again', email('trial/farewell'))
  await journey.send('text-again', transactional(sms('care/payment-failed')))
})
