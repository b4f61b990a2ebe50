import { z } from 'zod'
import type { ChannelSettings } from '.'
import { audienceSettingKeys, audienceSettings, type AudienceConfigured } from './audience/settings'
import { endpoint, namedEndpoints, parseJson } from './endpoints'
import type { TwilioSettings } from './phone/twilio-messages'
import {
  metaReceiptSettings,
  metaSecrets,
  metaSettingKeys,
  metaSettings,
  type MetaConfigured,
} from './phone/meta-settings'
import type { ReturnSettings } from './email/inbound'
import { mailReturnSettings } from './email/inbound/settings'
import { fcmSettings, pushSecrets, pushSettings, webPushSettings, type PushConfigured } from './push/settings'
import { slackSecrets, slackSettingKeys, slackSettings, type SlackConfigured } from './slack/settings'
import type { RouteStep } from './routes'
import type { WebhookSettings } from './signed-webhooks'

const right = (error: string) => ({ error })
const url = (example: string) =>
  z.url({ protocol: /^https?$/, ...right(`it must be a URL such as ${example}`) })

const accountName = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)

/** JSON of a schema, given as a text. */
const jsonOf = <Schema extends z.ZodType>(schema: Schema, example: string) =>
  z.string().transform((value, context): z.output<Schema> => {
    const parsed = schema.safeParse(parseJson(value))
    if (parsed.success) return parsed.data
    context.addIssue(`it must be a JSON object such as ${example}`)
    return z.NEVER
  })

/** The settings of the providers, for config.ts. */
export const providerSettings = {
  EMAIL_PROVIDER: z
    .enum(['smtp', 'sendgrid', 'postmark', 'ses'], right('it must be smtp, sendgrid, postmark or ses'))
    .default('smtp')
    .describe('who carries mail: `smtp` (SMTP_URL), `sendgrid`, `postmark` or `ses`'),
  ...mailReturnSettings,
  PROVIDER_ACCOUNTS: jsonOf(
    z.record(
      accountName,
      z.record(z.string(), z.string()).refine(({ provider }) => provider !== undefined),
    ),
    '{"brand-b": {"provider": "sendgrid", "SENDGRID_API_KEY": "…", "MAIL_FROM": "…"}}',
  )
    .default({})
    .describe(
      'JSON object: further accounts at providers, each with `provider` and the settings that differ',
    ),
  ROUTES: jsonOf(
    z.record(
      z.string(),
      z.array(
        z.strictObject({
          account: accountName,
          after: z.array(z.enum(['down', 'throttled'])).optional(),
          countries: z.array(z.string().regex(/^[A-Z]{2}$/)).optional(),
        }),
      ),
    ),
    '{"email": [{"account": "smtp"}, {"account": "sendgrid", "after": ["down"]}]}',
  )
    .default({})
    .describe(
      'JSON object: channel to the accounts that may carry it, in order; without it, one provider does',
    ),
  SENDGRID_API_KEY: z.string().optional().describe('sends mail by SendGrid, with EMAIL_PROVIDER'),
  SENDGRID_URL: url('https://api.eu.sendgrid.com')
    .default('https://api.sendgrid.com')
    .describe('SendGrid’s API; accounts in the EU have another'),
  SENDGRID_WEBHOOK_KEY: z
    .string()
    .optional()
    .describe('public key of SendGrid’s signed event webhook: takes its receipts at /receipts/sendgrid'),
  POSTMARK_TOKEN: z.string().optional().describe('server token: sends mail by Postmark, with EMAIL_PROVIDER'),
  POSTMARK_URL: url('https://api.postmarkapp.com')
    .default('https://api.postmarkapp.com')
    .describe('Postmark’s API'),
  POSTMARK_MARKETING_STREAM: z.string().default('broadcast').describe('Postmark’s stream for marketing'),
  POSTMARK_TRANSACTIONAL_STREAM: z.string().default('outbound').describe('and for all else'),
  POSTMARK_WEBHOOK_LOGIN: z
    .string()
    .regex(/^[^:]+:.{16,}$/, right('it must read name:password, the password at least 16 characters'))
    .optional()
    .describe('name:password that Postmark’s webhooks carry: takes its receipts at /receipts/postmark'),
  SES_REGION: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, right('it must be a region such as eu-central-1'))
    .optional()
    .describe('sends mail by Amazon SES, with EMAIL_PROVIDER and the next two'),
  SES_ACCESS_KEY_ID: z.string().optional().describe('of an IAM user who may ses:SendEmail'),
  SES_SECRET_ACCESS_KEY: z.string().optional().describe('its secret'),
  SES_CONFIGURATION_SET: z.string().optional().describe('the configuration set that publishes SES’s events'),
  SES_TOPIC_ARN: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
      right('it must read arn:aws:sns:region:account:topic'),
    )
    .optional()
    .describe('the SNS topic they go to: takes its receipts at /receipts/ses'),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/i, right('it must read AC and 32 hex digits'))
    .optional()
    .describe('sends SMS and WhatsApp by Twilio, with the token and a sender'),
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
  TWILIO_WHATSAPP_FROM: z
    .string()
    .regex(
      /^(\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/i,
      right('it must be a number such as +4930123456, or a messaging service (MG…)'),
    )
    .optional()
    .describe('the number or messaging service that WhatsApp messages come from'),
  TWILIO_URL: url('https://api.twilio.com')
    .default('https://api.twilio.com')
    .describe('Twilio’s API; regions have others'),
  ...metaSettingKeys,
  TASKS_WEBHOOK: z
    .string()
    .optional()
    .describe(
      'the endpoint in WEBHOOK_ENDPOINTS that is told of agents’ tasks, and whose secret signs orders to /webhooks/tasks',
    ),
  ...pushSettings,
  ...slackSettingKeys,
  ...audienceSettingKeys,
  WEBHOOK_ENDPOINTS: namedEndpoints(endpoint, '{"crm": {"url": "https://…", "secret": "whsec_…"}}')
    .default({})
    .describe('JSON object: endpoint name to { url, secret }'),
}

/** Those that no sentence may quote. */
export const providerSecrets = [
  'WEBHOOK_ENDPOINTS',
  'PROVIDER_ACCOUNTS',
  'AUDIENCE_ENDPOINTS',
  'SENDGRID_API_KEY',
  'POSTMARK_TOKEN',
  'POSTMARK_WEBHOOK_LOGIN',
  'SES_SECRET_ACCESS_KEY',
  'TWILIO_AUTH_TOKEN',
  ...metaSecrets,
  ...pushSecrets,
  ...slackSecrets,
]

/** The settings of a process, as config.ts gives them, as far as they concern channels. */
export interface Configured extends MetaConfigured, PushConfigured, SlackConfigured, AudienceConfigured {
  readonly mailFrom: string
  readonly publicUrl: string
  readonly dkimDomain?: string
  readonly dkimSelector?: string
  readonly dkimPrivateKey?: string
  readonly secretKeys?: readonly string[]
  readonly mailReturnDomain?: string
  readonly mailReplies: 'sender' | 'journeys'
  readonly emailProvider: NonNullable<ChannelSettings['emailProvider']>
  readonly sendgridApiKey?: string
  readonly sendgridUrl: string
  readonly sendgridWebhookKey?: string
  readonly postmarkToken?: string
  readonly postmarkUrl: string
  readonly postmarkMarketingStream: string
  readonly postmarkTransactionalStream: string
  readonly postmarkWebhookLogin?: string
  readonly sesRegion?: string
  readonly sesAccessKeyId?: string
  readonly sesSecretAccessKey?: string
  readonly sesConfigurationSet?: string
  readonly sesTopicArn?: string
  readonly twilioAccountSid?: string
  readonly twilioAuthToken?: string
  readonly twilioFrom?: string
  readonly twilioWhatsappFrom?: string
  readonly twilioUrl: string
  readonly webhookEndpoints: WebhookSettings['endpoints']
  readonly providerAccounts: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly routes: Readonly<Record<string, readonly RouteStep[]>>
}

/** What is not told by settings alone. */
export type Elsewhere = WebhookSettings & { readonly smtpUrl?: string }

/** What the providers need, out of a process's settings. Mails go by the server at `smtpUrl` where SMTP carries them. */
export function providersOf(config: Configured, elsewhere: Elsewhere): ChannelSettings {
  const { smtpUrl, ...standardWebhook } = elsewhere
  const { mailFrom: from, publicUrl, dkimDomain, dkimSelector, dkimPrivateKey } = config
  const dkim = { domain: dkimDomain, selector: dkimSelector, privateKey: dkimPrivateKey }
  return {
    emailProvider: config.emailProvider,
    smtp:
      smtpUrl === undefined
        ? undefined
        : { url: smtpUrl, from, publicUrl, dkim, returns: returnSettings(config) },
    sendgrid: config.sendgridApiKey
      ? { apiKey: config.sendgridApiKey, url: config.sendgridUrl, from }
      : undefined,
    postmark: postmarkSettings(config),
    ses: sesSettings(config),
    twilio: twilioSettings(config, config.twilioFrom),
    twilioWhatsapp: twilioSettings(config, config.twilioWhatsappFrom),
    metaWhatsapp: metaSettings(config),
    fcm: fcmSettings(config),
    webPush: webPushSettings(config, standardWebhook.allowPrivate),
    slack: slackSettings(config),
    audience: audienceSettings(config, standardWebhook.allowPrivate),
    standardWebhook,
    ...receiptSettings(config),
  }
}

/** What the receipts of the providers are verified with. */
export const receiptSettings = (
  config: Configured,
): Pick<ChannelSettings, Extract<keyof ChannelSettings, `${string}Receipts`>> => ({
  sendgridReceipts: config.sendgridWebhookKey ? { publicKey: config.sendgridWebhookKey } : undefined,
  postmarkReceipts: config.postmarkWebhookLogin ? { login: config.postmarkWebhookLogin } : undefined,
  sesReceipts: config.sesTopicArn ? { topicArn: config.sesTopicArn } : undefined,
  twilioReceipts: config.twilioAuthToken ? { authToken: config.twilioAuthToken } : undefined,
  metaReceipts: metaReceiptSettings(config),
  standardWebhookReceipts: webhookReceiptSettings(config.webhookEndpoints),
  slackReceipts: config.slackSigningSecret ? { signingSecret: config.slackSigningSecret } : undefined,
})

function webhookReceiptSettings(
  endpoints: WebhookSettings['endpoints'],
): ChannelSettings['standardWebhookReceipts'] {
  const secrets = Object.values(endpoints).map(({ secret }) => secret)
  return secrets.length > 0 ? { secrets } : undefined
}

/** Where mail comes back to; undefined where it goes to the sender's mailbox. */
export function returnSettings({
  mailReturnDomain: domain,
  mailReplies,
  secretKeys: secrets,
}: Pick<Configured, 'mailReturnDomain' | 'mailReplies' | 'secretKeys'>): ReturnSettings | undefined {
  return domain && secrets ? { domain, secrets, replies: mailReplies === 'journeys' } : undefined
}

function postmarkSettings(config: Configured): ChannelSettings['postmark'] {
  const { postmarkToken: token, postmarkUrl: url, mailFrom: from } = config
  const { postmarkMarketingStream: marketing, postmarkTransactionalStream: transactional } = config
  return token ? { token, url, from, streams: { marketing, transactional } } : undefined
}

function sesSettings(config: Configured): ChannelSettings['ses'] {
  const { sesRegion: region, sesAccessKeyId: accessKeyId, sesSecretAccessKey: secretAccessKey } = config
  if (!region || !accessKeyId || !secretAccessKey) return undefined
  const { sesConfigurationSet: configurationSet, mailFrom: from } = config
  return { region, accessKeyId, secretAccessKey, configurationSet, from }
}

function twilioSettings(config: Configured, from: string | undefined): TwilioSettings | undefined {
  const { twilioAccountSid: accountSid, twilioAuthToken: authToken, twilioUrl: url, publicUrl } = config
  return accountSid && authToken && from ? { accountSid, authToken, from, url, publicUrl } : undefined
}
