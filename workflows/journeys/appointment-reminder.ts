import { appointmentBooked, appointmentCancelled, appointmentConfirmed } from '../../catalog/events'
import { completed, email, sms } from '../../sdk'
import { defineJourney } from '../enrollment'

/** Reminds of an appointment by the channel on which people confirm: mail, a text, or both. */
export const appointmentReminder = defineJourney(
  {
    enrollOn: appointmentBooked,
    key: 'appointment_id',
    goal: { on: appointmentConfirmed },
    exitOn: [appointmentCancelled],
    category: 'transactional',
  },
  async (journey) => {
    const { date } = journey.trigger.properties
    await journey.sleepUntil('two-days-before', { date, offset: '-2 days', hour: 10 })
    const { phone, email: address, locale } = await journey.profile('reachable')
    const by = await journey.decide('channel', {
      arms: {
        mail: { eligible: ({ profile }) => profile.email !== undefined },
        text: { eligible: ({ profile }) => profile.phone !== undefined, lever: -5 },
        both: { eligible: ({ profile }) => !!profile.email && !!profile.phone, lever: -10 },
      },
      context: { locale },
      profile: { phone, email: address },
      within: '2 days',
      policy: { is: 'thompson' },
      otherwise: 'mail',
    })
    if (by.is !== 'text') await journey.send('by-mail', email('appointment/reminder'))
    if (by.is !== 'mail') await journey.send('by-text', sms('appointment/reminder'))
    await journey.sleepUntil('the-day', { date })
    return completed('not confirmed')
  },
)
