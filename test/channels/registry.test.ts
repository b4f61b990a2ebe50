import { createChannels } from '../../channels'

it('gives the provider of a configured channel', async () => {
  const channels = createChannels({ smtp: { url: 'smtp://127.0.0.1:1', from: 'hello@shop.example' } })
  expect(channels.available).toEqual(['email'])
  expect(channels.provider('email')).toMatchObject({ name: 'smtp', channel: 'email', idempotent: false })
  await channels.close()
})

it('says what to set for a channel without settings, and which channels there are', () => {
  const channels = createChannels({})
  expect(() => channels.provider('email')).toThrow(
    'The channel email is not configured: set SMTP_URL and MAIL_FROM',
  )
  expect(() => channels.provider('webhook')).toThrow(
    'The channel webhook is not configured: set WEBHOOK_ENDPOINTS',
  )
  expect(() => channels.provider('constructor')).toThrow(
    'There is no channel constructor; there are email, sms, webhook',
  )
})

it('gives both when both are configured', async () => {
  const channels = createChannels({
    smtp: { url: 'smtp://127.0.0.1:1', from: 'hello@shop.example' },
    standardWebhook: { endpoints: {}, allowPrivate: false },
  })
  expect(channels.available).toEqual(['email', 'webhook'])
  expect(channels.provider('webhook')).toMatchObject({ channel: 'webhook', idempotent: true })
  await channels.close()
})
