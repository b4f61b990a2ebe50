import { accountClosed, trialStarted } from '../../../../catalog/events'
import { completed, email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** Sends twice, the second time worth half a day of waiting for anybody who asks for a short one. */
export const double = defineJourney({ enrollOn: trialStarted, exitOn: [accountClosed] }, async (journey) => {
  await journey.send('one', email('trial/first-step'))
  const { plan } = journey.trigger.properties
  const within = plan === 'short' ? '12 hours' : '3 days'
  const second = await journey.send('two', email('trial/farewell'), { within })
  return completed(second.is === 'withheld' ? second.because : second.is)
})
