import type { Provider, ReceiptSource } from './channel'
import { audienceWebhook, type AudienceSettings } from './audience/audience-webhook'
import {
  postmark,
  postmarkReceipts,
  type PostmarkReceiptSettings,
  type PostmarkSettings,
} from './email/postmark'
import {
  sendgrid,
  sendgridReceipts,
  type SendgridReceiptSettings,
  type SendgridSettings,
} from './email/sendgrid'
import { sesReceipts, type SesReceiptSettings } from './email/ses/receipts'
import { ses, type SesSettings } from './email/ses/ses'
import { smtp, type SmtpSettings } from './email/smtp'
import { twilio } from './phone/twilio'
import { fcm, type FcmSettings } from './push/fcm'
import { webPush, type WebPushSettings } from './push/web-push'
import type { TwilioSettings } from './phone/twilio-messages'
import { twilioReceipts, type TwilioReceiptSettings } from './phone/twilio-receipts'
import { twilioWhatsapp } from './phone/twilio-whatsapp'
import { slack, type SlackSettings } from './slack/slack'
import { slackReceipts, type SlackReceiptSettings } from './slack/slack-receipts'
import type { WebhookSettings } from './signed-webhooks'
import { standardWebhook } from './webhook/standard-webhook'

export type * from './channel'
export { MalformedReceipt } from './channel'

/** What was configured; a channel left out cannot be chosen. */
export interface ChannelSettings {
  /** Default: smtp. */
  readonly emailProvider?: 'smtp' | 'sendgrid' | 'postmark' | 'ses'
  readonly smtp?: SmtpSettings
  readonly sendgrid?: SendgridSettings
  readonly sendgridReceipts?: SendgridReceiptSettings
  readonly postmark?: PostmarkSettings
  readonly postmarkReceipts?: PostmarkReceiptSettings
  readonly ses?: SesSettings
  readonly sesReceipts?: SesReceiptSettings
  readonly twilio?: TwilioSettings
  readonly twilioWhatsapp?: TwilioSettings
  readonly twilioReceipts?: TwilioReceiptSettings
  readonly fcm?: FcmSettings
  readonly webPush?: WebPushSettings
  readonly slack?: SlackSettings
  readonly slackReceipts?: SlackReceiptSettings
  readonly audience?: AudienceSettings
  readonly standardWebhook?: WebhookSettings
}

interface Entry {
  readonly channel: string
  readonly provider: string
  /** For sentences. */
  readonly needs: string
  readonly create: (settings: ChannelSettings) => Provider | undefined
  readonly receipts?: (settings: ChannelSettings) => ReceiptSource | undefined
}

// One line a provider: the channel it serves, its name, what it needs, how it is made, and what it tells later.
const registry: readonly Entry[] = [
  {
    channel: 'email',
    provider: 'smtp',
    needs: 'SMTP_URL and MAIL_FROM',
    create: (s) => s.smtp && smtp(s.smtp),
  },
  {
    channel: 'email',
    provider: 'sendgrid',
    needs: 'SENDGRID_API_KEY and MAIL_FROM',
    create: (s) => s.sendgrid && sendgrid(s.sendgrid),
    receipts: (s) => s.sendgridReceipts && sendgridReceipts(s.sendgridReceipts),
  },
  {
    channel: 'email',
    provider: 'postmark',
    needs: 'POSTMARK_TOKEN and MAIL_FROM',
    create: (s) => s.postmark && postmark(s.postmark),
    receipts: (s) => s.postmarkReceipts && postmarkReceipts(s.postmarkReceipts),
  },
  {
    channel: 'email',
    provider: 'ses',
    needs: 'SES_REGION, SES_ACCESS_KEY_ID, SES_SECRET_ACCESS_KEY and MAIL_FROM',
    create: (s) => s.ses && ses(s.ses),
    receipts: (s) => s.sesReceipts && sesReceipts(s.sesReceipts),
  },
  {
    channel: 'sms',
    provider: 'twilio',
    needs: 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM',
    create: (s) => s.twilio && twilio(s.twilio),
    receipts: (s) => s.twilioReceipts && twilioReceipts(s.twilioReceipts),
  },
  {
    channel: 'whatsapp',
    provider: 'twilio',
    needs: 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_WHATSAPP_FROM',
    create: (s) => s.twilioWhatsapp && twilioWhatsapp(s.twilioWhatsapp),
  },
  { channel: 'push', provider: 'fcm', needs: 'FCM_SERVICE_ACCOUNT', create: (s) => s.fcm && fcm(s.fcm) },
  {
    channel: 'web-push',
    provider: 'web-push',
    needs: 'VAPID_PRIVATE_KEY and VAPID_SUBJECT',
    create: (s) => s.webPush && webPush(s.webPush),
  },
  {
    channel: 'slack',
    provider: 'slack',
    needs: 'SLACK_BOT_TOKEN or SLACK_WEBHOOKS',
    create: (s) => s.slack && slack(s.slack),
    receipts: (s) => s.slackReceipts && slackReceipts(s.slackReceipts),
  },
  {
    channel: 'audience',
    provider: 'audience-webhook',
    needs: 'AUDIENCE_ENDPOINTS',
    create: (s) => s.audience && audienceWebhook(s.audience),
  },
  {
    channel: 'webhook',
    provider: 'standard-webhook',
    needs: 'WEBHOOK_ENDPOINTS',
    create: (s) => s.standardWebhook && standardWebhook(s.standardWebhook),
  },
]

const unique = (names: readonly string[]): string[] => [...new Set(names)]

/** Every channel there is, configured or not. */
export const channelNames: readonly string[] = unique(registry.map(({ channel }) => channel))

/** Every provider there is, configured or not. */
export const providerNames: readonly string[] = unique(registry.map(({ provider }) => provider))

export interface Channels {
  /** Throws ChannelUnavailable, with what to set, when the channel has no provider. */
  provider(channel: string): Provider
  /** Names of the channels that can be used. */
  readonly available: readonly string[]
  close(): Promise<void>
}

/** A channel that does not exist or has no settings. */
export class ChannelUnavailable extends Error {
  override readonly name = 'ChannelUnavailable'
}

/** Makes the providers, of each channel the one chosen. Throws with a sentence when settings are unusable. */
export function createChannels(settings: ChannelSettings): Channels {
  const providers = new Map<string, Provider>()
  for (const entry of registry.filter((each) => isChosen(each, settings))) {
    const provider = entry.create(settings)
    if (provider) providers.set(entry.channel, provider)
    else if (entry.provider === settings.emailProvider && entry.provider !== 'smtp')
      throw new ChannelUnavailable(
        `EMAIL_PROVIDER is ${entry.provider}, which cannot be used: set ${entry.needs}`,
      )
  }
  return {
    provider: (channel) => providers.get(channel) ?? unavailable(channel, settings),
    available: [...providers.keys()],
    close: async () => {
      await Promise.all([...providers.values()].map(async (provider) => provider.close?.()))
    },
  }
}

const isChosen = ({ channel, provider }: Entry, { emailProvider = 'smtp' }: ChannelSettings): boolean =>
  channel !== 'email' || provider === emailProvider

/** Who sends receipts that can be verified, by provider. Throws with a sentence when settings are unusable. */
export function createReceiptSources(settings: ChannelSettings): ReadonlyMap<string, ReceiptSource> {
  const sources = registry.flatMap(({ receipts }) => receipts?.(settings) ?? [])
  return new Map(sources.map((source) => [source.provider, source]))
}

function unavailable(channel: string, settings: ChannelSettings): never {
  const entry = registry.find((each) => each.channel === channel && isChosen(each, settings))
  throw new ChannelUnavailable(
    entry
      ? `The channel ${channel} is not configured: set ${entry.needs}`
      : `There is no channel ${channel}; there are ${channelNames.join(', ')}`,
  )
}
