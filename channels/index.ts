import type { Account } from './accounts'
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
import { metaReceipts, type MetaReceiptSettings } from './phone/meta-receipts'
import { metaWhatsapp, type MetaSettings } from './phone/meta-whatsapp'
import { twilio } from './phone/twilio'
import { fcm, type FcmSettings } from './push/fcm'
import { webPush, type WebPushSettings } from './push/web-push'
import type { TwilioSettings } from './phone/twilio-messages'
import { twilioReceipts, type TwilioReceiptSettings } from './phone/twilio-receipts'
import { twilioWhatsapp } from './phone/twilio-whatsapp'
import { inbox, type InboxSettings } from './inbox/inbox'
import { carriersOf, onlyCarrier, type Carrier, type RouteStep } from './routes'
import { standardWebhookReceipts, type WebhookReceiptSettings } from './webhook/receipts'
import { agents, type AgentSettings } from './voice/agents'
import { slack, type SlackSettings } from './slack/slack'
import { slackReceipts, type SlackReceiptSettings } from './slack/slack-receipts'
import type { WebhookSettings } from './signed-webhooks'
import { standardWebhook } from './webhook/standard-webhook'

export type * from './channel'
export type { AgentSettings } from './voice/agents'
export { signedByEndpoint, taskWebhook, type TaskWebhook } from './webhook/task-webhook'
export type { Carrier, Fault } from './routes'
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
  readonly metaWhatsapp?: MetaSettings
  readonly metaReceipts?: MetaReceiptSettings
  readonly agents?: AgentSettings
  readonly fcm?: FcmSettings
  readonly webPush?: WebPushSettings
  readonly slack?: SlackSettings
  readonly slackReceipts?: SlackReceiptSettings
  readonly inbox?: InboxSettings
  readonly audience?: AudienceSettings
  readonly standardWebhook?: WebhookSettings
  readonly standardWebhookReceipts?: WebhookReceiptSettings
  /** Further accounts at providers. */
  readonly accounts?: readonly Account[]
  /** By channel: who carries it, in order; default: the one provider that is configured. */
  readonly routes?: Readonly<Record<string, readonly RouteStep[]>>
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
  {
    channel: 'whatsapp',
    provider: 'meta',
    needs: 'META_TOKEN and META_WHATSAPP_NUMBER_ID',
    create: (s) => s.metaWhatsapp && metaWhatsapp(s.metaWhatsapp),
    receipts: (s) => s.metaReceipts && metaReceipts(s.metaReceipts),
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
    channel: 'voice',
    provider: 'agents',
    needs: 'nothing: the worker keeps the queue',
    create: (s) => s.agents && agents(s.agents),
  },
  {
    channel: 'inbox',
    provider: 'inbox',
    needs: 'nothing: workers keep it in the database',
    create: (s) => s.inbox && inbox(s.inbox),
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
    receipts: (s) => s.standardWebhookReceipts && standardWebhookReceipts(s.standardWebhookReceipts),
  },
]

const unique = (names: readonly string[]): string[] => [...new Set(names)]

/** Every channel there is, configured or not. */
export const channelNames: readonly string[] = unique(registry.map(({ channel }) => channel))

/** Every provider there is, configured or not. */
export const providerNames: readonly string[] = unique(registry.map(({ provider }) => provider))

export interface Channels {
  /**
   * Those who may carry a message, in order and at least one; with an account, that one alone.
   * Throws ChannelUnavailable, with what to set, when there is none.
   */
  carriers(channel: string, account?: string): readonly Carrier[]
  /** Names of the accounts and providers that messages of the channel may name. */
  accounts(channel: string): readonly string[]
  /** Names of the channels that can be used. */
  readonly available: readonly string[]
  close(): Promise<void>
}

/** A channel that does not exist or has no settings. */
export class ChannelUnavailable extends Error {
  override readonly name = 'ChannelUnavailable'
}

/** Makes the providers: of each channel the one chosen, those of its route, and every account. Throws with a sentence when settings are unusable. */
export function createChannels(settings: ChannelSettings): Channels {
  const named: Named = new Map((settings.accounts ?? []).map((account) => [account.name, accountAt(account)]))
  const providerOf = (name: string, channel: string): Provider => {
    const providers = named.get(name) ?? providersNamed(name, settings)
    named.set(name, providers)
    return providers.find((each) => each.channel === channel) ?? providers[0]!
  }
  const routed = Object.entries(settings.routes ?? {}).map(
    ([channel, route]) => [channel, carriersOf(channel, route, (name) => providerOf(name, channel))] as const,
  )
  // Of several that are configured the first one of the registry carries, and messages may name the others.
  const carriers = new Map([...chosen(settings, named).toReversed(), ...routed])
  return {
    carriers: (channel, account) =>
      account === undefined
        ? (carriers.get(channel) ?? unavailable(channel, settings))
        : onlyCarrier(accountOf(named, channel, account)),
    accounts: (channel) =>
      [...named].flatMap(([name, providers]) =>
        providers.some((each) => each.channel === channel) ? [name] : [],
      ),
    available: channelNames.filter((channel) => carriers.has(channel)),
    close: async () => {
      await Promise.all([...named.values()].flat().map(async (provider) => provider.close?.()))
    },
  }
}

/** By the name of the account or provider: one of each channel that it carries. */
type Named = Map<string, readonly Provider[]>

function accountOf(named: Named, channel: string, account: string): Provider {
  const provider = named.get(account)?.find((each) => each.channel === channel)
  if (provider) return provider
  throw new ChannelUnavailable(
    `There is no account ${account} for the channel ${channel}: see PROVIDER_ACCOUNTS`,
  )
}

/** Of each channel without a route the provider that is configured. */
function chosen(settings: ChannelSettings, named: Named): (readonly [string, readonly Carrier[]])[] {
  const { emailProvider, routes = {} } = settings
  return registry.flatMap((entry) => {
    if (!isChosen(entry, settings) || Object.hasOwn(routes, entry.channel)) return []
    const provider = entry.create(settings)
    if (!provider && entry.provider === emailProvider && entry.provider !== 'smtp')
      throw new ChannelUnavailable(
        `EMAIL_PROVIDER is ${entry.provider}, which cannot be used: set ${entry.needs}`,
      )
    if (!provider) return []
    named.set(provider.name, [...(named.get(provider.name) ?? []), provider])
    return [[entry.channel, onlyCarrier(provider)] as const]
  })
}

/** An account goes by its provider's name and its own, in the ledger and in stops. */
function accountAt({ name, provider, settings }: Account): readonly Provider[] {
  if (providerNames.includes(name))
    throw new ChannelUnavailable(
      `PROVIDER_ACCOUNTS: ${name} is a provider's name, and cannot be an account's`,
    )
  const providers = providersNamed(provider, settings, `The account ${name} cannot be used`)
  return providers.map((each) => ({ ...each, name: `${provider}:${name}` }))
}

/** At least one. */
function providersNamed(
  name: string,
  settings: ChannelSettings,
  otherwise = `${name} cannot be used`,
): readonly Provider[] {
  const entries = registry.filter(({ provider }) => provider === name)
  if (entries.length === 0)
    throw new ChannelUnavailable(`${otherwise}: there is no provider or account ${name}`)
  const providers = entries.flatMap((entry) => entry.create(settings) ?? [])
  if (providers.length > 0) return providers
  throw new ChannelUnavailable(`${otherwise}: set ${needsOf(entries)}`)
}

const needsOf = (entries: readonly Entry[]): string => entries.map(({ needs }) => needs).join(', or ')

const isChosen = ({ channel, provider }: Entry, { emailProvider = 'smtp' }: ChannelSettings): boolean =>
  channel !== 'email' || provider === emailProvider

/** Who sends receipts that can be verified: by provider, its own settings first, then those of its accounts. Throws with a sentence when settings are unusable. */
export function createReceiptSources(
  settings: ChannelSettings,
): ReadonlyMap<string, readonly ReceiptSource[]> {
  const { accounts = [] } = settings
  const sources = registry.map(({ provider, receipts }) => {
    const own = receipts?.(settings) ?? []
    const others = accounts.flatMap((account) => {
      const source = account.provider === provider ? receipts?.(account.settings) : undefined
      return source ? { ...source, provider: `${provider}:${account.name}` } : []
    })
    return [provider, [own, others].flat()] as const
  })
  return new Map(sources.filter(([, each]) => each.length > 0))
}

function unavailable(channel: string, settings: ChannelSettings): never {
  const entries = registry.filter((each) => each.channel === channel && isChosen(each, settings))
  throw new ChannelUnavailable(
    entries.length > 0
      ? `The channel ${channel} is not configured: set ${needsOf(entries)}`
      : `There is no channel ${channel}; there are ${channelNames.join(', ')}`,
  )
}
