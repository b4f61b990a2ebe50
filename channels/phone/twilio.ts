import type { Provider } from '../channel'
import { phoneOf } from '../number'
import { twilioMessages, type TwilioSettings } from './twilio-messages'

/** SMS by Twilio. */
export const twilio = (settings: TwilioSettings): Provider => ({
  name: 'twilio',
  channel: 'sms',
  idempotent: false,
  address: phoneOf,
  ...twilioMessages(settings, '', ({ content }) => ({ Body: content.text ?? '' })),
})
