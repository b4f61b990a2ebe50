import type { Provider } from './channel'
import { smtp, type SmtpSettings } from './email/smtp'
import { standardWebhook, type WebhookSettings } from './webhook/standard-webhook'

export type * from './channel'

/** What was configured; a channel left out cannot be chosen. */
export interface ChannelSettings {
  readonly smtp?: SmtpSettings
  readonly standardWebhook?: WebhookSettings
}

// One line a provider: the channel it serves, its name, what it needs, how it is made.
const registry = {
  email: {
    provider: 'smtp',
    needs: 'SMTP_URL and MAIL_FROM',
    create: (s: ChannelSettings) => s.smtp && smtp(s.smtp),
  },
  webhook: {
    provider: 'standard-webhook',
    needs: 'WEBHOOK_ENDPOINTS',
    create: (s: ChannelSettings) => s.standardWebhook && standardWebhook(s.standardWebhook),
  },
} satisfies Record<
  string,
  { provider: string; needs: string; create: (settings: ChannelSettings) => Provider | undefined }
>

/** Every channel there is, configured or not, with the name of its provider. */
export const channelProviders: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(registry).map(([channel, { provider }]) => [channel, provider]),
)

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

/** Makes the providers. Throws with a sentence when settings are unusable. */
export function createChannels(settings: ChannelSettings): Channels {
  const providers = new Map<string, Provider>()
  for (const [channel, { create }] of Object.entries(registry)) {
    const provider = create(settings)
    if (provider) providers.set(channel, provider)
  }
  return {
    provider: (channel) => providers.get(channel) ?? unavailable(channel),
    available: [...providers.keys()],
    close: async () => {
      await Promise.all([...providers.values()].map(async (provider) => provider.close?.()))
    },
  }
}

function unavailable(channel: string): never {
  if (Object.hasOwn(registry, channel)) {
    const { needs } = registry[channel as keyof typeof registry]
    throw new ChannelUnavailable(`The channel ${channel} is not configured: set ${needs}`)
  }
  throw new ChannelUnavailable(
    `There is no channel ${channel}; there are ${Object.keys(registry).join(', ')}`,
  )
}
