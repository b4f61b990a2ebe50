import { z } from 'zod'
import { parseJson } from '../endpoints'
import type { SlackSettings } from './slack'

const right = (error: string) => ({ error })

const webhooks = z.record(z.string().regex(/^[a-z][a-z0-9._-]*$/), z.url({ protocol: /^https?$/ }))

/** The settings of Slack, for config.ts. */
export const slackSettingKeys = {
  SLACK_BOT_TOKEN: z
    .string()
    .regex(/^xoxb-\S+$/, right('it must be a bot token, which begins with xoxb-'))
    .optional()
    .describe('writes to customers in Slack: the token of a bot that may chat:write'),
  SLACK_WEBHOOKS: z
    .string()
    .transform((value, context) => {
      const parsed = webhooks.safeParse(parseJson(value))
      if (parsed.success) return parsed.data
      context.addIssue(
        'it must be a JSON object such as {"alerts": "https://hooks.slack.com/services/…"}, each name beginning with a small letter',
      )
      return z.NEVER
    })
    .default({})
    .describe('JSON object: name to incoming webhook of a Slack channel'),
  SLACK_SIGNING_SECRET: z.string().optional().describe('of the Slack app: takes answers at /receipts/slack'),
  SLACK_URL: z
    .url({ protocol: /^https?$/, ...right('it must be a URL such as https://slack.com/api') })
    .default('https://slack.com/api')
    .describe('where Slack’s API is'),
}

export const slackSecrets = ['SLACK_BOT_TOKEN', 'SLACK_WEBHOOKS', 'SLACK_SIGNING_SECRET']

export interface SlackConfigured {
  readonly slackBotToken?: string
  readonly slackWebhooks: Readonly<Record<string, string>>
  readonly slackSigningSecret?: string
  readonly slackUrl: string
}

export function slackSettings(config: SlackConfigured): SlackSettings | undefined {
  const { slackBotToken: botToken, slackWebhooks, slackUrl: url } = config
  if (!botToken && Object.keys(slackWebhooks).length === 0) return undefined
  return { botToken, url, webhooks: slackWebhooks }
}
