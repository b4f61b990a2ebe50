import { createChannels, createReceiptSources, type Channels } from '../../channels'
import type { Manifest } from '../../sdk'
import { unusableChannels } from '../../workers/unusable-channels'

const providerOf = (channels: Channels, channel: string) => channels.carriers(channel)[0]!.provider

it('gives the provider of a configured channel', async () => {
  const channels = createChannels({ smtp: { url: 'smtp://127.0.0.1:1', from: 'hello@shop.example' } })
  expect(channels.available).toEqual(['email'])
  expect(providerOf(channels, 'email')).toMatchObject({ name: 'smtp', channel: 'email', idempotent: false })
  await channels.close()
})

it('says what to set for a channel without settings, and which channels there are', () => {
  const channels = createChannels({})
  expect(() => channels.carriers('email')).toThrow(
    'The channel email is not configured: set SMTP_URL and MAIL_FROM',
  )
  expect(() => channels.carriers('webhook')).toThrow(
    'The channel webhook is not configured: set WEBHOOK_ENDPOINTS',
  )
  expect(() => channels.carriers('constructor')).toThrow(
    'There is no channel constructor; there are email, sms, whatsapp, push, web-push, slack, voice, inbox, audience, webhook',
  )
})

it('gives both when both are configured', async () => {
  const channels = createChannels({
    smtp: { url: 'smtp://127.0.0.1:1', from: 'hello@shop.example' },
    standardWebhook: { endpoints: {}, allowPrivate: false },
  })
  expect(channels.available).toEqual(['email', 'webhook'])
  expect(providerOf(channels, 'webhook')).toMatchObject({ channel: 'webhook', idempotent: true })
  await channels.close()
})

it('takes the chosen provider alone, and says what a chosen one lacks', async () => {
  const from = 'hello@shop.example'
  const smtp = { url: 'smtp://127.0.0.1:1', from }
  const sendgrid = { apiKey: 'SG.x', url: 'https://api.sendgrid.com', from }
  const channels = createChannels({ smtp, sendgrid, emailProvider: 'sendgrid' })
  expect([channels.available, providerOf(channels, 'email').name]).toEqual([['email'], 'sendgrid'])
  await channels.close()
  expect(() => createChannels({ smtp, emailProvider: 'sendgrid' })).toThrow(
    'EMAIL_PROVIDER is sendgrid, which cannot be used: set SENDGRID_API_KEY and MAIL_FROM',
  )
})

it('verifies receipts of whom it has the keys of', () => {
  expect([...createReceiptSources({}).keys()]).toEqual([])
  const sources = createReceiptSources({
    twilioReceipts: { authToken: 'x' },
    postmarkReceipts: { login: 'name:password' },
  })
  expect([...sources.keys()]).toEqual(['postmark', 'twilio'])
})

it('says at the start what to set for the channels that journeys send by', async () => {
  const sends = (...channels: string[]) => ({
    steps: channels.map((channel) => ({ id: channel, verb: 'send', messages: [{ channel, template: 't' }] })),
  })
  const journeys = {
    care: sends('email', 'slack', 'push'),
    cart: { steps: [{ id: 'wait' }, ...sends('slack').steps] },
  }
  const manifest = { build: 'b', journeys } as unknown as Manifest
  const channels = createChannels({ smtp: { url: 'smtp://127.0.0.1:1', from: 'hello@shop.example' } })
  expect(unusableChannels(manifest, channels)).toEqual([
    'The channel push is not configured: set FCM_SERVICE_ACCOUNT',
    'The channel slack is not configured: set SLACK_BOT_TOKEN or SLACK_WEBHOOKS',
  ])
  await channels.close()
})
