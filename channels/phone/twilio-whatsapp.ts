import type { Content, Provider } from '../channel'
import { phoneOf } from '../number'
import { twilioMessages, type MessageFields, type TwilioSettings } from './twilio-messages'

/**
 * WhatsApp by Twilio. Texts of our own reach customers within 24 hours after they wrote; at other times WhatsApp takes nothing
 * but templates that it approved, which Twilio keeps as content (`HX…`).
 */
export const twilioWhatsapp = (settings: TwilioSettings): Provider => ({
  name: 'twilio',
  channel: 'whatsapp',
  idempotent: false,
  address: phoneOf,
  ...twilioMessages(settings, 'whatsapp:', ({ content }) => fieldsOf(content)),
})

function fieldsOf({ text = '', template }: Content): MessageFields {
  if (!template?.id) return { Body: text }
  return { ContentSid: template.id, ContentVariables: JSON.stringify(template.variables) }
}
