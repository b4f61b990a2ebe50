import { subscriptionStarted, trialStarted } from '../../../../catalog/events'
import { completed, email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** One mail, and what became of it. */
export const oneMail = defineJourney(
  { enrollOn: trialStarted, goal: { on: subscriptionStarted } },
  async (journey) => {
    const hello = await journey.send('hello', email('trial/welcome'))
    return completed(hello.is)
  },
)
