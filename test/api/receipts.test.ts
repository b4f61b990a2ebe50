import { createReceiptSources } from '../../channels'
import { suppressionKey } from '../../store'
import type { TouchpointRequest } from '../../store/store'
import { twilioAccount } from '../doubles/twilio'
import {
  fromSendgrid,
  fromSlack,
  fromTwilio,
  fromWebhook,
  post,
  sendgridReceiptKey,
  slackSigningSecret,
  type Posted,
} from '../receipts/signed'
import { stopAll, testApi, type TestApi } from './support'

const publicUrl = 'https://shop.example'
const twilioAddress = `${publicUrl}/receipts/twilio`
const otherSecret = `whsec_${Buffer.alloc(24, 'other').toString('base64')}`
const deskSecret = `whsec_${Buffer.alloc(24, 'desk').toString('base64')}`
const receiptSources = createReceiptSources({
  sendgridReceipts: { publicKey: sendgridReceiptKey },
  twilioReceipts: twilioAccount,
  standardWebhookReceipts: { secrets: [otherSecret, deskSecret] },
  slackReceipts: { signingSecret: slackSigningSecret },
})

let api: TestApi
beforeAll(async () => {
  api = await testApi({ publicUrl, receiptSources })
})
afterAll(stopAll)

const phone = '+4930123456'
let count = 0

/** A customer with one touchpoint that went out. */
async function reached(more: Partial<TouchpointRequest> = {}, address = 'ada@example.com') {
  const customerId = `ada-${++count}`
  const id = `journey:${customerId}:1:mail`
  const channel = more.channel ?? 'email'
  await api.store.customers.identify(customerId, { email: address, locale: 'de-DE' }, 0)
  await api.store.touchpoints.reserve(
    {
      id, enrollmentId: `journey:${customerId}`, entry: 1, journey: 'journey', customerId, step: 'mail', channel,
      message: 'm', category: 'marketing', provider: 'sendgrid', at: Date.now(), ...more,
    },
    60_000,
    () => ({ judgment: { is: 'allowed', verdicts: [] }, priority: 1, address: suppressionKey(channel, address) }),
  ) // prettier-ignore
  const providerMessageId = more.channel === 'slack' ? `${address}:1` : `m-${count}`
  const row = await api.store.touchpoints.settle(id, { status: 'sent', providerMessageId })
  return { customerId, row, providerMessageId }
}

const entryFor = (more: object) => ({
  email: 'ada@example.com',
  timestamp: 1_700_000_000,
  event: 'delivered',
  ...more,
})
const eventsOf = async (customerId: string) =>
  (await api.store.events.ofCustomer(customerId, { limit: 50 })).items.toReversed()
const sendgrid = (posted: Posted) => post(api.url, '/receipts/sendgrid', posted)
const texted = (fields: Record<string, string>) =>
  post(
    api.url,
    '/receipts/twilio',
    fromTwilio(twilioAddress, { From: phone, To: '+1', SmsStatus: 'received', ...fields }),
  )

test('receipts become events of the customer, found by our ref or by the provider’s id', async () => {
  const { customerId, row, providerMessageId } = await reached()
  const answer = await sendgrid(
    fromSendgrid([
      entryFor({ sg_event_id: 'one', sojourn_ref: row.ref }),
      entryFor({
        sg_event_id: 'two',
        event: 'open',
        sg_message_id: `${providerMessageId}.filter1`,
        useragent: 'Mozilla/5.0',
      }),
    ]),
  )
  expect([answer.status, answer.text]).toEqual([200, '{"success":true}'])
  const events = await eventsOf(customerId)
  expect(events).toMatchObject([
    {
      kind: 'receipt',
      messageId: 'receipt:sendgrid:one',
      name: 'Message Delivered',
      occurredAt: 1_700_000_000_000,
      properties: {
        kind: 'delivered', touchpoint: row.id, enrollment: row.enrollmentId, entry: 1, step: 'mail', channel: 'email',
      },
    },
    { messageId: 'receipt:sendgrid:two', name: 'Message Opened', properties: { machine: true } },
  ]) // prettier-ignore
  expect(JSON.stringify(events)).not.toContain('ada@example.com')
})

test('the same receipt counts once, however often it comes', async () => {
  const { customerId, row } = await reached()
  const posted = fromSendgrid([entryFor({ sg_event_id: 'thrice', sojourn_ref: row.ref })])
  const answers = await Promise.all([sendgrid(posted), sendgrid(posted), sendgrid(posted)])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await eventsOf(customerId)).toHaveLength(1)
})

describe('Slack', () => {
  const slack = (posted: Posted) => post(api.url, '/receipts/slack', posted)

  test('gets back the word by which it asks whether the address is ours', async () => {
    const asks = fromSlack({ type: 'url_verification', challenge: '3eZbrw1a' })
    const { status, type, text } = await slack(asks)
    expect([status, type, text]).toEqual([200, expect.stringContaining('text/plain'), '3eZbrw1a'])
    const forged = await slack({ ...asks, headers: { ...asks.headers, 'x-slack-signature': 'v0=00' } })
    expect([forged.status, forged.text.includes('3eZbrw1a')]).toEqual([401, false])
  })

  test('brings answers, by the thread or by who wrote to the app, once each', async () => {
    const { customerId, row } = await reached({ channel: 'slack', provider: 'slack' }, 'U1')
    const other = await reached({ channel: 'slack', provider: 'slack' }, 'C1')
    const message = { type: 'message', user: 'U1', channel: 'D1', ts: '1700000001.000100', text: 'Yes' }
    const event = { ...message, channel_type: 'im' }
    const posted = fromSlack({ type: 'event_callback', event_id: 'Ev1', event })
    expect((await slack(posted)).status).toBe(200)
    expect((await slack(posted)).status).toBe(200)
    const threaded = { ...message, channel_type: 'channel', channel: 'C1', thread_ts: '1' }
    await slack(fromSlack({ type: 'event_callback', event_id: 'Ev2', event: threaded }))
    expect(await eventsOf(customerId)).toMatchObject([
      {
        messageId: 'receipt:slack:Ev1',
        name: 'Message Replied',
        properties: { text: 'Yes', touchpoint: row.id },
      },
    ])
    expect(await eventsOf(other.customerId)).toMatchObject([
      { messageId: 'receipt:slack:Ev2', properties: { touchpoint: other.row.id } },
    ])
  })
})

describe('what is not signed touches nothing', () => {
  const genuine = () => fromSendgrid([entryFor({ sg_event_id: 'forged' })])
  test.each<[string, () => Posted]>([
    ['no signature', () => ({ ...genuine(), headers: {} })],
    ['another body', () => ({ ...genuine(), body: fromSendgrid([entryFor({ sg_event_id: 'other' })]).body })],
    [
      'the body written anew',
      () => ({ ...genuine(), body: JSON.stringify(JSON.parse(String(genuine().body)), null, 1) }),
    ],
    ['too old', () => fromSendgrid([entryFor({ sg_event_id: 'forged' })], Date.now() - 11 * 60_000)],
    ['nothing at all', () => ({ body: '', headers: {} })],
  ])('%s', async (_, posted) => {
    const { customerId, row } = await reached()
    const { status, type, text } = await sendgrid(posted())
    expect([status, type, JSON.parse(text).code]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
      'unsigned',
    ])
    expect(await eventsOf(customerId)).toEqual([])
    expect((await api.store.touchpoints.get(row.id))?.receipts).toEqual([])
  })

  test('Twilio’s neither', async () => {
    const posted = fromTwilio(`${twilioAddress}?ref=other`, { MessageSid: 'SM1', MessageStatus: 'delivered' })
    expect((await post(api.url, '/receipts/twilio', posted)).status).toBe(401)
  })
})

describe('receivers of our webhooks', () => {
  const says = (posted: Posted) => post(api.url, '/receipts/standard-webhook', posted)
  const answers = (webhookId: string, more: object = {}) => ({
    type: 'message.replied',
    timestamp: '2027-03-01T09:00:00Z',
    data: { webhookId, text: 'Yes, call me', ...more },
  })
  const asked = () => reached({ channel: 'webhook', provider: 'standard-webhook' })

  test('tell what came of it, in the form in which we send', async () => {
    const { customerId, row, providerMessageId } = await asked()
    const posted = fromWebhook(deskSecret, answers(providerMessageId), 'desk-1')
    for (const { status } of [await says(posted), await says(posted)]) expect(status).toBe(200)
    expect(await eventsOf(customerId)).toMatchObject([
      {
        messageId: 'receipt:standard-webhook:desk-1',
        occurredAt: Date.parse('2027-03-01T09:00:00Z'),
        properties: { kind: 'replied', text: 'Yes, call me', touchpoint: row.id },
      },
    ])
  })

  test('may give a signature of an older secret beside it', async () => {
    const { customerId, providerMessageId } = await asked()
    const { body, headers } = fromWebhook(deskSecret, answers(providerMessageId), 'desk-2')
    const both = { ...headers, 'webhook-signature': `v1,AAAA v1a,x ${headers['webhook-signature']}` }
    expect((await says({ body, headers: both })).status).toBe(200)
    expect(await eventsOf(customerId)).toHaveLength(1)
  })

  test('say nothing of what others carried', async () => {
    const { customerId, row } = await reached()
    const bounce = { type: 'message.bounced', data: { webhookId: row.ref, hard: true } }
    expect((await says(fromWebhook(deskSecret, bounce, 'desk-3'))).status).toBe(200)
    expect(await eventsOf(customerId)).toEqual([])
  })

  test.each<[string, (genuine: Posted) => Posted]>([
    ['no signature', ({ body }) => ({ body, headers: {} })],
    ['a secret of nobody', ({ body }) => fromWebhook(`whsec_${Buffer.alloc(24, 'x').toString('base64')}`, String(body), 'forged')],
    ['too old', ({ body }) => fromWebhook(deskSecret, String(body), 'forged', Date.now() - 6 * 60_000)],
    ['of the future', ({ body }) => fromWebhook(deskSecret, String(body), 'forged', Date.now() + 6 * 60_000)],
    ['another id', (genuine) => ({ ...genuine, headers: { ...genuine.headers, 'webhook-id': 'other' } })],
    ['the body written anew', ({ body, headers }) => ({ headers, body: JSON.stringify(JSON.parse(String(body)), null, 1) })],
    ['another version of the form', ({ body, headers }) => ({ body, headers: { ...headers, 'webhook-signature': headers['webhook-signature']!.replace('v1,', 'v2,') } })],
  ])('are not heard with %s', async (_, forged) => {
    const { customerId, providerMessageId } = await asked()
    const posted = forged(fromWebhook(deskSecret, answers(providerMessageId), 'forged'))
    expect((await says(posted)).status).toBe(401)
    expect(await eventsOf(customerId)).toEqual([])
  }) // prettier-ignore

  test('may say odd things, which are none or refused', async () => {
    for (const odd of [{}, { type: 'message.constructor' }, { type: 'message.replied', data: 1 }, { type: 'invoice.paid' }])
      expect((await says(fromWebhook(deskSecret, odd, 'odd'))).status).toBe(200)
    for (const odd of ['<html>', '[]', 'null', '"x"'])
      expect((await says(fromWebhook(deskSecret, odd, 'odd'))).status).toBe(400)
  }) // prettier-ignore
})

test('bodies over 1 MB are refused before anything is read of them', async () => {
  for (const bytes of [1024 * 1024 + 1, 10 * 1024 * 1024])
    expect((await sendgrid({ ...fromSendgrid([]), body: 'x'.repeat(bytes) })).status).toBe(413)
})

test('what is signed and no list of events is refused; odd entries are left out', async () => {
  const { status, text } = await sendgrid(fromSendgrid('<html>'))
  expect([status, JSON.parse(text).code]).toEqual([400, 'invalid-json'])
  expect((await sendgrid(fromSendgrid([null, 1, {}, { event: 'delivered' }]))).status).toBe(200)
})

test('providers that are none, or not configured, are not found', async () => {
  for (const provider of ['nobody', 'constructor', 'smtp'])
    expect((await post(api.url, `/receipts/${provider}`, fromSendgrid([]))).status).toBe(404)
  const bare = await testApi()
  expect((await post(bare.url, '/receipts/sendgrid', fromSendgrid([]))).status).toBe(404)
})

test('a receipt may come before our own record of the message, and one for nobody does no harm', async () => {
  const early = [
    entryFor({ sg_event_id: 'early', sg_message_id: `m-${count + 1}.filter` }),
    entryFor({ sg_event_id: 'nobody’s', sg_message_id: 'm-of-nobody.filter', sojourn_ref: 'ref-of-nobody' }),
  ]
  expect((await sendgrid(fromSendgrid(early))).status).toBe(200)
  expect(await api.store.receipts.place(10)).toBe(0)
  const { customerId } = await reached()
  while ((await api.store.receipts.place(10)) === 0) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await eventsOf(customerId)).toMatchObject([{ messageId: 'receipt:sendgrid:early' }])
  await sendgrid(fromSendgrid(early))
  expect(await eventsOf(customerId)).toHaveLength(1)
})

describe('answers by text', () => {
  test('belong to the newest message to the number, whatever its customer', async () => {
    await reached({ channel: 'sms', provider: 'twilio' }, phone)
    const { customerId, row } = await reached({ channel: 'sms', provider: 'twilio' }, '0049 30 123456')
    const { status, type, text } = await texted({ MessageSid: 'SM-yes', Body: 'Yes' })
    expect([status, type]).toEqual([200, 'text/xml; charset=utf-8'])
    expect(text).toContain('<Response></Response>')
    expect(await eventsOf(customerId)).toMatchObject([
      { name: 'Message Replied', properties: { text: 'Yes', touchpoint: row.id } },
    ])
  })

  test('STOP is confirmed once, in the customer’s language; not what the provider confirmed', async () => {
    await reached({ channel: 'sms', provider: 'twilio' }, phone)
    const first = await texted({ MessageSid: 'SM-stop', Body: 'Stop' })
    expect(first.text).toContain('<Message>Sie sind abgemeldet')
    expect((await texted({ MessageSid: 'SM-stop', Body: 'Stop' })).text).toContain('<Response></Response>')
    expect((await texted({ MessageSid: 'SM-stop-2', Body: 'Stop', OptOutType: 'STOP' })).text).not.toContain(
      '<Message>',
    )
    expect((await texted({ MessageSid: 'SM-help', Body: 'help' })).text).toContain(
      '<Message>Dies sind Nachrichten',
    )
  })

  test('STOP from a number that we never wrote to counts as well', async () => {
    const stranger = '+4930999999'
    const { text } = await texted({ MessageSid: 'SM-stranger', Body: 'ARRÊT', From: stranger })
    expect(text).toContain('<Message>You are unsubscribed')
    expect(await api.store.suppressions.history(suppressionKey('sms', stranger))).toMatchObject([
      { reason: 'manual', source: 'twilio', lifted: null },
    ])
  })
})
