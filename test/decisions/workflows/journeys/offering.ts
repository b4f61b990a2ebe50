import { featureUsed, subscriptionRenewed } from '../../../../catalog/events'
import { completed } from '../../../../sdk'
import { defineJourney } from '../../../../workflows/enrollment'

/** One decision for each use of a feature; its arms have passed their predicates. */
export const offering = defineJourney({ enrollOn: featureUsed, reentry: 'after-end' }, async (journey) => {
  const offer = await journey.decide('offer', {
    arms: ['discount', 'coaching'],
    context: { feature: journey.trigger.properties.feature },
    reward: subscriptionRenewed,
    within: '30 days',
    policy: { is: 'fixed', weights: { discount: 1, coaching: 1 } },
  })
  return completed(offer.is)
})
