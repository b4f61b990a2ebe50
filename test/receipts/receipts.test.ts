import path from 'node:path'
import { Client } from 'pg'
import { suppressionKey } from '../../store'
import type { Double } from '../doubles/provider'
import { metaDouble, metaNumberId, metaToken, type MetaMessage } from '../doubles/meta'
import { sendgridDouble, sendgridKey, type SendgridMail } from '../doubles/sendgrid'
import { twilioAccount, twilioDouble, type TwilioMessage } from '../doubles/twilio'
import { until } from '../support/until'
import { World } from '../support/world'
import { fromMeta, fromSendgrid, fromTwilio, metaAppSecret, post, sendgridReceiptKey } from './signed'

// Mails go by SendGrid's double, texts by Twilio's; what they say comes in over the API.

let mails: Double<SendgridMail>
let texts: Double<TwilioMessage>
let chats: Double<MetaMessage>
let world: World
beforeAll(async () => {
  mails = await sendgridDouble()
  texts = await twilioDouble()
  chats = await metaDouble()
  const from = 'Acorn <hello@acorn.example>'
  world = await World.open({
    workflows: path.join(__dirname, 'workflows'),
    channels: {
      emailProvider: 'sendgrid',
      sendgrid: { apiKey: sendgridKey, url: mails.url, from, timeouts: { reply: 1_000 } },
      sendgridReceipts: { publicKey: sendgridReceiptKey },
      twilio: { ...twilioAccount, url: texts.url, from: '+15005550006', publicUrl: 'https://acorn.example' },
      twilioReceipts: twilioAccount,
      metaReceipts: {
        appSecret: metaAppSecret,
        verifyToken: 'a-word-of-ours-123',
        token: metaToken,
        url: `${chats.url}/v25.0`,
      },
    },
  })
})
afterAll(async () => {
  await world?.close()
  await mails.close()
  await texts.close()
  await chats.close()
})
beforeEach(() => {
  mails.mood = 'well'
})

let phones = 0
async function begun(customer: string, expected = ['mail sent', 'text sent']) {
  const phone = `+493012345${10 + ++phones}`
  await world.identify(customer, { email: `${customer}@example.com`, phone })
  await world.event(customer, 'Payment Failed')
  await world.untilTouchpoints(customer, expected)
  const mail = mails.taken.find(({ to }) => to === `${customer}@example.com`)!
  const text = texts.taken.find(({ fields }) => fields.To === phone)!
  return { phone, mail, text }
}

async function sendgridSays({ ref, id }: SendgridMail, ...entries: object[]): Promise<void> {
  const common = {
    email: 'x@example.com',
    timestamp: Math.floor(Date.now() / 1_000),
    sg_message_id: `${id}.f`,
    sojourn_ref: ref,
  }
  const posted = fromSendgrid(entries.map((entry) => ({ ...common, ...entry })))
  expect((await post(world.url, '/receipts/sendgrid', posted)).status).toBe(200)
}

async function twilioSays(path: string, fields: Record<string, string>): Promise<string> {
  const { status, text } = await post(world.url, path, fromTwilio(`http://127.0.0.1${path}`, fields))
  expect(status).toBe(200)
  return text
}

const touchpointsOf = async (customer: string): Promise<any[]> =>
  (await world.call('GET', `/v1/customers/${customer}/touchpoints`)).body.items.toReversed()

const receiptsOf = async (customer: string): Promise<string[][]> =>
  (await touchpointsOf(customer)).map(({ receipts }) =>
    receipts.map(({ kind, machine }: any) => (machine ? `${kind} by a machine` : kind)),
  )

async function untilReceipts(customer: string, expected: string[][]): Promise<void> {
  await until(
    async () => (await receiptsOf(customer)).flat().length >= expected.flat().length,
    () => receiptsOf(customer),
  )
  expect(await receiptsOf(customer)).toEqual(expected)
}

test('receipts stand with their touchpoint, in whatever order they come, and in the timeline', async () => {
  const { mail, text } = await begun('ada')
  await sendgridSays(mail, { sg_event_id: 'a-1', event: 'open', useragent: 'Mozilla/5.0' })
  await sendgridSays(
    mail,
    { sg_event_id: 'a-2', event: 'delivered' },
    { sg_event_id: 'a-1', event: 'open', useragent: 'Mozilla/5.0' },
  )
  const callback = new URL(text.fields.StatusCallback!)
  await twilioSays(callback.pathname + callback.search, { MessageSid: text.sid, MessageStatus: 'delivered' })
  await untilReceipts('ada', [['opened by a machine', 'delivered'], ['delivered']])
  const { body } = await world.call('GET', '/v1/customers/ada/timeline')
  const names = body.items.flatMap(({ event }: any) => (event?.kind === 'receipt' ? [event.name] : []))
  expect(names.sort()).toEqual(['Message Delivered', 'Message Delivered', 'Message Opened'])
})

test('a hard bounce ends mail to the address, not texts', async () => {
  const { mail } = await begun('ben')
  await sendgridSays(mail, { sg_event_id: 'b-1', event: 'bounce', type: 'blocked', reason: '452 full' })
  await sendgridSays(mail, {
    sg_event_id: 'b-2',
    event: 'bounce',
    type: 'bounce',
    reason: '550 5.1.1 no ben@example.com',
  })
  await untilReceipts('ben', [['bounced', 'bounced'], []])
  const key = suppressionKey('email', 'ben@example.com')
  await until(async () => (await world.store.suppressions.history(key)).length > 0)
  expect(await world.store.suppressions.history(key)).toMatchObject([
    { reason: 'hard-bounce', source: 'sendgrid' },
  ])
  await world.event('ben', 'Project Created')
  await world.untilTouchpoints('ben', [
    'mail sent',
    'text sent',
    'mail-again withheld suppressed',
    'text-again sent',
  ])
})

test('a complaint ends marketing to the address', async () => {
  const { mail } = await begun('cara')
  await sendgridSays(mail, { sg_event_id: 'c-1', event: 'spamreport' })
  const key = suppressionKey('email', 'cara@example.com')
  await until(async () => (await world.store.suppressions.history(key)).length > 0)
  expect(await world.store.suppressions.history(key)).toMatchObject([{ reason: 'complaint' }])
})

test('unsubscribing at the provider withdraws consent to marketing by mail', async () => {
  const { mail } = await begun('dan')
  await sendgridSays(mail, { sg_event_id: 'd-1', event: 'group_unsubscribe' })
  await until(async () => (await world.store.consents.current('dan')).length > 0)
  expect(await world.store.consents.current('dan')).toMatchObject([
    { channel: 'email', purpose: 'marketing', state: 'withdrawn', source: 'sendgrid' },
  ])
  await world.event('dan', 'Project Created')
  await world.untilTouchpoints('dan', [
    'mail sent',
    'text sent',
    'mail-again withheld unsubscribed',
    'text-again sent',
  ])
})

test('STOP withdraws, START gives back, HELP changes nothing; each is answered once', async () => {
  const { phone } = await begun('eve')
  const says = (sid: string, body: string) =>
    twilioSays('/receipts/twilio', { MessageSid: sid, Body: body, From: phone, To: '+15005550006' })
  const words = async () =>
    (await world.store.consents.history('eve', { limit: 10 })).items.map(({ state }) => state)
  expect(await says('SM-e-1', 'STOP')).toContain('<Message>You are unsubscribed')
  await until(async () => (await words()).length === 1)
  expect(await says('SM-e-2', 'stop')).toContain('<Response></Response>')
  expect(await says('SM-e-3', 'help')).toContain('<Message>')
  expect(await says('SM-e-4', 'Start')).toContain('<Message>You get our messages again')
  await until(async () => (await words())[0] === 'granted')
  expect(await world.store.consents.current('eve')).toMatchObject([
    { channel: 'sms', purpose: 'marketing', state: 'granted', basis: 'consent', source: 'twilio' },
  ])
  await untilReceipts('eve', [[], ['unsubscribed', 'unsubscribed', 'asked-help', 'resubscribed']])
})

describe('Meta', () => {
  const metadata = { display_phone_number: '15550783881', phone_number_id: metaNumberId }
  const says = async (value: object, secret?: string) =>
    (await post(world.url, '/receipts/meta', fromMeta({ metadata, ...value }, secret))).status

  test('is told that the address is ours, for the word agreed on alone', async () => {
    const asks = (word: string) =>
      fetch(`${world.url}/receipts/meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${word}`)
    const answer = await asks('a-word-of-ours-123')
    expect([answer.status, await answer.text()]).toEqual([200, '1158201444'])
    expect(answer.headers.get('content-type')).toContain('text/plain')
    expect((await asks('another')).status).toBe(401)
    expect((await fetch(`${world.url}/receipts/twilio?hub.mode=subscribe`)).status).toBe(401)
    expect((await fetch(`${world.url}/receipts/nobody`)).status).toBe(404)
  })

  test('tells what became of a message by the ref that went along', async () => {
    await begun('meg')
    const [, text] = await world.touchpointRows('meg')
    const status = { id: 'wamid.meg', status: 'read', biz_opaque_callback_data: text!.ref }
    expect(await says({ statuses: [status] }, 'another secret')).toBe(401)
    expect(await says({ statuses: [status] })).toBe(200)
    expect(await says({ statuses: [status] })).toBe(200)
    await untilReceipts('meg', [[], ['opened']])
  })

  test('of several who write at once each is answered, once', async () => {
    const wrote = (nth: number, body: string) =>
      ({ from: `49301110000${nth}`, id: `wamid.w${nth}`, type: 'text', text: { body } }) // prettier-ignore
    const messages = [wrote(1, 'STOP'), wrote(2, 'What?'), wrote(3, 'HELP'), wrote(4, 'Stop')]
    expect(await says({ messages: messages.slice(0, 3) })).toBe(200)
    expect(await says({ messages })).toBe(200)
    const answers = chats.taken.map(({ message: { to, text } }) => `${to} ${text.body.split(' ')[0]}`)
    expect(answers).toEqual(['+493011100001 You', '+493011100003 These', '+493011100004 You'])
    const key = suppressionKey('whatsapp', '+493011100001')
    expect(await world.store.suppressions.history(key)).toMatchObject([{ reason: 'manual', source: 'meta' }])
  })
})

test('a fate that was not known is settled by what the provider says later', async () => {
  mails.mood = 'cut'
  const { mail } = await begun('finn', [
    'mail unknown the connection broke before the provider answered (UND_ERR_SOCKET)',
    'text sent',
  ])
  await sendgridSays(mail, { sg_event_id: 'f-1', event: 'delivered' })
  await untilReceipts('finn', [['delivered'], []])
  expect(await world.touchpoints('finn')).toEqual(['mail sent', 'text sent'])
  expect((await world.touchpointRows('finn'))[0]).toMatchObject({ providerMessageId: mail.id })
  expect(mails.taken.filter(({ to }) => to === 'finn@example.com')).toHaveLength(1)
})

test('a storm of receipts, repeated and in any order, is noted once each', async () => {
  const { mail } = await begun('lou')
  const ids = Array.from({ length: 30 }, (_, nth) => `l-${nth}`)
  const storm = [...ids, ...ids.toReversed(), ...ids]
  await Promise.all(
    storm.map((id) => sendgridSays(mail, { sg_event_id: id, event: 'open', useragent: 'Firefox' })),
  )
  await until(async () => (await receiptsOf('lou'))[0]!.length >= ids.length)
  await until(async () => (await world.store.events.backlog()).pending === 0)
  const [row] = await world.touchpointRows('lou')
  expect(row!.receipts.map(({ id }) => id).sort()).toEqual(ids.toSorted())
})

test('a customer who was deleted is not made known again, and their wish counts', async () => {
  const { mail, phone } = await begun('mia')
  const sql = new Client({ connectionString: world.databaseUrl })
  await sql.connect()
  await sql.query(`delete from customers where id = 'mia'`)
  await sql.end()
  await sendgridSays(mail, { sg_event_id: 'm-1', event: 'delivered' })
  await twilioSays('/receipts/twilio', { MessageSid: 'SM-m', Body: 'STOP', From: phone, To: '+15005550006' })
  await until(async () => (await world.store.suppressions.history(suppressionKey('sms', phone))).length > 0)
  expect(await world.store.customers.get('mia')).toBeUndefined()
  expect(await world.store.consents.current('mia')).toEqual([])
})

describe('a journey that listens', () => {
  const steps = ['offer sent', 'ask sent']

  async function asked(customer: string, key: string, expected = steps) {
    await world.event(customer, 'Subscription Cancelled', { reason: key })
    await world.untilTouchpoints(customer, expected)
  }
  async function known(customer: string): Promise<string> {
    const phone = `+493012345${10 + ++phones}`
    await world.identify(customer, { email: `${customer}@example.com`, phone })
    return phone
  }
  const says = (from: string, sid: string, body: string) =>
    twilioSays('/receipts/twilio', { MessageSid: sid, Body: body, From: from, To: '+15005550006' })
  const ends = (customer: string, key: string, because: string) =>
    world.untilOutcomeOf(`invoiceAnswer:${customer}:${key}`, { is: 'completed', because })
  const mailOf = (customer: string) => mails.taken.find(({ to }) => to === `${customer}@example.com`)!

  test('hears the answer that fits, and not one that does not', async () => {
    const phone = await known('gil')
    await asked('gil', 'a')
    await says(phone, 'SM-g-1', 'What?')
    await says(phone, 'SM-g-2', ' Yes please ')
    await ends('gil', 'a', 'yes: Yes please')
  })

  test('hears STOP once consent is withdrawn', async () => {
    const phone = await known('hal')
    await asked('hal', 'a')
    await says(phone, 'SM-h-1', 'Stop')
    await ends('hal', 'a', 'stop')
    expect(await world.store.consents.current('hal')).toMatchObject([{ channel: 'sms', state: 'withdrawn' }])
  })

  test('hears a click of a person on the message it names', async () => {
    await known('ida')
    await asked('ida', 'a')
    const click = { event: 'click', url: 'https://acorn.example/offer' }
    await sendgridSays(mailOf('ida'), { sg_event_id: 'i-1', ...click, useragent: 'Barracuda Sentinel (EE)' })
    await sendgridSays(mailOf('ida'), {
      sg_event_id: 'i-2',
      ...click,
      useragent: 'Mozilla/5.0 (X11; Linux) Firefox/128.0',
    })
    await ends('ida', 'a', 'clicked')
    await untilReceipts('ida', [['clicked by a machine', 'clicked'], []])
  })

  test('hears the link in a mail of ours, once', async () => {
    await known('jon')
    await asked('jon', 'a')
    const { content } = mailOf('jon').mail
    const link = new URL(/http\S+\/unsubscribe\/[\w.%-]+/.exec(content[0].value)![0]).pathname
    for (let nth = 0; nth < 2; nth++)
      expect((await fetch(world.url + link, { method: 'POST' })).status).toBe(200)
    await ends('jon', 'a', 'stop')
    await untilReceipts('jon', [['unsubscribed'], []])
    const { items } = await world.store.consents.history('jon', { limit: 10 })
    expect(items).toMatchObject([{ channel: 'email', state: 'withdrawn', source: 'one-click' }])
  })

  test('loses and doubles nothing in a storm of receipts while workers restart', async () => {
    const customers = ['ned', 'ola', 'pia', 'quin']
    const numbers = await Promise.all(customers.map(known))
    await Promise.all(customers.map((customer) => asked(customer, 'a')))
    const said = ([customer, number]: readonly [string, string], nth: number) =>
      nth === 4
        ? says(number, `SM-${customer}`, 'Yes')
        : sendgridSays(mailOf(customer), {
            sg_event_id: `${customer}-${nth}`,
            event: 'open',
            useragent: 'Firefox',
          })
    const storm = [0, 1, 2, 3, 4, 5, 6, 7, 2, 4, 0].flatMap((nth) =>
      customers.map((customer, index) => () => said([customer, numbers[index]!], nth)),
    )
    const restarts = [world.restartWorker(), ...storm.splice(0, 22).map((say) => say())]
    await Promise.all(restarts)
    await Promise.all([world.restartWorker(), ...storm.map((say) => say())])
    for (const customer of customers) {
      await ends(customer, 'a', 'yes: Yes')
      await untilReceipts(customer, [Array.from({ length: 7 }, () => 'opened'), ['replied']])
      expect(await world.touchpoints(customer)).toEqual(steps)
    }
  })

  test('hears what answers its own message, not another’s of the same customer, nor what anybody posts', async () => {
    const phone = await known('kim')
    await asked('kim', 'a')
    await asked('kim', 'b', [...steps, ...steps])
    await world.event('kim', 'Message Replied', { text: 'Yes', enrollment: 'invoiceAnswer:kim:a', entry: 1 })
    await says(phone, 'SM-k-1', 'Yes')
    await ends('kim', 'b', 'yes: Yes')
    expect((await world.store.enrollments.get('invoiceAnswer:kim:a'))?.status).toBe('running')
  })

  test('who reads a lesson rewards what was decided for it, once, and no program does', async () => {
    await known('lea')
    await world.event('lea', 'Course Started')
    await world.untilTouchpoints('lea', ['lesson sent'])
    const rewards = async () =>
      (await world.store.decisions.ofCustomer('lea', { limit: 5 })).items.map(({ reward, rewardedBy }) => [
        reward,
        rewardedBy,
      ])
    const mail = mailOf('lea')
    const useragent = 'Mozilla/5.0 (X11; Linux) Firefox/128.0'
    const click = { event: 'click', url: 'https://acorn.example/course/1', useragent }
    await sendgridSays(mail, { sg_event_id: 'lea-1', ...click, useragent: 'Barracuda Sentinel (EE)' })
    await untilReceipts('lea', [['clicked by a machine']])
    expect(await rewards()).toEqual([[null, null]])
    await sendgridSays(mail, { sg_event_id: 'lea-2', ...click })
    await until(async () => (await rewards()).length === 2)
    // The first lesson again, after the second was sent.
    await world.untilTouchpoints('lea', ['lesson sent', 'lesson sent'])
    await sendgridSays(mail, { sg_event_id: 'lea-3', ...click })
    await untilReceipts('lea', [['clicked by a machine', 'clicked', 'clicked'], []])
    expect(await rewards()).toEqual([
      [null, null],
      [1, 'receipt:sendgrid:lea-2'],
    ])
  })
})
