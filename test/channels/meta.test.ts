import { createHmac } from 'node:crypto'
import type { Arrival } from '../../channels'
import { metaReceipts } from '../../channels/phone/meta-receipts'
import { metaWhatsapp } from '../../channels/phone/meta-whatsapp'
import { metaDouble, metaFault, metaNumberId, metaPath, metaToken } from '../doubles/meta'
import { hasConversations, timeouts } from './conversation'

const template = { approved: { name: 'order_late', language: 'de' }, variables: { 2: '4711', 1: 'Ada' } }
const outgoing = {
  touchpointId: 't',
  ref: 'ref-1',
  address: '+4930123456',
  content: { text: 'Your order is late' },
  category: 'transactional',
} as const
const providerAt = (url: string, wrongKey = false) =>
  metaWhatsapp({
    token: wrongKey ? 'other' : metaToken,
    numberId: metaNumberId,
    url: `${url}/v25.0`,
    timeouts,
  })
const saying = (content: object) => ({ ...outgoing, content })
const refused = (because: string) => ({ is: 'refused', because: `Meta said: ${because}` })

describe('conversations', () => {
  hasConversations({
    double: metaDouble,
    provider: providerAt,
    outgoing,
    denied: '190',
    idOf: ({ id }) => id,
    throttled: { says: metaFault(400, 130429, '(#130429) Rate limit hit') },
    refusals: [
      {
        name: 'nobody who can be reached by WhatsApp, and perhaps by SMS',
        outgoing: { ...outgoing, address: '+4930120000' },
        answer: refused('131026 Message undeliverable'),
      },
      {
        name: 'a text of ours outside the 24 hours',
        outgoing: { ...outgoing, address: '+4930121111' },
        answer: refused('131047 Re-engagement message'),
      },
      {
        name: 'a template that is none',
        outgoing: saying({ template: { ...template, approved: { name: 'order_late', language: 'fr' } } }),
        answer: refused('132001 Template name does not exist in the translation'),
      },
      {
        name: 'a variable too few',
        outgoing: saying({ template: { ...template, variables: { 1: 'Ada' } } }),
        answer: refused('132000 Number of parameters does not match the expected number of params'),
      },
      {
        name: 'too long a text',
        outgoing: saying({ text: 'x'.repeat(4_097) }),
        answer: refused('100 Param text[body] must be at most 4096 characters long.'),
      },
      {
        name: 'a template of Twilio’s alone',
        outgoing: saying({ template: { id: `HX${'c'.repeat(32)}`, variables: {} } }),
        answer: { is: 'refused', because: 'the message names no template of Meta’s' },
      },
    ],
  })
})

test('texts, and templates by places or names, carry the ref', async () => {
  const double = await metaDouble()
  const provider = providerAt(double.url)
  const named = { approved: { name: 'order_named', language: 'en_US' }, variables: { first_name: 'Ada', order_id: '4711' } } // prettier-ignore
  const bare = { approved: { name: 'hello_world', language: 'en_US' }, variables: {} }
  for (const content of [outgoing.content, { template }, { template: named }, { template: bare }])
    expect((await provider.send(saying(content), 'inline')).is).toBe('accepted')
  await provider.close?.()
  await double.close()
  const common = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '+4930123456',
    biz_opaque_callback_data: 'ref-1',
  }
  const texts = (...list: object[]) => [
    { type: 'body', parameters: list.map((each) => ({ type: 'text', ...each })) },
  ]
  expect(double.taken.map(({ message }) => message)).toEqual([
    { ...common, type: 'text', text: { preview_url: false, body: 'Your order is late' } },
    {
      ...common,
      type: 'template',
      template: {
        name: 'order_late',
        language: { code: 'de' },
        components: texts({ text: 'Ada' }, { text: '4711' }),
      },
    },
    {
      ...common,
      type: 'template',
      template: {
        name: 'order_named',
        language: { code: 'en_US' },
        components: texts(
          { parameter_name: 'first_name', text: 'Ada' },
          { parameter_name: 'order_id', text: '4711' },
        ),
      },
    },
    { ...common, type: 'template', template: { name: 'hello_world', language: { code: 'en_US' } } },
  ])
})

test.each([
  [metaFault(400, 4, 'Application request limit reached'), { is: 'busy', fault: 'throttled' }],
  [metaFault(400, 80007, '(#80007) Rate limit issues'), { is: 'busy', fault: 'throttled' }],
  [metaFault(400, 131048, '(#131048) Spam rate limit hit'), { is: 'busy', fault: 'throttled' }],
  [metaFault(400, 131056, '(#131056) Pair rate limit hit'), { is: 'busy', retryAfterMs: 6_000 }],
  [metaFault(401, 0, 'AuthException'), { is: 'busy', fault: 'down' }],
  [metaFault(403, 368, '(#368) Temporarily blocked for policies violations'), { is: 'busy', fault: 'down' }],
  [metaFault(403, 200, '(#200) You do not have the necessary permissions'), { is: 'busy', fault: 'down' }],
  [metaFault(400, 131042, '(#131042) Business eligibility payment issue'), { is: 'busy', fault: 'down' }],
  [metaFault(503, 2, 'Temporary'), { is: 'busy', fault: 'down' }],
  [metaFault(500, 131016, '(#131016) Service overloaded'), { is: 'busy', fault: 'down' }],
  [metaFault(400, 1, 'API Unknown'), { is: 'unknown' }],
  [metaFault(500, 131000, '(#131000) Something went wrong'), { is: 'unknown' }],
  [metaFault(400, 131049, '(#131049) Message not delivered to keep a healthy ecosystem'), { is: 'refused' }],
  [{ status: 503 }, { is: 'busy', fault: 'down' }],
])('what its errors mean: %j', async (says, answer) => {
  const double = await metaDouble()
  const provider = providerAt(double.url)
  double.mood = says
  const got = await provider.send(outgoing, 'inline')
  await provider.close?.()
  await double.close()
  expect(got).toMatchObject(answer)
  expect('fault' in got ? got.fault : undefined).toBe((answer as { fault?: string }).fault)
})

const appSecret = 'an-app-secret'
const source = metaReceipts({
  appSecret,
  verifyToken: 'a-word-of-ours-123',
  url: 'https://graph.facebook.com/v25.0',
})
const signed = (
  signedOver: string | Buffer,
  body: string | Buffer = signedOver,
  secret = appSecret,
): Arrival => ({
  body: Buffer.from(body),
  headers: {
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(signedOver).digest('hex')}`,
  },
  url: 'https://shop.example/receipts/meta',
  now: 1_750_000_000_000,
})

describe('the signature', () => {
  // "The string äöå should be escaped to \u00e4\u00f6\u00e5", as Meta's documentation says of it.
  const escaped = '{"text":"\\u00e4\\u00f6\\u00e5 \\ud83d\\ude00"}'
  const plain = '{"text":"äöå 😀"}'

  test('is right over the bytes that came, and over them with their Unicode escaped', () => {
    expect(source.verify(signed(escaped))).toBe(true)
    expect(source.verify(signed(escaped, plain))).toBe(true)
    expect(source.verify(signed(plain))).toBe(true)
  })

  test.each<[string, Arrival]>([
    ['another body', signed(escaped, escaped.replace('4', '5'))],
    ['written anew', signed(escaped, escaped.replace(':', ': '))],
    ['another secret', signed(escaped, escaped, 'other')],
    ['none', { ...signed(escaped), headers: {} }],
    [
      'SHA-1 alone',
      { ...signed(escaped), headers: { 'x-hub-signature': signed(escaped).headers['x-hub-signature-256'] } },
    ],
    ['no digest', { ...signed(escaped), headers: { 'x-hub-signature-256': 'sha256=' } }],
  ])('is wrong: %s', (_, arrival) => {
    expect(source.verify(arrival)).toBe(false)
  })
})

describe('the question whether the address is ours', () => {
  // The request of Meta's documentation, with our word.
  const asked = {
    'hub.mode': 'subscribe',
    'hub.challenge': '1158201444',
    'hub.verify_token': 'a-word-of-ours-123',
  }

  test('is answered with its challenge', () => {
    expect(source.challenge!(asked)).toBe('1158201444')
  })

  test.each([
    { 'hub.verify_token': 'meatyhamhock' },
    { 'hub.verify_token': undefined },
    { 'hub.mode': 'unsubscribe' },
    { 'hub.challenge': '<script>' },
    { 'hub.challenge': undefined },
    { 'hub.verify_token': ['a-word-of-ours-123', 'b'] },
  ])('is not, with %j', (more) => {
    expect(source.challenge!({ ...asked, ...more })).toBeUndefined()
  })

  test('is not where no word was agreed on', () => {
    const wordless = metaReceipts({ appSecret, url: 'https://graph.facebook.com/v25.0' })
    expect(wordless.challenge!({ ...asked, 'hub.verify_token': '' })).toBeUndefined()
  })
})

describe('what is read', () => {
  const metadata = { display_phone_number: '15550783881', phone_number_id: metaNumberId }
  const told = (value: object, field = 'messages') =>
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '102290129340398',
          changes: [{ value: { messaging_product: 'whatsapp', metadata, ...value }, field }],
        },
      ],
    })
  const parse = (body: string) => source.parse(signed(body))
  const wamid = 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA='
  const customer = { contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: '16505551234' }] }
  const said = (message: object) => ({
    ...customer,
    messages: [{ from: '16505551234', id: wamid, timestamp: '1749416383', ...message }],
  })
  const common = { id: wamid, at: 1_749_416_383_000, from: { channel: 'whatsapp', address: '+16505551234' } }

  // The example of Meta's reference of the messages webhook.
  test('the published example', () => {
    const text = { type: 'text', text: { body: 'Does it come in another color?' } }
    expect(parse(told(said(text)))).toEqual([
      { ...common, kind: 'replied', text: 'Does it come in another color?' },
    ])
  })

  test.each<[string, object, string]>([
    ['a button of a template', { type: 'button', button: { payload: 'yes-1', text: 'Yes' } }, 'Yes'],
    ['a reply button', { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'change', title: 'Change' } } }, 'Change'],
    ['a row of a list', { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'p', title: 'Priority Mail', description: '1–3 days' } } }, 'Priority Mail'],
    ['a picture with words', { type: 'image', image: { id: '1', caption: 'This one' } }, 'This one'],
    ['a voice', { type: 'audio', audio: { id: '1' } }, ''],
  ])('an answer by %s, with what it answers', (_, message, text) => {
    expect(parse(told(said({ context: { from: '15550783881', id: 'wamid.ours' }, ...message })))).toEqual([
      { ...common, providerMessageId: 'wamid.ours', kind: 'replied', text },
    ])
  }) // prettier-ignore

  test.each([
    ['stop', 'Stop!', 'unsubscribed'],
    ['start', 'START', 'resubscribed'],
    ['help', 'Hilfe', 'asked-help'],
  ])('the word %s', (keyword, body, kind) => {
    expect(parse(told(said({ type: 'text', text: { body } })))).toMatchObject([{ kind, keyword }])
    expect(parse(told(said({ type: 'button', button: { text: body, payload: 'x' } })))).toMatchObject([
      { kind, keyword },
    ])
  })

  const status = (name: string, more: object = {}) =>
    told({
      statuses: [
        { id: wamid, status: name, timestamp: '1750030073', recipient_id: '16505551234', biz_opaque_callback_data: 'ref-1', ...more },
      ],
    }) // prettier-ignore
  const ours = { at: 1_750_030_073_000, ref: 'ref-1', providerMessageId: wamid }
  const failed = (code: number, title: string) =>
    status('failed', { errors: [{ code, title, message: title, error_data: { details: title } }] })

  test('statuses, with the touchpoint that they mean', () => {
    expect(parse(status('sent', { pricing: { billable: true } }))).toEqual([])
    expect(parse(status('delivered'))).toEqual([{ ...ours, id: `${wamid}:delivered`, kind: 'delivered' }])
    expect(parse(status('read'))).toEqual([{ ...ours, id: `${wamid}:read`, kind: 'opened' }])
    expect(parse(failed(131047, 'Re-engagement message'))).toEqual([
      { ...ours, id: `${wamid}:failed`, kind: 'bounced', hard: false, because: 'Meta said: failed 131047 Re-engagement message' },
    ]) // prettier-ignore
    expect(parse(status('failed'))).toMatchObject([{ kind: 'bounced', because: 'Meta said: failed' }])
  })

  test('who stopped marketing in WhatsApp itself has unsubscribed', () => {
    const receipts = parse(failed(131050, 'User has stopped marketing messages'))
    expect(receipts.map(({ kind }) => kind)).toEqual(['bounced', 'unsubscribed'])
    expect(new Set(receipts.map(({ id }) => id)).size).toBe(2)
  })

  test('of many at once, all', () => {
    const both = told({
      messages: [
        said({ type: 'text', text: { body: 'a' } }).messages[0],
        { id: 'wamid.2', type: 'text', text: { body: 'b' } },
      ],
      statuses: [{ id: 'wamid.3', status: 'read' }],
    })
    expect(parse(both).map(({ id, at }) => [id, at])).toEqual([
      ['wamid.3:read', 1_750_000_000_000],
      [wamid, 1_749_416_383_000],
      ['wamid.2', 1_750_000_000_000],
    ])
  })

  test.each([
    told({ errors: [{ code: 130429, title: 'Rate limit hit' }] }),
    told(said({ type: 'reaction', reaction: { message_id: 'wamid.ours', emoji: '👍' } })),
    told(said({ type: 'unsupported', errors: [{ code: 131051 }] })),
    told(said({ type: 'text', text: 'no object' })),
    told({ statuses: [{ status: 'read' }, null, 'x'], messages: {} }),
    told({ event: 'APPROVED', message_template_id: 1 }, 'message_template_status_update'),
    '{"object":"page","entry":[]}',
    '{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages"}]}]}',
    '[]',
    'null',
  ])('nothing of %s', (body) => {
    expect(parse(body)).toEqual([])
  })

  test('what is no JSON is said to be none', () => {
    expect(() => parse('<html>')).toThrow('The body is not JSON.')
  })
})

describe('an answer to STOP', () => {
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        changes: [
          {
            field: 'messages',
            value: {
              metadata: { phone_number_id: metaNumberId },
              messages: [{ from: '4930123456', id: 'wamid.1', type: 'text', text: { body: 'STOP' } }],
            },
          },
        ],
      },
    ],
  })

  test('goes to who wrote, from the number they wrote to; refused, it says why', async () => {
    const double = await metaDouble()
    const own = metaReceipts({ appSecret, token: metaToken, url: `${double.url}/v25.0`, timeouts })
    const arrival = signed(body)
    const [receipt] = own.parse(arrival)
    await own.say!(arrival, receipt!, 'You get no more')
    expect(double.taken.map(({ message }) => message)).toEqual([
      {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: '+4930123456',
        type: 'text',
        text: { preview_url: false, body: 'You get no more' },
      },
    ])
    const stranger = metaReceipts({ appSecret, token: 'other', url: `${double.url}/v25.0`, timeouts })
    await expect(stranger.say!(arrival, receipt!, 'You get no more')).rejects.toThrow('Meta said: 190')
    await double.close()
    expect(metaPath).toContain(metaNumberId)
  })

  test('is not given without a token', () => {
    expect(source.say).toBeUndefined()
  })
})
