import { cancellationConsidered, subscriptionCancelled, subscriptionRenewed } from '../../catalog/events'
import { email, webhook } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Gives a subscriber who thinks of leaving what keeps people like this one: a discount, coaching, a call, or nothing. */
export const careOffer = defineJourney(
  {
    enrollOn: cancellationConsidered,
    reentry: { after: '90 days' },
    goal: { on: subscriptionRenewed, within: '60 days' },
    exitOn: [subscriptionCancelled],
    holdout: 0.1,
    priority: 60,
  },
  async (journey) => {
    const { plan, phone } = await journey.profile('who')
    const { reason, tenure_months: tenure = 0 } = journey.trigger.properties
    const offer = await journey.decide('offer', {
      arms: {
        discount: {
          sends: email('care/discount'),
          group: 'money',
          value: 0.7,
          suitable: ({ context }) => context.reason !== 'missing feature',
        },
        coaching: { sends: email('care/coaching'), group: 'help' },
        call: {
          sends: webhook('helpdesk', 'care/call-before-leaving'),
          group: 'help',
          value: 0.9,
          eligible: ({ profile }) => profile.phone !== undefined,
        },
        nothing: {},
      },
      context: { plan, reason, years: Math.min(tenure / 12, 10) },
      profile: { phone },
      within: '45 days',
      policy: { is: 'lin-thompson' },
      otherwise: 'nothing',
    })
    if (offer.is === 'discount') await journey.send('discount', email('care/discount'))
    if (offer.is === 'coaching') await journey.send('coaching', email('care/coaching'))
    if (offer.is === 'call') await journey.send('call', webhook('helpdesk', 'care/call-before-leaving'))
    await journey.sleep('until-it-shows', '45 days')
  },
)
