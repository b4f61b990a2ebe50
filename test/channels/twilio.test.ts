import { getExpectedTwilioSignature, validateRequest } from 'twilio'
import type { Arrival } from '../../channels'
import { keywordOf } from '../../channels/keywords'
import { phoneNumber } from '../../channels/number'
import { twilio } from '../../channels/phone/twilio'
import { twilioReceipts } from '../../channels/phone/twilio-receipts'
import { twilioWhatsapp } from '../../channels/phone/twilio-whatsapp'
import { twilioAccount, twilioDouble } from '../doubles/twilio'
import { hasConversations, timeouts } from './conversation'

const outgoing = {
  touchpointId: 't',
  ref: 'ref-1',
  address: '+4930123456',
  content: { text: 'Your order is late' },
  category: 'transactional',
} as const
const providerAt = (url: string, wrongKey = false, more = {}) =>
  twilio({
    ...twilioAccount,
    ...(wrongKey && { authToken: 'other' }),
    url,
    from: '+15005550006',
    publicUrl: 'https://shop.example',
    timeouts,
    ...more,
  })

describe('conversations', () => {
  hasConversations({
    double: twilioDouble,
    provider: providerAt,
    outgoing,
    idOf: ({ sid }) => sid,
    throttled: {
      says: {
        status: 429,
        headers: { 'retry-after': '60' },
        body: { code: 20429, message: 'Too Many Requests' },
      },
      retryAfterMs: 60_000,
    },
    refusals: [
      {
        name: 'a number that is none',
        outgoing: { ...outgoing, address: '+4930120000' },
        answer: {
          is: 'refused',
          because: "Twilio said: 21211 The 'To' number (address) is not a valid phone number.",
          address: 'dead',
        },
      },
      {
        name: 'a customer who has stopped it there',
        outgoing: { ...outgoing, address: '+4930121111' },
        answer: { is: 'refused', because: 'Twilio said: 21610 Attempt to send to unsubscribed recipient' },
      },
      {
        name: 'too long a text',
        outgoing: { ...outgoing, content: { text: 'x'.repeat(1_601) } },
        answer: {
          is: 'refused',
          because: 'Twilio said: 21617 The concatenated message body exceeds the 1600 character limit',
        },
      },
    ],
  })
})

test('a message asks for its receipts, under an address that the internet reaches', async () => {
  const double = await twilioDouble()
  for (const publicUrl of ['https://shop.example', 'http://127.0.0.1:3000', 'http://localhost:3000']) {
    const provider = providerAt(double.url, false, { publicUrl, from: `MG${'b'.repeat(32)}` })
    expect((await provider.send(outgoing, 'inline')).is).toBe('accepted')
    await provider.close?.()
  }
  await double.close()
  expect(double.taken.map(({ fields }) => fields.StatusCallback)).toEqual([
    'https://shop.example/receipts/twilio?ref=ref-1',
    undefined,
    undefined,
  ])
  expect(double.taken[0]!.fields).toMatchObject({
    To: '+4930123456',
    Body: 'Your order is late',
    MessagingServiceSid: `MG${'b'.repeat(32)}`,
  })
})

const whatsappAt = (url: string, wrongKey = false) =>
  twilioWhatsapp({
    ...twilioAccount,
    ...(wrongKey && { authToken: 'other' }),
    url,
    from: '+15005550006',
    publicUrl: 'https://shop.example',
    timeouts,
  })
const template = { id: `HX${'c'.repeat(32)}`, variables: { 1: 'Ada', 2: '4711' } }

describe('conversations by WhatsApp', () => {
  hasConversations({
    double: twilioDouble,
    provider: whatsappAt,
    outgoing: { ...outgoing, content: { template } },
    idOf: ({ sid }) => sid,
    throttled: { says: { status: 429, body: { code: 63018, message: 'Rate limit exceeded for Channel' } } },
    refusals: [
      {
        name: 'a number that is none',
        outgoing: { ...outgoing, address: '+4930120000' },
        answer: {
          is: 'refused',
          because: "Twilio said: 21211 The 'To' number whatsapp:(address) is not a valid phone number.",
          address: 'dead',
        },
      },
      {
        name: 'a template that is none',
        outgoing: { ...outgoing, content: { template: { ...template, id: 'HX1' } } },
        answer: { is: 'refused', because: 'Twilio said: 21655 The ContentSid parameter is invalid' },
      },
      {
        name: 'a variable without a value',
        outgoing: { ...outgoing, content: { template: { ...template, variables: { 1: '' } } } },
        answer: { is: 'refused', because: 'Twilio said: 21656 The ContentVariables Parameter is invalid' },
      },
    ],
  })

  test('a template goes with its variables, a text of ours by itself, both between WhatsApp addresses', async () => {
    const double = await twilioDouble()
    const provider = whatsappAt(double.url)
    await provider.send({ ...outgoing, content: { template } }, 'inline')
    await provider.send(outgoing, 'inline')
    await provider.close?.()
    await double.close()
    const [approved, own] = double.taken.map(({ fields }) => fields)
    const between = {
      To: 'whatsapp:+4930123456',
      From: 'whatsapp:+15005550006',
      StatusCallback: 'https://shop.example/receipts/twilio?ref=ref-1',
    }
    expect(approved).toEqual({
      ...between,
      ContentSid: template.id,
      ContentVariables: JSON.stringify(template.variables),
    })
    expect(own).toEqual({ ...between, Body: 'Your order is late' })
  })
})

const url = 'https://shop.example/receipts/twilio?ref=ref-1'
const source = twilioReceipts(twilioAccount)
const arrivalOf = (fields: Record<string, string>, more: Partial<Arrival> = {}): Arrival => ({
  body: Buffer.from(new URLSearchParams(fields).toString()),
  headers: { 'x-twilio-signature': getExpectedTwilioSignature(twilioAccount.authToken, url, fields) },
  url,
  now: 1_700_000_000_000,
  ...more,
})

describe('the signature', () => {
  const fields = {
    MessageSid: 'SM1',
    MessageStatus: 'delivered',
    To: '+4930123456',
    Body: 'ä & + =',
    Empty: '',
  }

  test('is right as Twilio’s own code makes it, also with a port that was added or left out', () => {
    expect(source.verify(arrivalOf(fields))).toBe(true)
    const withPort = 'https://shop.example:443/receipts/twilio?ref=ref-1'
    const signature = getExpectedTwilioSignature(twilioAccount.authToken, withPort, fields)
    expect(validateRequest(twilioAccount.authToken, signature, url, fields)).toBe(true)
    expect(source.verify(arrivalOf(fields, { headers: { 'x-twilio-signature': signature } }))).toBe(true)
  })

  // From Twilio's documentation on securing requests.
  test('of the published example is right', () => {
    const published = twilioReceipts({ authToken: '12345' })
    const example = { CallSid: 'CA1234567890ABCDE', Caller: '+12349013030', Digits: '1234', From: '+12349013030', To: '+18005551212' } // prettier-ignore
    const address = 'https://mycompany.com/myapp.php?foo=1&bar=2'
    const signature = '0/KCTR6DLpKmkAf8muzZqo1nDgQ='
    expect(validateRequest('12345', signature, address, example)).toBe(true)
    const arrival = arrivalOf(example, { url: address, headers: { 'x-twilio-signature': signature } })
    expect(published.verify(arrival)).toBe(true)
  })

  test.each<[string, Partial<Arrival>]>([
    ['another field', { body: Buffer.from('MessageSid=SM1&MessageStatus=failed') }],
    ['another address', { url: url.replace('ref-1', 'ref-2') }],
    ['none', { headers: {} }],
    ['an empty one', { headers: { 'x-twilio-signature': '' } }],
    [
      'one of another account',
      { headers: { 'x-twilio-signature': getExpectedTwilioSignature('x', url, fields) } },
    ],
  ])('is wrong: %s', (_, more) => {
    expect(source.verify(arrivalOf(fields, more))).toBe(false)
  })
})

describe('what is read', () => {
  const parse = (fields: Record<string, string>) => source.parse(arrivalOf({ MessageSid: 'SM1', ...fields }))

  test.each([
    ['delivered', '', { kind: 'delivered' }],
    ['read', '', { kind: 'opened' }],
    ['undelivered', '30005', { kind: 'bounced', hard: true, because: 'Twilio said: undelivered 30005' }],
    ['undelivered', '30003', { kind: 'bounced', hard: false, because: 'Twilio said: undelivered 30003' }],
    // Outside WhatsApp's window; not on WhatsApp, and perhaps to be reached by SMS.
    ['undelivered', '63016', { kind: 'bounced', hard: false, because: 'Twilio said: undelivered 63016' }],
    ['undelivered', '63024', { kind: 'bounced', hard: false, because: 'Twilio said: undelivered 63024' }],
    ['failed', '', { kind: 'bounced', hard: false, because: 'Twilio said: failed' }],
  ])('status %s %s', (status, code, said) => {
    expect(parse({ MessageStatus: status, ErrorCode: code, To: '+4930123456' })).toEqual([
      { id: `SM1:${status}`, at: 1_700_000_000_000, ref: 'ref-1', providerMessageId: 'SM1', ...said },
    ])
  })

  test.each(['queued', 'sending', 'sent', 'accepted', 'whatever'])('nothing of %s', (status) => {
    expect(parse({ MessageStatus: status })).toEqual([])
  })

  test('an answer, with whom it is from', () => {
    expect(parse({ Body: 'Yes please', From: '+4930123456', SmsStatus: 'received' })).toEqual([
      {
        id: 'SM1', at: 1_700_000_000_000, kind: 'replied', text: 'Yes please',
        from: { channel: 'sms', address: '+4930123456' },
      },
    ]) // prettier-ignore
    expect(parse({ Body: 'Ja', From: 'whatsapp:+4930123456', SmsStatus: 'received' })).toMatchObject([
      { kind: 'replied', from: { channel: 'whatsapp', address: '+4930123456' } },
    ])
    expect(source.parse(arrivalOf({}))).toEqual([])
  })

  test('a word that stops, starts or asks; what Twilio has confirmed is confirmed', () => {
    expect(parse({ Body: ' Stop! ', From: '+4930123456' })).toMatchObject([
      { kind: 'unsubscribed', keyword: 'stop', confirmed: false },
    ])
    expect(parse({ Body: 'Ende gut', From: '+4930123456', OptOutType: 'STOP' })).toMatchObject([
      { kind: 'unsubscribed', keyword: 'stop', confirmed: true },
    ])
    expect(parse({ Body: 'HILFE', From: '+4930123456' })).toMatchObject([{ kind: 'asked-help' }])
    expect(parse({ Body: 'start', From: '+4930123456' })).toMatchObject([{ kind: 'resubscribed' }])
  })

  test('texts are escaped in answers', () => {
    expect(source.answer!(arrivalOf({}), 'a < b & c').body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Message>a &lt; b &amp; c</Message></Response>',
    )
    expect(source.answer!(arrivalOf({}))).toEqual({
      type: 'text/xml',
      body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
    })
  })
})

test.each([
  ['stop', ['STOP', 'stop.', ' Stop all ', 'ARRÊT', 'arret', 'opt-out', 'Opt out', 'unsubscribe', 'Abmelden', 'baja', 'CANCEL', 'quit', 'end', 'revoke', 'СТОП', 'Stop 🛑']],
  ['start', ['start', 'UNSTOP', 'Inicio']],
  ['help', ['Help?', 'INFO', 'Hilfe!', 'ayuda']],
  [undefined, ['yes', 'Yes', 'no', 'please stop sending so early', 'stopover in Rome', '', '🛑', 'x'.repeat(10_000), 'toString', 'constructor']],
] as const)('keyword %s', (keyword, texts) => {
  for (const text of texts) expect([text, keywordOf(text)]).toEqual([text, keyword])
}) // prettier-ignore

test.each([
  ['+49 30 123456', '+4930123456'],
  ['0049 (30) 123-456', '+4930123456'],
  ['+1 415.555.2671', '+14155552671'],
  ['030 123456', undefined],
  ['+0301234567', undefined],
  ['ada', undefined],
  ['+4930123456;ext=1', undefined],
  ['+12345678901234567', undefined],
])('the number %s', (given, number) => {
  expect(phoneNumber(given)).toBe(number)
})
