import { createMetrics } from '../../api/metrics'
import { listenForMail, type MailListener } from '../../api/mail/listener'
import type { Provider } from '../../channels'
import { returnedMail } from '../../channels/email/inbound'
import { returnAddresses } from '../../channels/email/inbound/addresses'
import { onlyCarrier } from '../../channels/routes'
import { smtp } from '../../channels/email/smtp'
import { createLogger } from '../../logger'
import { suppressionKey } from '../../store'
import type { Store } from '../../store/store'
import { noted } from '../../workers/dispatcher/receipts'
import { openStage, type Stage } from '../activities/stage'
import { bouncingServer, handOver, type BouncingServer } from './bouncing-server'
import { answerMail, deliveryReport } from './mails'
import { freshStore } from '../support/postgres'

// Mails go to a server that takes them and bounces by mail; our listener takes what it says, into a real store.

const returns = { domain: 'bounces.shop.example', secrets: ['s'.repeat(32)], replies: true }
const metrics = createMetrics()
let base: Store
let away = false
let listener: MailListener
let server: BouncingServer
let provider: Provider
let stage: Stage

beforeAll(async () => {
  base = await freshStore()
  const receipts = {
    ...base.receipts,
    accept: (...given: Parameters<Store['receipts']['accept']>) =>
      away ? Promise.reject(new Error('the database is away')) : base.receipts.accept(...given),
  }
  const store = { ...base, receipts } as Store
  const returned = returnedMail(returns)
  listener = await listenForMail({ returned, store, metrics, logger: createLogger('silent') }, '127.0.0.1', 0)
  server = await bouncingServer(() => listener.port)
  provider = smtp({ url: server.url, from: 'Shop <hello@shop.example>', returns })
  stage = await openStage(base, { carriers: () => onlyCarrier(provider) })
})
afterAll(async () => {
  await provider.close?.()
  await server.close()
  await listener.stop()
  stage.close()
  await base.close()
})

let count = 0
async function written(mailbox: string) {
  const customerId = `${mailbox}-${++count}`
  const address = `${mailbox}${count}@customers.example`
  await base.customers.identify(customerId, { firstName: 'Ada', email: address }, 0)
  const touchpoint = stage.touchpoint({ customerId, enrollmentId: `care:${customerId}` })
  expect(await stage.activities.deliver(touchpoint, 'inline')).toMatchObject({ is: 'sent' })
  for (const word of await server.said()) expect(word).toMatch(/^250/)
  const mail = server.taken.find(({ to }) => to === address)!
  return { customerId, address, mail }
}

/** What the dispatcher does with the receipts of a customer. */
async function heard(customerId: string) {
  const { items } = await base.events.ofCustomer(customerId, { limit: 50 })
  for (const event of items.toReversed()) await noted(base, event, customerId)
  const [row] = await base.touchpoints.ofEnrollment(`care:${customerId}`, 1)
  return { events: items.toReversed(), receipts: row!.receipts }
}

const suppressed = async (address: string) =>
  (await base.suppressions.history(suppressionKey('email', address))).map(({ reason, source }) => [
    reason,
    source,
  ])

test('a mailbox that is not there bounces by mail, and its address is suppressed', async () => {
  const { customerId, address } = await written('nobody')
  const { events, receipts } = await heard(customerId)
  expect(receipts).toMatchObject([
    { kind: 'bounced', hard: true, because: '5.1.1 550 5.1.1 <(address)>: user unknown' },
  ])
  expect(events).toMatchObject([{ name: 'Message Bounced', properties: { provider: 'smtp', step: 'hello' } }])
  expect(JSON.stringify(events)).not.toContain(address)
  expect(await suppressed(address)).toEqual([['hard-bounce', 'smtp']])
})

test.each([
  ['full', [{ kind: 'bounced', hard: false }]],
  ['slow', [{ kind: 'deferred' }]],
  ['away', []],
  ['keen', [{ kind: 'replied' }]],
  ['quiet', []],
])('%s: the touchpoint has what was said, the address stays good', async (mailbox, expected) => {
  const { customerId, address } = await written(mailbox)
  const { receipts } = await heard(customerId)
  expect(receipts).toMatchObject(expected)
  expect(await suppressed(address)).toEqual([])
})

test('an answer comes without what it quotes', async () => {
  const { customerId } = await written('keen')
  expect((await heard(customerId)).events).toMatchObject([{ properties: { text: 'Yes, please!' } }])
})

test('a complaint of a feedback loop ends marketing to the address', async () => {
  const { customerId, address } = await written('angry')
  expect((await heard(customerId)).receipts).toMatchObject([{ kind: 'complained' }])
  expect(await suppressed(address)).toEqual([['complaint', 'smtp']])
})

test('the mail carries a return path, a Message-ID and a Reply-To that name the touchpoint, and its own sender', async () => {
  const { mail, customerId } = await written('quiet')
  const [row] = await base.touchpoints.ofEnrollment(`care:${customerId}`, 1)
  const { tokens, path, replyTo } = returnAddresses(returns)
  expect(mail.from).toBe(path(row!.ref))
  expect(mail.raw).toMatch(/^From: Shop <hello@shop\.example>\r$/m)
  expect(mail.raw.replace(/\r\n\s+/g, ' ')).toContain(`Reply-To: Shop <${replyTo(row!.ref)}>`)
  expect(mail.raw.replace(/\r\n\s+/g, ' ')).toContain(`Message-ID: <${tokens.of(row!.ref)}@shop.example>`)
  expect(row!.providerMessageId).toBe(`<${tokens.of(row!.ref)}@shop.example>`)
})

describe('the listener', () => {
  const report = (to: string) => ({
    from: '',
    to,
    raw: deliveryReport({ recipient: 'ada@customers.example', status: '5.1.1' }),
  })

  test('takes nothing for addresses that we did not sign, and relays nothing', async () => {
    const { mail } = await written('quiet')
    const forged = mail.from.replace(/.(?=@)/, (last) => (last === '0' ? '1' : '0'))
    for (const to of [forged, 'postmaster@bounces.shop.example', 'ada@elsewhere.example'])
      expect(await handOver(listener.port, report(to))).toMatch(/^550 5\.1\.1/)
    expect(metrics.text([])).toContain('sojourn_receipts_refused_total{provider="smtp"} 3')
  })

  test('puts off what it cannot store, and counts what comes again once', async () => {
    const { mail, customerId } = await written('quiet')
    away = true
    expect(await handOver(listener.port, report(mail.from))).toMatch(/^451 4\.3\.0/)
    away = false
    const again = await Promise.all([1, 2, 3].map(() => handOver(listener.port, report(mail.from))))
    expect(again.every((word) => word.startsWith('250'))).toBe(true)
    expect((await heard(customerId)).receipts).toHaveLength(1)
  })

  test('reads the report in front of 10 MB of returned mail', async () => {
    const { mail, customerId } = await written('quiet')
    const { raw, ...rest } = report(mail.from)
    const attached = `--B/mx\r\nContent-Type: message/rfc822\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(
      10 * 1024 * 1024,
      'All work.\r\n',
    )
    expect(await handOver(listener.port, { ...rest, raw: raw.replace('--B/mx--', () => attached) })).toMatch(
      /^250/,
    )
    expect((await heard(customerId)).receipts).toMatchObject([{ kind: 'bounced' }])
  })

  test('takes what it cannot read, and goes on', async () => {
    const { mail } = await written('quiet')
    const parts = Array.from(
      { length: 101 },
      (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
    )
    for (const raw of [parts.join(''), '\0\0\0', 'x'])
      expect(await handOver(listener.port, { from: '', to: mail.from, raw })).toMatch(/^250/)
    expect(
      await handOver(listener.port, { from: 'x@y.example', to: mail.from, raw: answerMail({ text: 'Hi' }) }),
    ).toMatch(/^250/)
  })
})
