import type { Category } from './definition'

/** What to send: a channel, the message's name in catalog/messages, and what the template may use as `data`. */
export interface Message<Topic extends string = string> {
  readonly channel:
    'email' | 'sms' | 'whatsapp' | 'push' | 'web-push' | 'slack' | 'inbox' | 'audience' | 'webhook' | 'voice'
  readonly template: string
  readonly data?: Record<string, unknown>
  /** Webhooks: the name of the endpoint in WEBHOOK_ENDPOINTS. Slack: of the channel in SLACK_WEBHOOKS. Ad audiences: in AUDIENCE_ENDPOINTS. */
  readonly endpoint?: string
  /** Who carries it, where not everybody's provider does: a name in PROVIDER_ACCOUNTS, or a provider's. */
  readonly account?: string
  /** Default: the journey's. */
  readonly category?: Category
  /** What it is about, where customers may choose: a name in catalog/topics. */
  readonly topic?: Topic
}

/** An email to the customer's `email` trait: `email('care/welcome', { coupon })`. */
export const email = (template: string, data?: Record<string, unknown>): Message<never> => ({
  channel: 'email',
  template,
  data,
})

/** A text message to the customer's `phone` trait, which must be in E.164: `sms('orders/late')`. */
export const sms = (template: string, data?: Record<string, unknown>): Message<never> => ({
  channel: 'sms',
  template,
  data,
})

/** A WhatsApp message to the customer's `phone` trait, which must be in E.164: `whatsapp('orders/late')`. */
export const whatsapp = (template: string, data?: Record<string, unknown>): Message<never> => ({
  channel: 'whatsapp',
  template,
  data,
})

/** A notification of the app, to the device of the customer's that was seen last: `push('orders/late')`. */
export const push = (template: string, data?: Record<string, unknown>): Message<never> => ({
  channel: 'push',
  template,
  data,
})

/** A notification of the browser that was seen last of the customer's: `webPush('orders/late')`. */
export const webPush = (template: string, data?: Record<string, unknown>): Message<never> => ({
  channel: 'web-push',
  template,
  data,
})

/** A message in Slack to the customer's `slackId` trait, a person or a shared channel: `slack('orders/late')`. */
export const slack = (template: string, data?: Record<string, unknown>): Message<never> => ({
  channel: 'slack',
  template,
  data,
})

/** A message in a Slack channel of ours, by its name in SLACK_WEBHOOKS: `slackTo('alerts', 'care/stuck')`. */
export const slackTo = (
  endpoint: string,
  template: string,
  data?: Record<string, unknown>,
): Message<never> => ({
  channel: 'slack',
  endpoint,
  template,
  data,
})

/** A message in the customer's inbox, which your own app shows: `inbox('orders/late')`. */
export const inbox = (template: string, data?: Record<string, unknown>): Message<never> => ({
  channel: 'inbox',
  template,
  data,
})

/**
 * Puts the customer into an audience of an ad platform: `addToAudience('ads', 'win-back/lapsed')`, with the endpoint's name in
 * AUDIENCE_ENDPOINTS. It is marketing, whatever the journey is.
 */
export const addToAudience = (
  endpoint: string,
  template: string,
  data?: Record<string, unknown>,
): Message<never> => ({ channel: 'audience', endpoint, template, data, category: 'marketing' })

/** Takes the customer out again; consent to marketing, caps and suppression do not keep anybody in. */
export const removeFromAudience = (
  endpoint: string,
  template: string,
  data?: Record<string, unknown>,
): Message<never> => ({
  channel: 'audience',
  endpoint: `${endpoint}/remove`,
  template,
  data,
  category: 'transactional',
})

/** A signed webhook to a configured endpoint: `webhook('crm', 'care/help-needed')`. */
export const webhook = (
  endpoint: string,
  template: string,
  data?: Record<string, unknown>,
): Message<never> => ({
  channel: 'webhook',
  endpoint,
  template,
  data,
})

/** The same message as one the customer needs, not one we want to send: consent and caps for marketing do not apply. */
export const transactional = <Topic extends string>(message: Message<Topic>): Message<Topic> => ({
  ...message,
  category: 'transactional',
})

/** The same message on a topic that customers may choose: `about('product-news', email('news/may'))`. */
export const about = <Topic extends string>(topic: Topic, message: Message<Topic>): Message<Topic> => ({
  ...message,
  topic,
})

/** The same message by an account of its own: `via('brand-b', email('news/may'))`. */
export const via = <Topic extends string>(account: string, message: Message<Topic>): Message<Topic> => ({
  ...message,
  account,
})
