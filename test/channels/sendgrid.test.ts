import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { MalformedReceipt, type Arrival } from '../../channels'
import { sendgrid, sendgridReceipts } from '../../channels/email/sendgrid'
import { sendgridDouble, sendgridKey } from '../doubles/sendgrid'
import { hasConversations, timeouts } from './conversation'

const outgoing = {
  touchpointId: 't',
  ref: 'ref-1',
  address: 'ada@example.com',
  content: { subject: 'Hello', text: 'Hello Ada', html: '<p>Hello Ada</p>' },
  category: 'marketing',
  unsubscribeUrl: 'https://shop.example/unsubscribe/ref-1.x',
} as const
const providerAt = (url: string, wrongKey = false) =>
  sendgrid({ url, apiKey: wrongKey ? 'SG.other' : sendgridKey, from: 'Shop <hello@shop.example>', timeouts })

describe('conversations', () => {
  hasConversations({
    double: sendgridDouble,
    provider: providerAt,
    outgoing,
    idOf: ({ id }) => id,
    throttled: {
      says: { status: 429, headers: { 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 60) } },
      retryAfterMs: 61_000,
    },
    refusals: [
      {
        name: 'an address SendGrid does not take',
        outgoing: { ...outgoing, address: 'refused@example.com' },
        answer: {
          is: 'refused',
          because:
            'SendGrid said: Does not contain a valid address: (address) (personalizations.0.to.0.email)',
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

test('a mail carries our ref, both texts, and one-click unsubscribing where it is marketing', async () => {
  const double = await sendgridDouble()
  const provider = providerAt(double.url)
  await provider.send(outgoing, 'inline')
  await provider.send({ ...outgoing, category: 'transactional' }, 'inline')
  await provider.close?.()
  await double.close()
  const [marketing, transactional] = double.taken
  expect(marketing).toMatchObject({ to: 'ada@example.com', ref: 'ref-1' })
  expect(marketing!.mail).toMatchObject({
    from: { email: 'hello@shop.example', name: 'Shop' },
    subject: 'Hello',
    content: [
      { type: 'text/plain', value: 'Hello Ada' },
      { type: 'text/html', value: '<p>Hello Ada</p>' },
    ],
    headers: {
      'List-Unsubscribe': '<https://shop.example/unsubscribe/ref-1.x>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  })
  expect(transactional!.mail.headers).toBeUndefined()
})

// The vectors of SendGrid's own library.
const published = [
  {
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
    signature:
      'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
    timestamp: '1600112502',
    payload: `${JSON.stringify([
      {
        email: 'hello@world.com',
        event: 'dropped',
        reason: 'Bounced Address',
        sg_event_id: 'ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA',
        sg_message_id: 'LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0',
        'smtp-id': '<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>',
        timestamp: 1600112492,
      },
    ])}\r\n`,
  },
  {
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQ4LIFtWztlsF7skFqOncjD1lun4H5w8XOhyOArHW9RcIx/FfEzx6cikC/yPfUvwaX/JScE7Fc9CJD2afQ9Ok3Q==',
    signature:
      'MEYCIQC/I4o6vCgqRYrTljjoVWB/GRWNtxeePlLMHr3x9ETeRQIhAIpV+03nREPTTHWSW0wIOA0EoMPdcNgXa70yCaqDJlu5',
    timestamp: '1619651159',
    payload: `${JSON.stringify([
      {
        email: 'invalid@gmail.com',
        event: 'processed',
        send_at: 0,
        sg_event_id: 'cHJvY2Vzc2VkLTE5OTQyMTEyLXFOd0JMZ1BRUWpXNkRKdktRd1NBYnctMA',
        sg_message_id: 'qNwBLgPQQjW6DJvKQwSAbw.filterdrecv-canary-547b64655b-cw6zx-1-6089EA4A-56.0',
        'smtp-id': '<qNwBLgPQQjW6DJvKQwSAbw@ismtpd0178p1mdw1.sendgrid.net>',
        timestamp: 1619651146,
      },
      {
        email: 'invalid@gmail.com',
        event: 'bounce',
        ip: '167.89.101.76',
        reason:
          '552 5.2.2 The email account that you tried to reach is over quota and inactive. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaPerm c17si1130468pgv.34 - gsmtp',
        sg_event_id: 'Ym91bmNlLTAtMTk5NDIxMTItcU53QkxnUFFRalc2REp2S1F3U0Fidy0w',
        sg_message_id: 'qNwBLgPQQjW6DJvKQwSAbw.filterdrecv-canary-547b64655b-cw6zx-1-6089EA4A-56.0',
        'smtp-id': '<qNwBLgPQQjW6DJvKQwSAbw@ismtpd0178p1mdw1.sendgrid.net>',
        status: '5.2.2',
        timestamp: 1619651147,
        tls: 1,
        type: 'blocked',
      },
    ])
      .split('},{')
      .join('},\r\n{')}\r\n`,
  },
]

type Signed = (typeof published)[number]

const arrivalOf = ({ signature, timestamp, payload }: Signed, now = Number(timestamp) * 1_000): Arrival => ({
  body: Buffer.from(payload),
  headers: {
    'x-twilio-email-event-webhook-signature': signature,
    'x-twilio-email-event-webhook-timestamp': timestamp,
  },
  url: 'https://shop.example/receipts/sendgrid',
  now,
})

describe('the signature', () => {
  test.each(published)('of a published example is right, for SendGrid’s own code too', (example) => {
    const theirs = new EventWebhook()
    const key = theirs.convertPublicKeyToECDSA(example.key)
    expect(theirs.verifySignature(key, example.payload, example.signature, example.timestamp)).toBe(true)
    expect(sendgridReceipts({ publicKey: example.key }).verify(arrivalOf(example))).toBe(true)
  })

  const [example] = published as [Signed, Signed]
  const source = sendgridReceipts({ publicKey: example.key })
  test.each<[string, Arrival]>([
    ['another body', arrivalOf({ ...example, payload: example.payload.replace('dropped', 'delivered') })],
    [
      'the same JSON, written anew',
      arrivalOf({ ...example, payload: JSON.stringify(JSON.parse(example.payload)) }),
    ],
    ['another time', arrivalOf({ ...example, timestamp: '1600112503' })],
    ['a time without a number', arrivalOf({ ...example, timestamp: '' }, 1_600_112_502_000)],
    ['another signature', arrivalOf({ ...example, signature: published[1]!.signature })],
    ['no signature', arrivalOf({ ...example, signature: '' })],
    ['what is none', arrivalOf({ ...example, signature: 'not base64 !!' })],
    ['no headers', { ...arrivalOf(example), headers: {} }],
    ['eleven minutes ago', arrivalOf(example, (1_600_112_502 + 11 * 60) * 1_000)],
    ['eleven minutes ahead', arrivalOf(example, (1_600_112_502 - 11 * 60) * 1_000)],
  ])('is wrong: %s', (_, arrival) => {
    expect(source.verify(arrival)).toBe(false)
  })

  test('another account’s key is refused; a key that is none at once', () => {
    expect(sendgridReceipts({ publicKey: published[1]!.key }).verify(arrivalOf(example))).toBe(false)
    expect(() => sendgridReceipts({ publicKey: 'none' })).toThrow('SENDGRID_WEBHOOK_KEY must be')
  })
})

describe('what is read', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const source = sendgridReceipts({
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  })
  const arrival = (payload: string) => arrivalOf(signed(payload, privateKey))
  const parse = (entry: object) =>
    source
      .parse(arrival(JSON.stringify([{ ...common, ...entry }])))
      .map(({ id: _, at: __, ref: ___, providerMessageId: ____, ...said }) => said)
  const common = {
    email: 'ada@example.com', timestamp: 1513299569, sg_event_id: 'e-1', sg_message_id: 'm-1.filter0', sojourn_ref: 'ref-1',
  } // prettier-ignore

  test('ids, time and ref', () => {
    const entry = { ...common, event: 'delivered', response: '250 OK' }
    expect(source.verify(arrival(JSON.stringify([entry])))).toBe(true)
    expect(source.parse(arrival(JSON.stringify([entry])))).toEqual([
      { id: 'e-1', kind: 'delivered', at: 1513299569000, ref: 'ref-1', providerMessageId: 'm-1' },
    ])
  })

  test.each<[object, object[]]>([
    [{ event: 'processed' }, []],
    [{ event: 'constructor' }, []],
    [{ event: 'deferred', response: '400 try again later' }, [{ kind: 'deferred', because: '400 try again later' }]],
    [
      { event: 'bounce', type: 'bounce', reason: '550 5.1.1 <ada@example.com> unknown' },
      [{ kind: 'bounced', hard: true, because: '550 5.1.1 <(address)> unknown' }],
    ],
    [{ event: 'bounce', type: 'blocked', reason: '552 full' }, [{ kind: 'bounced', hard: false, because: '552 full' }]],
    [{ event: 'dropped', reason: 'Bounced Address' }, [{ kind: 'bounced', hard: true, because: 'Bounced Address' }]],
    [{ event: 'dropped', reason: 'Unsubscribed Address' }, [{ kind: 'unsubscribed', because: 'Unsubscribed Address' }]],
    [{ event: 'dropped', reason: 'Spam Reporting Address' }, [{ kind: 'complained', because: 'Spam Reporting Address' }]],
    [{ event: 'spamreport' }, [{ kind: 'complained' }]],
    [{ event: 'unsubscribe' }, [{ kind: 'unsubscribed' }]],
    [{ event: 'group_unsubscribe', asm_group_id: 10 }, [{ kind: 'unsubscribed' }]],
    [{ event: 'group_resubscribe', asm_group_id: 10 }, [{ kind: 'resubscribed' }]],
    [
      { event: 'click', url: 'https://shop.example/offer', useragent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0' },
      [{ kind: 'clicked', machine: false, url: 'https://shop.example/offer' }],
    ],
    [{ event: 'open', useragent: 'Mozilla/4.0 (compatible; MSIE 6.1; Windows XP)' }, [{ kind: 'opened', machine: false }]],
    [{ event: 'open', sg_machine_open: true }, [{ kind: 'opened', machine: true }]],
    [{ event: 'open', useragent: 'Mozilla/5.0' }, [{ kind: 'opened', machine: true }]],
    [
      { event: 'open', useragent: 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)' },
      [{ kind: 'opened', machine: true }],
    ],
  ])('%j', (entry, said) => {
    expect(parse(entry)).toEqual(said)
  }) // prettier-ignore

  test('what has no id or no time is left out; what is no list is refused', () => {
    expect(parse({ event: 'delivered', sg_event_id: undefined })).toEqual([])
    expect(parse({ event: 'delivered', timestamp: 'soon' })).toEqual([])
    expect(source.parse(arrival('[1, null, "x"]'))).toEqual([])
    for (const odd of ['{"event":"delivered"}', '<html>', '', '\xff'])
      expect(() => source.parse(arrival(odd))).toThrow(MalformedReceipt)
  })
})

function signed(payload: string, key: KeyObject): Signed {
  const timestamp = '1600112502'
  const signature = sign('sha256', Buffer.from(timestamp + payload), key).toString('base64')
  return { key: '', signature, timestamp, payload }
}
