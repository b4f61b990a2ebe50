import { carry } from '../../activities/carrying'
import { CarrierHealth } from '../../activities/health'
import { createChannels, createReceiptSources } from '../../channels'
import { allReceiptSettings, channelSettings } from '../../channels/accounts'
import { ConfigError, loadConfig } from '../../config'
import { createLogger } from '../../logger'
import { email, via } from '../../sdk'
import { assembleWorker, type WorkerParts } from '../../workers/assembly'
import { metaDouble, metaFault, metaNumberId, metaToken, type MetaMessage } from '../doubles/meta'
import type { Double } from '../doubles/provider'
import { twilioAccount, twilioDouble, type TwilioMessage } from '../doubles/twilio'
import { fromWebhook } from '../receipts/signed'

const smtpUrl = 'smtp://127.0.0.1:1'
const brandB = { provider: 'sendgrid', SENDGRID_API_KEY: 'SG.b', MAIL_FROM: 'B <hello@b.example>' }
const channelsOf = (accounts: object, routes: object = {}, more: Record<string, string> = {}) => {
  const config = loadConfig({
    PROVIDER_ACCOUNTS: JSON.stringify(accounts),
    ROUTES: JSON.stringify(routes),
    ...more,
  })
  return createChannels(channelSettings(config, { smtpUrl, endpoints: {}, allowPrivate: false }))
}
const names = (channels: ReturnType<typeof createChannels>, account?: string) =>
  channels.carriers('email', account).map(({ provider }) => provider.name)

test('a message may name an account; without, the provider chosen carries it', () => {
  const channels = channelsOf({ 'brand-b': brandB })
  expect([names(channels), names(channels, 'brand-b')]).toEqual([['smtp'], ['sendgrid:brand-b']])
  expect(channels.accounts('email').toSorted()).toEqual(['brand-b', 'smtp'])
  expect(() => channels.carriers('email', 'brand-c')).toThrow(
    'There is no account brand-c for the channel email',
  )
  expect(() => channels.carriers('webhook', 'brand-b')).toThrow(
    'There is no account brand-b for the channel webhook',
  )
})

test('a route names who carries a channel, in order, accounts and providers', () => {
  const route = [
    { account: 'brand-b', countries: ['DE'] },
    { account: 'smtp' },
    { account: 'brand-b', after: ['down'] },
  ]
  const channels = channelsOf({ 'brand-b': brandB }, { email: route })
  expect(channels.carriers('email')).toMatchObject([
    { provider: { name: 'sendgrid:brand-b' }, countries: ['DE'], after: ['down', 'throttled'] },
    { provider: { name: 'smtp' }, after: ['down', 'throttled'] },
    { provider: { name: 'sendgrid:brand-b' }, after: ['down'] },
  ])
})

describe('WhatsApp by Twilio and Meta', () => {
  const message = { touchpointId: 't', ref: 'r', address: '+4930123456', category: 'transactional' } as const
  const approved = { approved: { name: 'order_late', language: 'de' } }
  const both = { id: `HX${'c'.repeat(32)}`, ...approved, variables: { 1: 'Ada', 2: '4711' } }
  let byTwilio: Double<TwilioMessage>
  let byMeta: Double<MetaMessage>
  beforeEach(async () => {
    ;[byTwilio, byMeta] = await Promise.all([twilioDouble(), metaDouble()])
  })
  afterEach(() => Promise.all([byTwilio.close(), byMeta.close()]))

  const configured = (routes: object = {}) =>
    channelsOf({}, routes, {
      TWILIO_ACCOUNT_SID: twilioAccount.accountSid,
      TWILIO_AUTH_TOKEN: twilioAccount.authToken,
      TWILIO_WHATSAPP_FROM: '+15005550006',
      TWILIO_URL: byTwilio.url,
      META_TOKEN: metaToken,
      META_WHATSAPP_NUMBER_ID: metaNumberId,
      META_URL: `${byMeta.url}/v25.0`,
    })
  const twilioFirst = { whatsapp: [{ account: 'twilio' }, { account: 'meta' }] }
  const metaFirst = { whatsapp: [{ account: 'meta' }, { account: 'twilio', after: ['throttled'] }] }

  async function carried(routes: object, content: object) {
    const channels = configured(routes)
    const { answer, by } = await carry(
      channels.carriers('whatsapp'),
      { ...message, content },
      'inline',
      new CarrierHealth(),
    )
    await channels.close()
    return [by.name, answer.is]
  }

  test('goes by Twilio without a route, as it did before there was another; a message may name Meta', async () => {
    const channels = configured()
    const named = (account?: string) =>
      channels.carriers('whatsapp', account).map(({ provider }) => provider.name)
    expect([named(), named('meta'), named('twilio')]).toEqual([['twilio'], ['meta'], ['twilio']])
    await channels.close()
  })

  test.each([[{ text: 'Hello' }], [{ template: both }]])(
    'goes to the next where one is down: %j',
    async (content) => {
      byTwilio.mood = { status: 503 }
      expect(await carried(twilioFirst, content)).toEqual(['meta', 'accepted'])
      byMeta.mood = metaFault(400, 130429, '(#130429) Rate limit hit')
      byTwilio.mood = 'well'
      expect(await carried(metaFirst, content)).toEqual(['twilio', 'accepted'])
    },
  )

  test('stays where it may have been taken, is refused, or the fault is not the one', async () => {
    byTwilio.mood = 'cut'
    expect(await carried(twilioFirst, { text: 'Hello' })).toEqual(['twilio', 'unknown'])
    byMeta.mood = metaFault(400, 131047, '(#131047) Re-engagement message')
    expect(await carried(metaFirst, { text: 'Hello' })).toEqual(['meta', 'refused'])
    byMeta.mood = metaFault(401, 190, 'Invalid OAuth access token')
    expect(await carried(metaFirst, { text: 'Hello' })).toEqual(['meta', 'busy'])
    expect(byMeta.taken).toEqual([])
  })

  test('passes over who has no such template, and is refused where nobody has', async () => {
    const { id, variables } = both
    expect(await carried(twilioFirst, { template: { ...approved, variables } })).toEqual(['meta', 'accepted'])
    expect(await carried(metaFirst, { template: { id, variables } })).toEqual(['twilio', 'accepted'])
    byTwilio.mood = { status: 503 }
    expect(await carried(twilioFirst, { template: { id, variables } })).toEqual(['twilio', 'busy'])
    expect(await carried({ whatsapp: [{ account: 'meta' }] }, { template: { id, variables } })).toEqual([
      'meta',
      'refused',
    ])
  })
})

test.each<[string, object, object, string]>([
  ['an account nobody has', {}, { email: [{ account: 'brand-b' }] }, 'there is no provider or account brand-b'],
  ['a provider without settings', {}, { email: [{ account: 'sendgrid' }] }, 'sendgrid cannot be used: set SENDGRID_API_KEY'],
  ['an account without settings', { b: { provider: 'postmark' } }, {}, 'The account b cannot be used: set POSTMARK_TOKEN'],
  ['a provider that is none', { b: { provider: 'pigeon' } }, {}, 'there is no provider or account pigeon'],
  ['a setting that is none', { b: { ...brandB, API_KEYS: 'x' } }, {}, 'API_KEYS, of b, is no setting of a provider'],
  ['a setting that is wrong', { b: { ...brandB, SENDGRID_URL: 'x' } }, {}, 'SENDGRID_URL of b is wrong; it must be a URL'],
  ['the name of a provider', { smtp: brandB }, {}, 'smtp is a provider’s name'.replace('’', "'")],
  ['another channel', {}, { sms: [{ account: 'smtp' }] }, 'ROUTES of sms names smtp, which carries email'],
  ['countries without the rest', {}, { email: [{ account: 'smtp', countries: ['DE'] }] }, 'must hold a step without countries'],
])('%s ends the start', (_, accounts, routes, because) => {
  expect(() => channelsOf(accounts, routes)).toThrow(because)
}) // prettier-ignore

test.each([['[]'], ['{"b": {}}'], ['{"a b": {"provider": "smtp"}}'], ['secret']])(
  'accounts that are none are refused without a word of them: %s',
  (given) => {
    expect(() => loadConfig({ PROVIDER_ACCOUNTS: given })).toThrow(ConfigError)
    expect(() => loadConfig({ PROVIDER_ACCOUNTS: given })).toThrow(
      /^PROVIDER_ACCOUNTS is wrong; it must be a JSON object/,
    )
  },
)

test('the worker does not start where a journey, or a message of one, names an account that is not there', async () => {
  const sends = (id: string, account: string) => ({ id, verb: 'send', messages: [via(account, email('care/offer-help'))] }) // prettier-ignore
  const steps = [sends('news', 'brand-c'), sends('more', 'brand-d')]
  const care = { name: 'care', enrollOn: [], steps, accounts: { email: 'brand-d', sms: 'smtp' } }
  const manifest = { build: 'b', journeys: { care } }
  const parts = { build: { manifest }, channels: channelsOf({}), logger: createLogger('silent') }
  await expect(assembleWorker(parts as unknown as WorkerParts)).rejects.toThrow(
    [
      'the journey care sends by the account brand-d, which PROVIDER_ACCOUNTS does not have for email',
      'the journey care sends by the account smtp, which PROVIDER_ACCOUNTS does not have for sms',
      'the step news of care sends by the account brand-c, which PROVIDER_ACCOUNTS does not have for email',
    ].join('\n'),
  )
})

test('receipts are those of the account that signed them', async () => {
  const secret = (text: string) => `whsec_${Buffer.alloc(24, text).toString('base64')}`
  const endpoints = (text: string) =>
    JSON.stringify({ desk: { url: 'https://desk.example', secret: secret(text) } })
  const config = loadConfig({
    WEBHOOK_ENDPOINTS: endpoints('own'),
    PROVIDER_ACCOUNTS: JSON.stringify({
      b: { provider: 'standard-webhook', WEBHOOK_ENDPOINTS: endpoints('b') },
    }),
  })
  const sources = createReceiptSources(allReceiptSettings(config)).get('standard-webhook')!
  expect(sources.map(({ provider }) => provider)).toEqual(['standard-webhook', 'standard-webhook:b'])
  const signers: string[][] = []
  for (const signer of ['own', 'b', 'nobody']) {
    const { body, headers } = fromWebhook(secret(signer), {}, 'one')
    const arrival = { body: Buffer.from(body), headers, url: '', now: Date.now() }
    const verified: string[] = []
    for (const source of sources) if (await source.verify(arrival)) verified.push(source.provider)
    signers.push(verified)
  }
  expect(signers).toEqual([['standard-webhook'], ['standard-webhook:b'], []])
})
