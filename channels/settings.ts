import { z } from 'zod'
import type { ChannelSettings } from '.'
import type { WebhookSettings } from './webhook/standard-webhook'

const right = (error: string) => ({ error })
const url = (example: string) =>
  z.url({ protocol: /^https?$/, ...right(`it must be a URL such as ${example}`) })

const webhookSecret = z.string().refine((secret) => {
  const base64 = secret.replace(/^whsec_/, '')
  return /^[A-Za-z0-9+/]+=*$/.test(base64) && Buffer.from(base64, 'base64').length >= 24
})

const endpoints = () =>
  z.string().transform((value, context) => {
    const parsed = webhookEndpoints.safeParse(parseJson(value))
    if (parsed.success) return parsed.data
    context.addIssue(
      'it must be a JSON object such as {"crm": {"url": "https://…", "secret": "whsec_…"}}, each secret at least 24 bytes in base64',
    )
    return z.NEVER
  })

const webhookEndpoints = z.record(
  z.string().regex(/^[A-Za-z0-9._-]+$/),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }), secret: webhookSecret }),
)

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

/** The settings of the providers, for config.ts. */
export const providerSettings = {
  EMAIL_PROVIDER: z
    .enum(['smtp', 'sendgrid'], right('it must be smtp or sendgrid'))
    .default('smtp')
    .describe('who carries mail: `smtp` (SMTP_URL) or `sendgrid`'),
  SENDGRID_API_KEY: z.string().optional().describe('sends mail by SendGrid, with EMAIL_PROVIDER'),
  SENDGRID_URL: url('https://api.eu.sendgrid.com')
    .default('https://api.sendgrid.com')
    .describe('SendGrid’s API; accounts in the EU have another'),
  SENDGRID_WEBHOOK_KEY: z
    .string()
    .optional()
    .describe('public key of SendGrid’s signed event webhook: takes its receipts at /receipts/sendgrid'),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/i, right('it must read AC and 32 hex digits'))
    .optional()
    .describe('sends SMS by Twilio, with the next two'),
  TWILIO_AUTH_TOKEN: z
    .string()
    .optional()
    .describe('also verifies what comes in at /receipts/twilio: receipts and answers'),
  TWILIO_FROM: z
    .string()
    .regex(
      /^(\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-f]{32})$/i,
      right('it must be a number such as +4930123456, a short code, or a messaging service (MG…)'),
    )
    .optional()
    .describe('the number, short code or messaging service that SMS come from'),
  TWILIO_URL: url('https://api.twilio.com')
    .default('https://api.twilio.com')
    .describe('Twilio’s API; regions have others'),
  WEBHOOK_ENDPOINTS: endpoints().default({}).describe('JSON object: endpoint name to { url, secret }'),
}

/** Those that no sentence may quote. */
export const providerSecrets = ['WEBHOOK_ENDPOINTS', 'SENDGRID_API_KEY', 'TWILIO_AUTH_TOKEN']

/** The settings of a process, as config.ts gives them, as far as they concern channels. */
export interface Configured {
  readonly mailFrom: string
  readonly publicUrl: string
  readonly dkimDomain?: string
  readonly dkimSelector?: string
  readonly dkimPrivateKey?: string
  readonly emailProvider: NonNullable<ChannelSettings['emailProvider']>
  readonly sendgridApiKey?: string
  readonly sendgridUrl: string
  readonly sendgridWebhookKey?: string
  readonly twilioAccountSid?: string
  readonly twilioAuthToken?: string
  readonly twilioFrom?: string
  readonly twilioUrl: string
}

/** What the providers need, out of a process's settings. Mails go by the server at `smtpUrl` where SMTP carries them. */
export function channelSettings(
  config: Configured,
  { smtpUrl, ...standardWebhook }: WebhookSettings & { readonly smtpUrl?: string },
): ChannelSettings {
  const { mailFrom: from, publicUrl, dkimDomain, dkimSelector, dkimPrivateKey } = config
  const dkim = { domain: dkimDomain, selector: dkimSelector, privateKey: dkimPrivateKey }
  return {
    emailProvider: config.emailProvider,
    smtp: smtpUrl === undefined ? undefined : { url: smtpUrl, from, publicUrl, dkim },
    sendgrid: config.sendgridApiKey
      ? { apiKey: config.sendgridApiKey, url: config.sendgridUrl, from }
      : undefined,
    twilio: twilioSettings(config),
    standardWebhook,
    ...receiptSettings(config),
  }
}

/** What the receipts of the providers are verified with. */
export const receiptSettings = (
  config: Configured,
): Pick<ChannelSettings, 'sendgridReceipts' | 'twilioReceipts'> => ({
  sendgridReceipts: config.sendgridWebhookKey ? { publicKey: config.sendgridWebhookKey } : undefined,
  twilioReceipts: config.twilioAuthToken ? { authToken: config.twilioAuthToken } : undefined,
})

function twilioSettings(config: Configured): ChannelSettings['twilio'] {
  const { twilioAccountSid: accountSid, twilioAuthToken: authToken, twilioFrom: from } = config
  if (!accountSid || !authToken || !from) return undefined
  return { accountSid, authToken, from, url: config.twilioUrl, publicUrl: config.publicUrl }
}
