import type { Account } from './accounts'
import type { Provider, ReceiptSource } from './channel'
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
import { inbox, type InboxSettings } from './inbox/inbox'
import { twilio, twilioReceipts, type TwilioReceiptSettings, type TwilioSettings } from './phone/twilio'
import { carriersOf, onlyCarrier, type Carrier, type RouteStep } from './routes'
import { standardWebhookReceipts, type WebhookReceiptSettings } from './webhook/receipts'
import { standardWebhook, type WebhookSettings } from './webhook/standard-webhook'

export type * from './channel'
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
  readonly twilioReceipts?: TwilioReceiptSettings
  readonly inbox?: InboxSettings
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
    channel: 'inbox',
    provider: 'inbox',
    needs: 'nothing: workers keep it in the database',
    create: (s) => s.inbox && inbox(s.inbox),
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
  const named = new Map((settings.accounts ?? []).map((account) => [account.name, accountAt(account)]))
  const providerOf = (name: string): Provider => {
    const provider = named.get(name) ?? providerNamed(name, settings)
    named.set(name, provider)
    return provider
  }
  const routed = Object.entries(settings.routes ?? {}).map(
    ([channel, route]) => [channel, carriersOf(channel, route, providerOf)] as const,
  )
  const carriers = new Map([...chosen(settings, named), ...routed])
  return {
    carriers: (channel, account) =>
      account === undefined
        ? (carriers.get(channel) ?? unavailable(channel, settings))
        : onlyCarrier(accountOf(named, channel, account)),
    accounts: (channel) =>
      [...named].flatMap(([name, provider]) => (provider.channel === channel ? [name] : [])),
    available: [...carriers.keys()],
    close: async () => {
      await Promise.all([...named.values()].map(async (provider) => provider.close?.()))
    },
  }
}

function accountOf(named: ReadonlyMap<string, Provider>, channel: string, account: string): Provider {
  const provider = named.get(account)
  if (provider?.channel === channel) return provider
  throw new ChannelUnavailable(
    `There is no account ${account} for the channel ${channel}: see PROVIDER_ACCOUNTS`,
  )
}

/** Of each channel without a route the provider that is configured. */
function chosen(
  settings: ChannelSettings,
  named: Map<string, Provider>,
): (readonly [string, readonly Carrier[]])[] {
  const { emailProvider, routes = {} } = settings
  return registry.flatMap((entry) => {
    if (!isChosen(entry, settings) || Object.hasOwn(routes, entry.channel)) return []
    const provider = entry.create(settings)
    if (!provider && entry.provider === emailProvider && entry.provider !== 'smtp')
      throw new ChannelUnavailable(
        `EMAIL_PROVIDER is ${entry.provider}, which cannot be used: set ${entry.needs}`,
      )
    if (!provider) return []
    named.set(provider.name, provider)
    return [[entry.channel, onlyCarrier(provider)] as const]
  })
}

/** An account goes by its provider's name and its own, in the ledger and in stops. */
function accountAt({ name, provider, settings }: Account): Provider {
  if (providerNames.includes(name))
    throw new ChannelUnavailable(
      `PROVIDER_ACCOUNTS: ${name} is a provider's name, and cannot be an account's`,
    )
  return {
    ...providerNamed(provider, settings, `The account ${name} cannot be used`),
    name: `${provider}:${name}`,
  }
}

function providerNamed(
  name: string,
  settings: ChannelSettings,
  otherwise = `${name} cannot be used`,
): Provider {
  const entry = registry.find(({ provider }) => provider === name)
  if (!entry) throw new ChannelUnavailable(`${otherwise}: there is no provider or account ${name}`)
  const provider = entry.create(settings)
  if (!provider) throw new ChannelUnavailable(`${otherwise}: set ${entry.needs}`)
  return provider
}

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
  const entry = registry.find((each) => each.channel === channel && isChosen(each, settings))
  throw new ChannelUnavailable(
    entry
      ? `The channel ${channel} is not configured: set ${entry.needs}`
      : `There is no channel ${channel}; there are ${channelNames.join(', ')}`,
  )
}
