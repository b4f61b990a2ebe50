import { createHmac } from 'node:crypto'
import { MalformedReceipt, type Arrival, type Outgoing } from '../../channels'
import { slack } from '../../channels/slack/slack'
import { slackReceipts } from '../../channels/slack/slack-receipts'
import { slackDouble, slackToken, slackWebhookPath, type SlackMessage } from '../doubles/slack'
import type { Double, Mood } from '../doubles/provider'
import { hasConversations, timeouts } from './conversation'

const outgoing: Outgoing = {
  touchpointId: 't',
  ref: 'ref-1',
  address: 'U024BE7LH',
  content: { text: 'Your order is late' },
  category: 'transactional',
}
const providerAt = (url: string, wrongKey = false, more = {}) =>
  slack({
    botToken: wrongKey ? 'xoxb-other' : slackToken,
    url: `${url}/api`,
    webhooks: { alerts: url + slackWebhookPath, old: `${url}/services/T1/B1/old` },
    timeouts,
    ...more,
  })

describe('conversations', () => {
  hasConversations<SlackMessage>({
    double: slackDouble,
    provider: providerAt,
    outgoing,
    denied: 'invalid_auth: look at its settings',
    idOf: ({ id }) => id,
    throttled: {
      says: { status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } },
      retryAfterMs: 30_000,
    },
    refusals: [
      {
        name: 'one whom the app cannot find, perhaps by our mistake',
        outgoing: { ...outgoing, address: 'UNOBODY1' },
        answer: { is: 'refused', because: 'Slack said: channel_not_found' },
      },
      {
        name: 'a channel that is archived',
        outgoing: { ...outgoing, address: 'CARCHIVED' },
        answer: { is: 'refused', because: 'Slack said: is_archived' },
      },
      {
        name: 'too long a text',
        outgoing: { ...outgoing, content: { text: 'x'.repeat(40_001) } },
        answer: { is: 'refused', because: 'Slack said: msg_too_long' },
      },
    ],
  })
})

describe('at Slack', () => {
  let double: Double<SlackMessage>
  beforeAll(async () => {
    double = await slackDouble()
  })
  afterAll(() => double.close())
  beforeEach(() => {
    double.mood = 'well'
    double.taken.length = 0
  })

  async function answerTo(more: Partial<Outgoing> = {}, mood: Mood = 'well', settings = {}) {
    const provider = providerAt(double.url, false, settings)
    double.mood = mood
    const answer = await provider.send({ ...outgoing, ...more }, 'inline')
    await provider.close?.()
    return answer
  }

  it('a message has its ref with it', async () => {
    await answerTo()
    expect(double.taken[0]!.message).toEqual({
      channel: 'U024BE7LH',
      text: 'Your order is late',
      metadata: { event_type: 'sojourn_touchpoint', event_payload: { ref: 'ref-1' } },
    })
  })

  it('a channel of ours is written to by its webhook, which gives no id', async () => {
    expect(await answerTo({ address: 'alerts' })).toEqual({ is: 'accepted', providerMessageId: 'ref-1' })
    expect(double.taken[0]!.message).toEqual({ text: 'Your order is late' })
  })

  it.each<[string, Partial<Outgoing>, Mood, object]>([
    ['no webhook of the name', { address: 'other' }, 'well', { is: 'refused', because: 'there is no Slack webhook named other' }],
    ['nor one that objects have', { address: 'constructor' }, 'well', { is: 'refused' }],
    ['a webhook that was removed', { address: 'old' }, 'well', { is: 'busy', because: 'Slack answered 404: look at its settings' }],
    ['a webhook without a text', { address: 'alerts', content: {} }, 'well', { is: 'refused', because: 'Slack said: no_text' }],
    ['a webhook whose channel is archived', { address: 'alerts' }, { status: 410, body: 'channel_is_archived' }, { is: 'refused', because: 'Slack said: channel_is_archived' }],
    ['a webhook that answers HTML', { address: 'alerts' }, 'html', { is: 'unknown' }],
    ['too many at once, told with 200', {}, { status: 200, headers: { 'retry-after': '7' }, body: { ok: false, error: 'rate_limited' } }, { is: 'busy', because: 'Slack said: rate_limited', retryAfterMs: 7_000 }],
    ['a failure in the middle', {}, { status: 200, body: { ok: false, error: 'fatal_error' } }, { is: 'unknown', because: 'Slack said: fatal_error' }],
  ])('%s', async (_, more, mood, answer) => expect(await answerTo(more, mood)).toMatchObject(answer)) // prettier-ignore

  it('without a bot customers wait, and channels of ours do not', async () => {
    const without = { botToken: undefined }
    expect(await answerTo({}, 'well', without)).toMatchObject({
      is: 'busy',
      because: expect.stringContaining('SLACK_BOT_TOKEN'),
    })
    expect(await answerTo({ address: 'alerts' }, 'well', without)).toMatchObject({ is: 'accepted' })
  })

  it.each([
    [{ slackId: ' U024BE7LH ' }, undefined, 'U024BE7LH'],
    [{ slackId: 'C024BE7LR' }, undefined, 'C024BE7LR'],
    [{ slackId: 'U024BE7LH' }, 'alerts', 'alerts'],
    // A customer's own word never leads into a channel of ours.
    [{ slackId: 'alerts' }, undefined, undefined],
    [{ slackId: 7 }, undefined, undefined],
    [{}, undefined, undefined],
  ])('%j and the webhook %s are reached at %s', (traits, endpoint, address) => {
    expect(providerAt(double.url).address({ id: 'c', traits }, endpoint)).toBe(address)
  })
})

describe('what comes in', () => {
  const signingSecret = 'a-secret-of-tests'
  const source = slackReceipts({ signingSecret })
  const now = 1_531_420_618_000
  const signature = (secret: string, at: number, body: string) =>
    `v0=${createHmac('sha256', secret)
      .update(`v0:${at / 1_000}:${body}`)
      .digest('hex')}`
  const arrivalOf = (body: object | string, more: Partial<Arrival> = {}): Arrival => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = {
      'x-slack-request-timestamp': String(now / 1_000),
      'x-slack-signature': signature(signingSecret, now, text),
    }
    return { body: Buffer.from(text), headers, url: 'https://shop.example/receipts/slack', now, ...more }
  }

  // From Slack's documentation on verifying requests.
  const published =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  const theirs = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
  const publishedHeaders = { 'x-slack-request-timestamp': '1531420618', 'x-slack-signature': theirs }

  test('the published example is signed, within five minutes', () => {
    const example = slackReceipts({ signingSecret: '8f742231b10e8888abcd99yyyzzz85a5' })
    const arrival = arrivalOf(published, { headers: publishedHeaders })
    for (const late of [0, 299_000, -299_000])
      expect(example.verify({ ...arrival, now: now + late })).toBe(true)
    for (const late of [301_000, -301_000])
      expect(example.verify({ ...arrival, now: now + late })).toBe(false)
    expect(example.verify({ ...arrival, body: Buffer.from(`${published} `) })).toBe(false)
  })

  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['no time', { 'x-slack-signature': signature(signingSecret, now, '{}') }],
    ['another time', { 'x-slack-request-timestamp': '1531420619', 'x-slack-signature': signature(signingSecret, now, '{}') }],
    ['another secret', { 'x-slack-request-timestamp': '1531420618', 'x-slack-signature': signature('x', now, '{}') }],
    ['an empty signature', { 'x-slack-request-timestamp': '1531420618', 'x-slack-signature': '' }],
  ])('is not signed with %s', (_, headers) => expect(source.verify(arrivalOf('{}', { headers }))).toBe(false)) // prettier-ignore

  const event = (more: object, id: unknown = 'Ev1') =>
    arrivalOf({
      type: 'event_callback',
      event_id: id,
      event: {
        type: 'message',
        user: 'U1',
        channel: 'C1',
        channel_type: 'channel',
        ts: '1700000001.000100',
        text: 'Yes',
        ...more,
      },
    })
  const reply = { id: 'Ev1', at: 1_700_000_001_000, kind: 'replied', text: 'Yes' }
  const direct = { channel: 'D1', channel_type: 'im' }
  const from = { channel: 'slack', address: 'U1' }
  const thread = { thread_ts: '1700000000.000100' }

  test.each<[string, object, object]>([
    ['in a thread', thread, { ...reply, providerMessageId: 'C1:1700000000.000100' }],
    ['to the app', direct, { ...reply, from }],
    ['to the app, in a thread', { ...direct, ...thread }, { ...reply, providerMessageId: 'D1:1700000000.000100', from }],
    ['that stops', { ...direct, text: 'Stop!' }, { ...reply, kind: 'unsubscribed', text: 'Stop!', keyword: 'stop', from }],
    ['with what Slack escapes', { ...direct, text: ' a &lt; b &amp;gt; ' }, { ...reply, text: 'a < b &gt;', from }],
    // In a channel others than the customer may say so.
    ['that stops, in a thread of a channel', { ...thread, text: 'stop' }, { ...reply, text: 'stop', providerMessageId: 'C1:1700000000.000100' }],
  ])('an answer %s', (_, more, receipt) => expect(source.parse(event(more))).toEqual([receipt])) // prettier-ignore

  test.each<[string, Arrival]>([
    ['talk in a channel', event({})],
    ['the first of a thread', event({ thread_ts: '1700000001.000100' })],
    ['what we say ourselves', event({ ...direct, bot_id: 'B1' })],
    ['an edit', event({ ...direct, subtype: 'message_changed' })],
    ['another kind of event', event({ ...direct, type: 'reaction_added' })],
    ['an event without an id', event(direct, null)],
    ['an event of nobody', event({ ...direct, user: undefined })],
    ['what is no event', arrivalOf({ type: 'app_rate_limited' })],
    ['a list', arrivalOf([])],
  ])('nothing of %s', (_, arrival) => expect(source.parse(arrival)).toEqual([]))

  test('what is no JSON is malformed', () => {
    expect(() => source.parse(arrivalOf(published))).toThrow(MalformedReceipt)
  })

  test('Slack is given back the word by which it asks whether the address is ours', () => {
    const asks = arrivalOf({ type: 'url_verification', challenge: '3eZbrw1a' })
    expect(source.answer!(asks)).toEqual({ type: 'text/plain', body: '3eZbrw1a' })
    expect(source.parse(asks)).toEqual([])
    expect(source.answer!(event(direct), 'a text')).toEqual({ type: 'text/plain', body: '' })
  })
})
