import { MalformedReceipt, type Arrival } from '../../channels'
import { postmark, postmarkReceipts } from '../../channels/email/postmark'
import { postmarkDouble, postmarkToken } from '../doubles/postmark'
import { hasConversations, timeouts } from './conversation'

const outgoing = {
  touchpointId: 't',
  ref: 'ref-1',
  address: 'ada@example.com',
  content: { subject: 'Hello', text: 'Hello Ada', html: '<p>Hello Ada</p>' },
  category: 'marketing',
  unsubscribeUrl: 'https://shop.example/unsubscribe/ref-1.x',
} as const
const providerAt = (url: string, wrongKey = false, from = 'Shop <hello@shop.example>') =>
  postmark({
    url,
    from,
    token: wrongKey ? 'other' : postmarkToken,
    streams: { marketing: 'broadcast', transactional: 'outbound' },
    timeouts,
  })

describe('conversations', () => {
  hasConversations({
    double: postmarkDouble,
    provider: providerAt,
    outgoing,
    idOf: ({ id }) => id,
    throttled: { says: { status: 429 } },
    refusals: [
      {
        name: 'a recipient who is inactive there',
        outgoing: { ...outgoing, address: 'inactive@example.com' },
        answer: {
          is: 'refused',
          because:
            'Postmark said: 406 You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: (address)',
        },
      },
      {
        name: 'no address at all',
        outgoing: { ...outgoing, address: 'ada at example' },
        answer: { is: 'refused', because: 'the address is not a valid email address' },
      },
    ],
  })
})

test('a mail goes by the stream of its category, with our ref; a sender it does not know is ours to mend', async () => {
  const double = await postmarkDouble()
  const provider = providerAt(double.url)
  await provider.send(outgoing, 'inline')
  await provider.send({ ...outgoing, category: 'transactional' }, 'inline')
  const stranger = providerAt(double.url, false, 'hello@other.example')
  expect(await stranger.send(outgoing, 'inline')).toMatchObject({
    is: 'busy',
    because: expect.stringContaining('400'),
  })
  await provider.close?.()
  await stranger.close?.()
  await double.close()
  expect(double.taken.map(({ mail }) => [mail.MessageStream, mail.Headers.length, mail.Metadata])).toEqual([
    ['broadcast', 2, { sojourn_ref: 'ref-1' }],
    ['outbound', 0, { sojourn_ref: 'ref-1' }],
  ])
})

const source = postmarkReceipts({ login: 'postmark:a-password' })
const arrivalOf = (record: unknown, authorization?: string): Arrival => ({
  body: Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)),
  headers: { authorization },
  url: 'https://shop.example/receipts/postmark',
  now: Date.now(),
})
const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`

test.each([
  [true, basic('postmark:a-password')],
  [false, basic('postmark:a-passwore')],
  [false, basic('postmark:a-password ')],
  [false, basic('')],
  [false, 'Basic'],
  [false, 'Bearer a-password'],
  [false, undefined],
])('the login is right: %s', (right, authorization) => {
  expect(source.verify(arrivalOf({}, authorization))).toBe(right)
})

// The records are those of Postmark's documentation, with our ref.
const common = {
  MessageStream: 'outbound', MessageID: 'm-1', ServerID: 1234, Metadata: { sojourn_ref: 'ref-1' }, Tag: 'Test',
} // prettier-ignore
const at = Date.parse('2019-11-05T16:33:54.907Z')
const bounced = {
  RecordType: 'Bounce',
  ID: 42,
  Email: 'john@example.com',
  BouncedAt: '2019-11-05T16:33:54.9070259Z',
}

test.each<[object, object[]]>([
  [
    { RecordType: 'Delivery', Recipient: 'john@example.com', DeliveredAt: '2019-11-05T16:33:54.9070259Z', Details: 'Test' },
    [{ kind: 'delivered', at, id: `Delivery:m-1:${at}` }],
  ],
  [
    { ...bounced, Type: 'HardBounce', TypeCode: 1, Details: 'no john@example.com here' },
    [{ kind: 'bounced', at, hard: true, because: 'no (address) here', id: 'Bounce:m-1:42' }],
  ],
  [{ ...bounced, Type: 'SoftBounce' }, [{ kind: 'bounced', at, hard: false, id: 'Bounce:m-1:42' }]],
  [{ ...bounced, Type: 'Transient' }, [{ kind: 'deferred', at, id: 'Bounce:m-1:42' }]],
  [{ ...bounced, Type: 'AutoResponder' }, []],
  [
    { RecordType: 'SpamComplaint', ID: 42, Email: 'john@example.com', BouncedAt: '2019-11-05T16:33:54.9070259Z' },
    [{ kind: 'complained', at, id: 'SpamComplaint:m-1:42' }],
  ],
  [
    { RecordType: 'Open', FirstOpen: true, ReceivedAt: '2019-11-05T16:33:54.9070259Z', UserAgent: 'Mozilla/5.0 (Macintosh) AppleWebKit/537.36' },
    [{ kind: 'opened', at, machine: false, id: `Open:m-1:${at}` }],
  ],
  [
    { RecordType: 'Click', OriginalLink: 'https://example.com', ReceivedAt: '2019-11-05T16:33:54.9070259Z', UserAgent: 'python-requests/2.3' },
    [{ kind: 'clicked', at, machine: true, url: 'https://example.com', id: `Click:m-1:${at}:https://example.com` }],
  ],
  [
    { RecordType: 'SubscriptionChange', ChangedAt: '2019-11-05T16:33:54.9070259Z', Recipient: 'a@example.com', Origin: 'Recipient', SuppressSending: true, SuppressionReason: 'ManualSuppression' },
    [{ kind: 'unsubscribed', at, from: { channel: 'email', address: 'a@example.com' }, id: `SubscriptionChange:m-1:${at}` }],
  ],
  [{ RecordType: 'SubscriptionChange', ChangedAt: '2019-11-05T16:33:54Z', Origin: 'Recipient', SuppressSending: true, SuppressionReason: 'HardBounce' }, []],
  [{ RecordType: 'SubscriptionChange', ChangedAt: '2019-11-05T16:33:54Z', Origin: 'Admin', SuppressSending: true, SuppressionReason: 'ManualSuppression' }, []],
  [{ RecordType: 'Inbound' }, []],
  [{ RecordType: 'toString' }, []],
  [{ RecordType: 'Delivery', DeliveredAt: 'soon' }, []],
])('%j', (record, receipts) => {
  const read = source.parse(arrivalOf({ ...common, ...record }))
  expect(read).toEqual(receipts.map((each) => ({ ref: 'ref-1', providerMessageId: 'm-1', ...each })))
}) // prettier-ignore

test('what is no record is refused', () => {
  for (const odd of ['[]', 'null', '<html>', ''])
    expect(() => source.parse(arrivalOf(odd))).toThrow(MalformedReceipt)
})
