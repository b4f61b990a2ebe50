import type { ChannelSettings } from '.'
import { audienceSettings } from './audience/settings'
import { providerSettings, providersOf, receiptSettings, type Configured, type Elsewhere } from './settings'

/** A provider with settings of its own, beside those of the process. */
export interface Account {
  /** As messages and routes name it. */
  readonly name: string
  readonly provider: string
  readonly settings: ChannelSettings
}

/** What an account may set beside the settings of providers. */
const OTHERS = ['MAIL_FROM', 'SMTP_URL', 'DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY']

/** What the channels of a process need. Throws with a sentence for accounts whose settings are none, or wrong. */
export const channelSettings = (config: Configured, elsewhere: Elsewhere): ChannelSettings => ({
  ...providersOf(config, elsewhere),
  accounts: accountsOf(config, elsewhere),
  routes: config.routes,
})

/** What the receipts of its providers, and of accounts at them, are verified with. */
export const allReceiptSettings = (config: Configured): ChannelSettings => ({
  ...receiptSettings(config),
  accounts: accountsOf(config, { endpoints: config.webhookEndpoints, allowPrivate: false }),
})

/** What takes customers out of ad audiences, and nothing else. */
export const audienceChannelSettings = (config: Configured, allowPrivate: boolean): ChannelSettings => ({
  audience: audienceSettings(config, allowPrivate),
  accounts: accountsOf(config, { endpoints: {}, allowPrivate }).filter(
    ({ provider }) => provider === 'audience-webhook',
  ),
})

const accountsOf = (config: Configured, elsewhere: Elsewhere): Account[] =>
  Object.entries(config.providerAccounts).map(([name, { provider = '', ...given }]) => {
    const own = Object.entries(given).map(([key, value]) => [camelCase(key), valueOf(name, key, value)])
    const { smtpUrl = elsewhere.smtpUrl, ...changed } = Object.fromEntries(own)
    const settings = providersOf({ ...config, ...changed }, { ...elsewhere, smtpUrl })
    return { name, provider, settings }
  })

function valueOf(account: string, key: string, value: string): unknown {
  if (OTHERS.includes(key)) return value
  if (!Object.hasOwn(providerSettings, key))
    throw new Error(`PROVIDER_ACCOUNTS: ${key}, of ${account}, is no setting of a provider`)
  const parsed = providerSettings[key as keyof typeof providerSettings].safeParse(value)
  if (parsed.success) return parsed.data
  throw new Error(`PROVIDER_ACCOUNTS: ${key} of ${account} is wrong; ${parsed.error.issues[0]!.message}`)
}

const camelCase = (key: string): string =>
  key.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
