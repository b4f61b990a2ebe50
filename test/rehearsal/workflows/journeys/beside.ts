// prettier-ignore
import {
  cancellationConsidered, featureUsed, helpRequested, paymentFailed, projectCreated, subscriptionRenewed, trialStarted,
} from '../../../../catalog/events'
import { completed, email } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** A race, a decision, and what the customer is. */
export const racing = defineJourney(
  { enrollOn: cancellationConsidered, goal: { on: subscriptionRenewed, within: '1 year' } },
  async (journey) => {
    const first = await Promise.race([
      journey.waitFor('help', { asks: helpRequested }),
      journey.sleep('patience', '5 days'),
    ])
    if (!first) return completed('did not ask')
    const offer = await journey.decide('offer', {
      arms: ['nothing', 'discount', 'coaching'],
      within: '30 days',
      otherwise: 'nothing',
    })
    if (offer.is !== 'coaching') return completed(offer.is)
    const { lifecycle } = await journey.profile('who')
    await journey.send('coaching', email('care/coaching'))
    await journey.sleep('an-hour', '1 hour')
    if (lifecycle === 'at-risk') await journey.send('discount', email('care/discount'))
    await journey.sleep('two-hours', '2 hours')
    await journey.send('still-useful', email('care/still-useful'))
  },
)

/** Branches that each send little, and a split after them. */
export const sideBySide = defineJourney({ enrollOn: trialStarted }, async (journey) => {
  const { mails, texts } = await journey.parallel('both', {
    mails: async (journey) => {
      const made = await journey.waitFor('project', { made: projectCreated }, '6 days')
      if (made.is === 'made') await journey.send('well-done', email('trial/first-step'))
      return made.is
    },
    texts: async (journey) => {
      const failed = await journey.waitFor('payment', { failed: paymentFailed }, '6 days')
      if (failed.is === 'failed') await journey.send('pay', email('care/renews-soon'))
      return failed.is
    },
    nothing: async () => 'nothing',
  })
  const arm = journey.split('tone', { calm: 9, loud: 1 })
  if (arm === 'loud' && mails === 'made' && texts === 'failed')
    await journey.send('loud', email('trial/ends-soon'))
  return completed(`${mails} and ${texts}`)
})

/** A branch in each stage; what is sent in one and in the next comes close together. */
export const staged = defineJourney(
  { enrollOn: trialStarted },
  {
    begin: async (journey) => {
      const first = await journey.waitFor('first', { used: featureUsed }, '8 days')
      return first.is === 'used' ? 'middle' : completed('silent')
    },
    middle: async (journey) => {
      await journey.send('go-on', email('trial/first-step'))
      const second = await journey.waitFor('second', { used: featureUsed, asks: helpRequested }, '8 days')
      if (second.is === 'used') return 'middle'
      return second.is === 'asks' ? 'close' : completed('enough')
    },
    close: async (journey) => {
      const last = await journey.send('help', email('care/offer-help'))
      if (last.is === 'unknown') await journey.send('help-again', email('care/offer-help'))
      return completed(last.is)
    },
  },
)
