import type { Answer, Outgoing, Patience, Provider } from '../../channel'
import { httpClient, verdict, type HttpAnswer, type HttpTimeouts, type Reading } from '../../http'
import { objectOf, textOf } from '../../json'
import { masked } from '../../masked'
import { emailOf, mailbox, noMailbox } from '../address'
import { compose, REF, senderOf } from '../mime'
import { signed, type AwsKeys } from './signature-v4'

export interface SesSettings extends AwsKeys {
  readonly region: string
  /** Default: SES's own in the region. */
  readonly url?: string
  /** `Name <address>` or a bare address. */
  readonly from: string
  /** The configuration set, which publishes what becomes of mails. */
  readonly configurationSet?: string
  readonly timeouts?: Partial<HttpTimeouts>
}

/** Email by Amazon SES's API, version 2. It knows no repeats: what it may have taken is not sent again. */
export function ses(settings: SesSettings): Provider {
  const { region, url = `https://email.${region}.amazonaws.com` } = settings
  const client = httpClient(settings.timeouts)
  const from = senderOf(settings.from)
  const target = new URL(`${url}/v2/email/outbound-emails`)

  async function send(outgoing: Outgoing, patience: Patience): Promise<Answer> {
    const to = mailbox(outgoing.address)
    if (!to) return noMailbox
    const raw = await compose(outgoing, from, to)
    const body = JSON.stringify(mailOf(settings, outgoing, { raw, from: from.address, to }))
    const { host: _, ...headers } = signed(settings, {
      method: 'POST',
      url: target,
      body,
      region,
      service: 'ses',
      headers: { 'content-type': 'application/json' },
      now: new Date(),
    })
    return verdict(await client.post({ url: target.href, headers, body }, patience), readingFor(to))
  }

  return { name: 'ses', channel: 'email', idempotent: false, address: emailOf, send, close: client.close }
}

interface Mail {
  readonly raw: Buffer
  readonly from: string
  readonly to: string
}

const mailOf = ({ configurationSet }: SesSettings, { ref }: Outgoing, { raw, from, to }: Mail): object => ({
  FromEmailAddress: from,
  Destination: { ToAddresses: [to] },
  Content: { Raw: { Data: raw.toString('base64') } },
  EmailTags: [{ Name: REF, Value: ref }],
  ...(configurationSet && { ConfigurationSetName: configurationSet }),
})

const readingFor = (to: string): Reading => ({
  provider: 'Amazon SES',
  accepted: ({ json }) => textOf(objectOf(json).MessageId),
  refused: (answer) => refusal(answer, to),
})

/** Of the errors with 400, these are about the account; the others about the mail. */
const OUR_SIDE = [
  'AccountSuspendedException',
  'SendingPausedException',
  'MailFromDomainNotVerifiedException',
  'LimitExceededException',
]

function refusal({ status, headers, json }: HttpAnswer, to: string): Answer {
  const type = String(headers['x-amzn-errortype'] ?? status).split(':', 1)[0]!
  const { message, Message } = objectOf(json)
  const said = masked(textOf(message) ?? textOf(Message) ?? '', [to])
  const because = `Amazon SES said: ${type} ${said}`.trim()
  return { is: OUR_SIDE.includes(type) ? 'busy' : 'refused', because }
}
