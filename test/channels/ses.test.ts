import { sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Arrival } from '../../channels'
import { sesReceipts } from '../../channels/email/ses/receipts'
import { ses } from '../../channels/email/ses/ses'
import { signed } from '../../channels/email/ses/signature-v4'
import { allowed } from '../../channels/email/ses/sns'
import { sesDouble, sesKeys } from '../doubles/ses'
import { hasConversations, timeouts } from './conversation'

const outgoing = {
  touchpointId: 't',
  ref: 'ref_1-x',
  address: 'ada@example.com',
  content: { subject: 'Grüße', text: 'Hello Ada', html: '<p>Hello Ada</p>' },
  category: 'marketing',
  unsubscribeUrl: 'https://shop.example/unsubscribe/ref-1.x',
} as const
const providerAt = (url: string, wrongKey = false) =>
  ses({
    ...sesKeys,
    ...(wrongKey && { secretAccessKey: 'other' }),
    url,
    from: 'Läden <hello@shop.example>',
    configurationSet: 'journeys',
    timeouts,
  })

describe('conversations', () => {
  hasConversations({
    double: sesDouble,
    provider: providerAt,
    outgoing,
    idOf: ({ id }) => id,
    throttled: { says: { status: 429, headers: { 'x-amzn-errortype': 'TooManyRequestsException' } } },
    refusals: [
      {
        name: 'an address SES does not take',
        outgoing: { ...outgoing, address: 'blocked@example.com' },
        answer: {
          is: 'refused',
          because: 'Amazon SES said: MessageRejected Address (address) is not verified.',
        },
      },
      {
        name: 'an account that is paused is not the mail’s fault',
        outgoing: { ...outgoing, address: 'paused@example.com' },
        answer: {
          is: 'busy',
          because: 'Amazon SES said: SendingPausedException Sending is paused for this account.',
        },
      },
    ],
  })
})

test('the mail is the very one that SMTP would carry, with our ref as a tag', async () => {
  const double = await sesDouble()
  const provider = providerAt(double.url)
  await provider.send(outgoing, 'inline')
  await provider.close?.()
  await double.close()
  const [{ request, mail }] = double.taken as [(typeof double.taken)[number]]
  expect(request).toMatchObject({
    FromEmailAddress: 'hello@shop.example',
    Destination: { ToAddresses: ['ada@example.com'] },
    EmailTags: [{ Name: 'sojourn_ref', Value: 'ref_1-x' }],
    ConfigurationSetName: 'journeys',
  })
  const { subject, text, from, headers } = await mail
  expect([subject, text, from?.value]).toEqual([
    'Grüße',
    'Hello Ada',
    [{ name: 'Läden', address: 'hello@shop.example' }],
  ])
  expect(headers.get('list')).toMatchObject({
    unsubscribe: { url: 'https://shop.example/unsubscribe/ref-1.x' },
  })
})

// AWS's published test suite for Signature Version 4.
test.each([
  ['GET', '/', {}, '', 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['POST', '/', {}, '', 'host;x-amz-date', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ['GET', '/?Param1=value1&Param2=value2', {}, '', 'host;x-amz-date', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'],
  ['POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, 'Param1=value1', 'content-type;host;x-amz-date', 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'],
])('the signature of the published example %s %s %j', (method, target, headers, body, names, signature) => {
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
  const url = new URL(target, 'https://example.amazonaws.com')
  const now = new Date('2015-08-30T12:36:00Z')
  expect(signed(keys, { method, url, body, headers, region: 'us-east-1', service: 'service', now }).authorization).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
  )
}) // prettier-ignore

const folder = path.join(__dirname, 'sns')
const key = readFileSync(path.join(folder, 'key.pem'), 'utf8')
const certificate = readFileSync(path.join(folder, 'certificate.pem'), 'utf8')
const topicArn = 'arn:aws:sns:eu-central-1:123456789012:journeys'
const now = Date.parse('2027-01-04T12:00:00Z')
const certUrl = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem'

let fetched: string[]
beforeEach(() => {
  fetched = []
})
const source = () =>
  sesReceipts({
    topicArn,
    fetchText: async (url) => {
      fetched.push(url.href)
      return url.pathname.includes('none')
        ? undefined
        : url.pathname.includes('odd')
          ? 'no certificate'
          : certificate
    },
  })

/** A message as SNS signs it, by its documentation. */
function sns(more: Record<string, unknown> = {}, version: '1' | '2' = '2'): Record<string, any> {
  const message: Record<string, any> = {
    Type: 'Notification', MessageId: 'sns-1', TopicArn: topicArn, Message: 'none', Timestamp: '2027-01-04T11:59:00.000Z',
    SignatureVersion: version, SigningCertURL: certUrl, ...more,
  } // prettier-ignore
  const names = ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const text = names
    .flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
    .join('')
  const hash = version === '1' ? 'RSA-SHA1' : 'RSA-SHA256'
  return { ...message, Signature: sign(hash, Buffer.from(text), key).toString('base64') }
}

const arrivalOf = (message: unknown, at = now): Arrival => ({
  body: Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
  headers: { 'content-type': 'text/plain; charset=UTF-8' },
  url: 'https://shop.example/receipts/ses',
  now: at,
})

describe('the signature', () => {
  test('is right in both versions, with and without a subject; a certificate is fetched once', async () => {
    const one = source()
    for (const message of [sns(), sns({}, '1'), sns({ Subject: 'Amazon SES' }), sns({ Message: 'ä\n"{}' })])
      expect(await one.verify(arrivalOf(message))).toBe(true)
    expect(fetched).toEqual([certUrl])
  })

  test.each<[string, unknown]>([
    ['another message', { ...sns(), Message: 'other' }],
    ['another subject', { ...sns(), Subject: 'other' }],
    ['another’s topic', sns({ TopicArn: 'arn:aws:sns:eu-central-1:999999999999:journeys' })],
    ['an old message', sns({ Timestamp: '2027-01-04T10:50:00.000Z' })],
    ['one from tomorrow', sns({ Timestamp: '2027-01-05T10:50:00.000Z' })],
    ['no time', sns({ Timestamp: undefined })],
    ['no signature', { ...sns(), Signature: undefined }],
    ['an unknown version', { ...sns(), SignatureVersion: '3' }],
    ['another type', sns({ Type: 'Other' })],
    ['a certificate that is not there', sns({ SigningCertURL: certUrl.replace('0123', 'none') })],
    ['what is no certificate', sns({ SigningCertURL: certUrl.replace('0123', 'odd') })],
    ['what is no message', '<html>'],
    ['a list', []],
    ['nothing', ''],
  ])('is wrong: %s', async (_, message) => {
    expect(await source().verify(arrivalOf(message))).toBe(false)
  })

  test('a certificate counts while it is valid', async () => {
    const later = Date.parse('2200-01-01T00:00:00Z')
    expect(await source().verify(arrivalOf(sns({ Timestamp: '2200-01-01T00:00:00.000Z' }), later))).toBe(
      false,
    )
  })

  test.each([
    'http://sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com.evil.example/a.pem',
    'https://evil.example/sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com:8443/a.pem',
    'https://a@sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com@evil.example/a.pem',
    'https://evil.sns.eu-central-1.amazonaws.com/a.pem',
    'https://s3.eu-central-1.amazonaws.com/a.pem',
    'https://127.0.0.1/a.pem',
    'https://169.254.169.254/a.pem',
    'file:///etc/a.pem',
    'a.pem',
    '',
  ])('nothing is fetched from %s', async (url) => {
    expect(allowed(url)).toBeUndefined()
    expect(await source().verify(arrivalOf(sns({ SigningCertURL: url })))).toBe(false)
    await source().confirm!(arrivalOf(sns({ Type: 'SubscriptionConfirmation', SubscribeURL: url })))
    expect(fetched).toEqual([])
  })
})

test('a topic’s question is answered by calling the address it names', async () => {
  const subscribe = 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t'
  const message = sns({ Type: 'SubscriptionConfirmation', SubscribeURL: subscribe, Token: 't' })
  const one = source()
  expect(await one.verify(arrivalOf(message))).toBe(true)
  await one.confirm!(arrivalOf(message))
  expect(fetched).toEqual([certUrl, subscribe])
  expect(one.parse(arrivalOf(message))).toEqual([])
})

// The records are those of Amazon's documentation, with our ref among the tags.
const mail = {
  timestamp: '2017-08-05T00:40:02.012Z', source: 'Sender Name <sender@example.com>', messageId: 'EXAMPLE7c191be45',
  destination: ['recipient@example.com'], tags: { 'ses:configuration-set': ['ConfigSet'], sojourn_ref: ['ref-1'] },
} // prettier-ignore
const timestamp = '2017-08-05T00:41:02.669Z'
const at = Date.parse(timestamp)

test.each<[object, object[]]>([
  [{ eventType: 'Delivery', delivery: { timestamp, smtpResponse: '250 2.6.0 Message received' } }, [{ kind: 'delivered', at }]],
  [
    {
      eventType: 'Bounce',
      bounce: {
        bounceType: 'Permanent', bounceSubType: 'General', timestamp,
        bouncedRecipients: [{ emailAddress: 'recipient@example.com', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 recipient@example.com unknown' }],
      },
    },
    [{ kind: 'bounced', at, hard: true, because: 'smtp; 550 5.1.1 (address) unknown' }],
  ],
  [{ eventType: 'Bounce', bounce: { bounceType: 'Transient', bounceSubType: 'MailboxFull', timestamp } }, [{ kind: 'bounced', at, hard: false }]],
  [{ eventType: 'Complaint', complaint: { timestamp, complaintFeedbackType: 'abuse' } }, [{ kind: 'complained', at, because: 'abuse' }]],
  [{ eventType: 'Complaint', complaint: { timestamp, complaintFeedbackType: 'not-spam' } }, []],
  [{ eventType: 'DeliveryDelay', deliveryDelay: { timestamp, delayType: 'TransientCommunicationFailure' } }, [{ kind: 'deferred', at, because: 'TransientCommunicationFailure' }]],
  [{ eventType: 'Open', open: { timestamp, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 10_3_3 like Mac OS X)' } }, [{ kind: 'opened', at, machine: false }]],
  [{ eventType: 'Open', open: { timestamp, userAgent: 'Mozilla/5.0' } }, [{ kind: 'opened', at, machine: true }]],
  [{ eventType: 'Click', click: { timestamp, link: 'https://shop.example', userAgent: 'Mozilla/5.0 (Windows NT 6.1)' } }, [{ kind: 'clicked', at, machine: false, url: 'https://shop.example' }]],
  [{ eventType: 'Reject', reject: { reason: 'Bad content' } }, [{ kind: 'bounced', at: Date.parse(mail.timestamp), hard: false, because: 'Bad content' }]],
  [{ eventType: 'Subscription', subscription: { timestamp, newTopicPreferences: { unsubscribeAll: true } } }, [{ kind: 'unsubscribed', at }]],
  [{ eventType: 'Send', send: {} }, []],
  [{ eventType: 'valueOf' }, []],
  [{ eventType: 'Delivery' }, []],
])('%j', (event, receipts) => {
  const read = source().parse(arrivalOf(sns({ Message: JSON.stringify({ ...event, mail }) })))
  expect(read).toEqual(receipts.map((each) => ({ id: 'sns-1', ref: 'ref-1', providerMessageId: 'EXAMPLE7c191be45', ...each })))
}) // prettier-ignore

test('what is no event of SES is refused', () => {
  for (const odd of ['Successfully validated SNS topic', '[]', ''])
    expect(() => source().parse(arrivalOf(sns({ Message: odd })))).toThrow('The')
})
