import type { Receipt } from '../../../sdk'
import { MalformedReceipt, type Arrival, type ReceiptSource } from '../../channel'
import { isObject, jsonIn, objectOf, textOf, type JsonObject } from '../../json'
import { isMachine } from '../../machine'
import { masked } from '../../masked'
import { REF } from '../mime'
import { confirmSubscription, snsMessageIn, SnsSignatures, type FetchText } from './sns'

export interface SesReceiptSettings {
  /** The topic that the configuration set publishes to: others are signed by AWS too, and are anybody's. */
  readonly topicArn: string
  /** For tests. */
  readonly fetchText?: FetchText
}

// SNS goes on trying for an hour at most.
const OLDEST_MS = 65 * 60_000
const AHEAD_MS = 10 * 60_000

/** What Amazon SES publishes to an SNS topic of ours. */
export function sesReceipts({ topicArn, fetchText }: SesReceiptSettings): ReceiptSource {
  const signatures = new SnsSignatures(fetchText)
  return {
    provider: 'ses',
    async verify({ body, now }) {
      const message = snsMessageIn(body)
      const age = now - Date.parse(message?.Timestamp ?? '')
      if (!message || message.TopicArn !== topicArn || !(age < OLDEST_MS && age > -AHEAD_MS)) return false
      return signatures.verify(message, now)
    },
    async confirm({ body }) {
      const message = snsMessageIn(body)
      if (message?.Type === 'SubscriptionConfirmation') await confirmSubscription(message, fetchText)
    },
    parse: (arrival) => receiptsOf(arrival),
  }
}

function receiptsOf({ body }: Arrival): Receipt[] {
  const message = snsMessageIn(body)
  if (message?.Type !== 'Notification') return []
  const event = jsonIn(message.Message ?? '')
  if (!isObject(event)) throw new MalformedReceipt('The message is not an event of SES.')
  const type = textOf(event.eventType) ?? textOf(event.notificationType) ?? ''
  const said = Object.hasOwn(meanings, type) ? meanings[type]!(event) : undefined
  if (!said || Number.isNaN(said.at)) return []
  const mail = objectOf(event.mail)
  const tags = objectOf(mail.tags)[REF]
  return [
    {
      ...said,
      id: message.MessageId ?? '',
      ref: Array.isArray(tags) ? textOf(tags[0]) : undefined,
      providerMessageId: textOf(mail.messageId),
    },
  ]
}

type Said = Omit<Receipt, 'id' | 'ref' | 'providerMessageId'>

const timeOf = (part: JsonObject): number => Date.parse(textOf(part.timestamp) ?? '')

const meanings: Readonly<Record<string, (event: JsonObject) => Said | undefined>> = {
  Delivery: ({ delivery }) => ({ kind: 'delivered', at: timeOf(objectOf(delivery)) }),
  Bounce: ({ bounce }) => bounced(objectOf(bounce)),
  Complaint: ({ complaint }) => complained(objectOf(complaint)),
  DeliveryDelay: ({ deliveryDelay }) => {
    const { delayType, ...delay } = objectOf(deliveryDelay)
    return { kind: 'deferred', at: timeOf(delay), because: textOf(delayType) }
  },
  Reject: ({ reject, mail }) => ({
    kind: 'bounced',
    at: timeOf(objectOf(mail)),
    hard: false,
    because: textOf(objectOf(reject).reason),
  }),
  Open: ({ open }) => ({ kind: 'opened', at: timeOf(objectOf(open)), machine: byMachine(objectOf(open)) }),
  Click: ({ click }) => {
    const { link, ...rest } = objectOf(click)
    return { kind: 'clicked', at: timeOf(rest), machine: byMachine(rest), url: textOf(link) }
  },
  Subscription: ({ subscription }) => subscribed(objectOf(subscription)),
}

const byMachine = ({ userAgent }: JsonObject): boolean => isMachine(textOf(userAgent))

/** Permanent bounces name a mailbox that is not there; those that SES suppressed by itself, one that it knows of. */
const HARD = ['General', 'NoEmail', 'Suppressed', 'OnAccountSuppressionList']

function bounced(bounce: JsonObject): Said {
  const { bounceType, bounceSubType, bouncedRecipients } = bounce
  const recipient = objectOf(Array.isArray(bouncedRecipients) ? bouncedRecipients[0] : undefined)
  const words = textOf(recipient.diagnosticCode)
  return {
    kind: 'bounced',
    at: timeOf(bounce),
    hard: bounceType === 'Permanent' && HARD.includes(String(bounceSubType)),
    because: words === undefined ? undefined : masked(words, [textOf(recipient.emailAddress) ?? '']),
  }
}

/** `not-spam` is what people say of mail that was taken for spam. */
function complained(complaint: JsonObject): Said | undefined {
  if (complaint.complaintFeedbackType === 'not-spam') return undefined
  return { kind: 'complained', at: timeOf(complaint), because: textOf(complaint.complaintFeedbackType) }
}

function subscribed(subscription: JsonObject): Said | undefined {
  const preferences = objectOf(subscription.newTopicPreferences)
  if (preferences.unsubscribeAll !== true) return undefined
  return { kind: 'unsubscribed', at: timeOf(subscription) }
}
