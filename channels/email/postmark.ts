import type { Receipt } from '../../sdk'
import {
  MalformedReceipt,
  type Answer,
  type Arrival,
  type Outgoing,
  type Patience,
  type Provider,
  type ReceiptSource,
} from '../channel'
import { httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../http'
import { isObject, jsonIn, objectOf, textOf, type JsonObject } from '../json'
import { isMachine } from '../machine'
import { masked } from '../masked'
import { same } from '../signed'
import { emailOf, mailbox, noMailbox } from './address'
import { oneClick, REF, senderOf } from './mime'

export interface PostmarkSettings {
  /** The server's token. */
  readonly token: string
  readonly url: string
  /** `Name <address>` or a bare address. */
  readonly from: string
  /** Postmark keeps marketing and transactional mail in streams apart. */
  readonly streams: { readonly marketing: string; readonly transactional: string }
  readonly timeouts?: Partial<HttpTimeouts>
}

/** Email by Postmark's API. It knows no repeats: what it may have taken is not sent again. */
export function postmark(settings: PostmarkSettings): Provider {
  const client = httpClient(settings.timeouts)
  senderOf(settings.from)

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const to = mailbox(outgoing.address)
    if (!to) return noMailbox
    const headers = {
      'x-postmark-server-token': settings.token,
      accept: 'application/json',
      'content-type': 'application/json',
    }
    const body = JSON.stringify(mailOf(settings, outgoing, to))
    return verdict(
      await client.post({ url: `${settings.url}/email`, headers, body }, patience),
      readingFor(to),
    )
  }

  return {
    name: 'postmark',
    channel: 'email',
    idempotent: false,
    address: emailOf,
    send,
    close: client.close,
  }
}

const mailOf = ({ from, streams }: PostmarkSettings, outgoing: Outgoing, to: string): object => ({
  From: from,
  To: to,
  Subject: outgoing.content.subject,
  TextBody: outgoing.content.text,
  HtmlBody: outgoing.content.html,
  Headers: oneClick(outgoing).map(([Name, Value]) => ({ Name, Value })),
  Metadata: { [REF]: outgoing.ref },
  MessageStream: streams[outgoing.category],
})

const readingFor = (to: string): Reading => ({
  provider: 'Postmark',
  accepted: ({ json }) => {
    const { ErrorCode, MessageID } = objectOf(json)
    return ErrorCode === 0 ? textOf(MessageID) : undefined
  },
  refused: (answer) => refusal(answer, to),
})

/** Of what it answers with 422, these are about the mail: an address that is none, one it sends nothing to any more, a size. */
const ABOUT_THE_MAIL = [300, 406, 413]

function refusal({ status, json }: HttpAnswer, to: string): Answer {
  const { ErrorCode, Message } = objectOf(json)
  const because =
    `Postmark said: ${String(ErrorCode ?? status)} ${masked(textOf(Message) ?? '', [to])}`.trim()
  const isOurs = typeof ErrorCode === 'number' && !ABOUT_THE_MAIL.includes(ErrorCode)
  return { is: isOurs ? 'busy' : 'refused', because }
}

export interface PostmarkReceiptSettings {
  /** `name:password`, as they stand in the webhook's address. */
  readonly login: string
}

/** Webhooks that carry a name and a password: Postmark signs nothing. */
export function postmarkReceipts({ login }: PostmarkReceiptSettings): ReceiptSource {
  return {
    provider: 'postmark',
    verify: ({ headers }) => knows(login, headers.authorization),
    parse: (arrival) => receiptsOf(arrival),
  }
}

function knows(login: string, authorization = ''): boolean {
  const [, given = ''] = /^basic +(\S+)$/i.exec(authorization) ?? []
  return same(Buffer.from(login), Buffer.from(given, 'base64'))
}

function receiptsOf({ body }: Arrival): Receipt[] {
  const record = jsonIn(body)
  if (!isObject(record)) throw new MalformedReceipt('The body is not a JSON object.')
  const type = textOf(record.RecordType) ?? ''
  const said = Object.hasOwn(meanings, type) ? meanings[type]!(record) : undefined
  if (!said || Number.isNaN(said.at)) return []
  const messageId = textOf(record.MessageID)
  const own = record.ID === undefined ? said.at : String(record.ID)
  return [
    {
      ...said,
      id: [type, messageId, own, said.url].filter(Boolean).join(':'),
      ref: textOf(objectOf(record.Metadata)[REF]),
      providerMessageId: messageId,
    },
  ]
}

type Said = Omit<Receipt, 'id' | 'ref' | 'providerMessageId'>

const timeOf = (value: unknown): number => Date.parse(textOf(value) ?? '')

const meanings: Readonly<Record<string, (record: JsonObject) => Said | undefined>> = {
  Delivery: ({ DeliveredAt }) => ({ kind: 'delivered', at: timeOf(DeliveredAt) }),
  Bounce: (record) => bounce(record),
  SpamComplaint: ({ BouncedAt }) => ({ kind: 'complained', at: timeOf(BouncedAt) }),
  Open: ({ ReceivedAt, UserAgent }) => ({
    kind: 'opened',
    at: timeOf(ReceivedAt),
    machine: isMachine(textOf(UserAgent)),
  }),
  Click: ({ ReceivedAt, UserAgent, OriginalLink }) => ({
    kind: 'clicked',
    at: timeOf(ReceivedAt),
    machine: isMachine(textOf(UserAgent)),
    url: textOf(OriginalLink),
  }),
  SubscriptionChange: (record) => subscription(record),
}

/** Types after which nobody can ever be reached. */
const HARD = ['HardBounce', 'BadEmailAddress']

function bounce({ Type, BouncedAt, Details, Description, Email }: JsonObject): Said | undefined {
  const at = timeOf(BouncedAt)
  const words = textOf(Details) ?? textOf(Description)
  const because = words === undefined ? undefined : masked(words, [textOf(Email) ?? ''])
  switch (Type) {
    case 'AutoResponder':
    case 'AddressChange':
    case 'OpenRelayTest':
      return undefined
    case 'Transient':
      return { kind: 'deferred', at, because }
    case 'Unsubscribe':
      return { kind: 'unsubscribed', at }
    case 'Subscribe':
      return { kind: 'resubscribed', at }
    case 'SpamComplaint':
      return { kind: 'complained', at, because }
    default:
      return { kind: 'bounced', at, hard: HARD.includes(String(Type)), because }
  }
}

/** The customer's own doing alone: bounces and complaints have records of their own, and a way back names no message. */
function subscription({
  Origin,
  SuppressSending,
  SuppressionReason,
  ChangedAt,
  Recipient,
}: JsonObject): Said | undefined {
  if (Origin !== 'Recipient') return undefined
  const from = { channel: 'email', address: textOf(Recipient) ?? '' }
  const at = timeOf(ChangedAt)
  if (SuppressSending === false) return { kind: 'resubscribed', at, from }
  return SuppressionReason === 'ManualSuppression' ? { kind: 'unsubscribed', at, from } : undefined
}
