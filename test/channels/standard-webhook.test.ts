import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { Outgoing, Provider } from '../../channels/channel'
import { isPublic, type Lookup } from '../../channels/public-address'
import { retryAfterMs } from '../../channels/retry-after'
import type { WebhookSettings } from '../../channels/signed-webhooks'
import { standardWebhook } from '../../channels/webhook/standard-webhook'

const secret = `whsec_${Buffer.from('a secret of a good length').toString('base64')}`
const outgoing: Outgoing = {
  touchpointId: 'care:c-1/1/help/1',
  ref: 'wh_1',
  address: 'crm',
  content: { body: { type: 'help.needed', data: { customer: 'c-1', note: 'grüß "Gott"' } } },
  category: 'transactional',
}

let server: Server
let port: number
let requests: { headers: IncomingMessage['headers']; body: string; url: string; method: string }[]
let answer: RequestListener
const providers: Provider[] = []

beforeEach(async () => {
  requests = []
  answer = (_request, response) => void response.writeHead(204).end()
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    requests.push({ headers: request.headers, body, url: request.url ?? '', method: request.method ?? '' })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  server.closeAllConnections()
  await Promise.all([
    ...providers.splice(0).map(async (provider) => provider.close?.()),
    new Promise((resolve) => server.close(resolve)),
  ])
})

const providerOf = (
  more: Partial<WebhookSettings> = {},
  url = `http://127.0.0.1:${port}/hook?k=1`,
): Provider => {
  const provider = standardWebhook({
    endpoints: { crm: { url, secret } },
    allowPrivate: true,
    timeoutMs: 10_000,
    ...more,
  })
  providers.push(provider)
  return provider
}
const send = (provider = providerOf()) => provider.send(outgoing, 'patient')

it('posts signed JSON that the published library verifies', async () => {
  expect(await send()).toEqual({ is: 'accepted', providerMessageId: 'wh_1' })
  const [request] = requests
  expect(request).toMatchObject({ method: 'POST', url: '/hook?k=1' })
  expect(request?.headers).toMatchObject({ 'webhook-id': 'wh_1', 'content-type': 'application/json' })
  const verified = new Webhook(secret).verify(request!.body, request!.headers as Record<string, string>)
  expect(verified).toEqual(outgoing.content.body)
  const tampered = request!.body.replace('c-1', 'c-2')
  expect(() => new Webhook(secret).verify(tampered, request!.headers as Record<string, string>)).toThrow()
})

it('has the same webhook-id on every attempt', async () => {
  const provider = providerOf()
  await send(provider)
  await send(provider)
  expect(requests.map(({ headers }) => headers['webhook-id'])).toEqual(['wh_1', 'wh_1'])
})

describe('answers', () => {
  it.each([
    [200, 'accepted'],
    [202, 'accepted'],
    [301, 'refused'],
    [307, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [408, 'busy'],
    [410, 'refused'],
    [429, 'busy'],
    [500, 'busy'],
    [503, 'busy'],
  ])('%i means %s', async (status, is) => {
    answer = (_request, response) =>
      void response.writeHead(status, { location: `http://127.0.0.1:${port}/else` }).end('x')
    expect(await send()).toMatchObject({ is })
    expect(requests).toHaveLength(1)
  })

  it.each([429, 503])('%i says when to come back', async (status) => {
    answer = (_request, response) => void response.writeHead(status, { 'retry-after': '120' }).end()
    expect(await send()).toEqual({
      is: 'busy',
      because: `the endpoint crm answered ${status}`,
      retryAfterMs: 120_000,
    })
  })

  it('reads Retry-After in both its forms', () => {
    const now = Date.parse('2026-11-23T12:00:00Z')
    expect(retryAfterMs('7', now)).toBe(7_000)
    expect(retryAfterMs('Mon, 23 Nov 2026 12:01:00 GMT', now)).toBe(60_000)
    expect(retryAfterMs('Monday, 23-Nov-26 12:01:00 GMT', now)).toBe(60_000)
    expect(retryAfterMs('Mon, 23 Nov 2026 11:00:00 GMT', now)).toBe(0)
    for (const senseless of [undefined, '', 'soon', '-5', '1.5', '2026-11-23'])
      expect(retryAfterMs(senseless, now)).toBeUndefined()
  })

  it('are read no further than 64 KB: the line is cut there', async () => {
    let cutOff: Promise<unknown> | undefined
    answer = (_request, response) => {
      cutOff = new Promise((resolve) => response.on('close', resolve))
      response.writeHead(200).write('x'.repeat(80 * 1024)) // and never ends
    }
    expect(await send(providerOf({ timeoutMs: 300_000 }))).toMatchObject({ is: 'accepted' })
    await cutOff
  })

  it('that never end count by their status', async () => {
    answer = (_request, response) => void response.writeHead(200).write('and then')
    expect(await send(providerOf({ timeoutMs: 500 }))).toMatchObject({ is: 'accepted' })
  })
})

describe('network trouble is busy', () => {
  it('when nobody listens', async () => {
    const free = createTcpServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const closed = (free.address() as AddressInfo).port
    await new Promise((resolve) => free.close(resolve))
    expect(await send(providerOf({}, `http://127.0.0.1:${closed}/?token=hush`))).toEqual({
      is: 'busy',
      because: 'the endpoint crm could not be reached (ECONNREFUSED)',
    })
  })

  it('when the line is cut', async () => {
    answer = (request) => request.socket.destroy()
    expect(await send()).toMatchObject({ is: 'busy' })
  })

  it('when the answer does not come in time', async () => {
    answer = () => {}
    const answered = await send(providerOf({ timeoutMs: 300 }))
    expect(answered).toEqual({ is: 'busy', because: 'the endpoint crm could not be reached (TimeoutError)' })
  })

  it('when the name has no address', async () => {
    expect(await send(providerOf({ allowPrivate: false }, 'http://hooks.invalid/'))).toMatchObject({
      is: 'busy',
    })
  })
})

describe('addresses that are not public', () => {
  const resolvingTo = (...addresses: string[]): Lookup & jest.Mock =>
    jest.fn((_host, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    )

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
  ])('http://%s is refused and never called', async (host) => {
    const url = `http://${host}:${port}/`
    const refused = { is: 'refused', because: 'the endpoint crm is not at a public address' }
    expect(await send(providerOf({ allowPrivate: false }, url))).toEqual(refused)
    expect(requests).toHaveLength(0)
  })

  it('are refused when a name resolves to one, or to one among others', async () => {
    for (const addresses of [
      ['127.0.0.1'],
      ['93.184.216.34', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['fd00:ec2::254'],
    ]) {
      const provider = providerOf(
        { allowPrivate: false, lookup: resolvingTo(...addresses) },
        `http://hooks.example:${port}/`,
      )
      expect(await send(provider)).toMatchObject({ is: 'refused' })
    }
    expect(requests).toHaveLength(0)
  })

  it('gain nothing by answering with a public one first: the address connected to is the one that was checked', async () => {
    const answers = ['2d00::1', '127.0.0.1'] // the first is in public space that nobody was given
    const lookup: Lookup & jest.Mock = jest.fn((_host, _options, done) => {
      const address = answers.shift() ?? '127.0.0.1'
      done(null, [{ address, family: address.includes(':') ? 6 : 4 }])
    })
    const settings = { allowPrivate: false, lookup, timeoutMs: 500 }
    const provider = providerOf(settings, `http://rebinding.example:${port}/`)
    expect(await send(provider)).toMatchObject({ is: 'busy' })
    expect(lookup).toHaveBeenCalledTimes(1)
    expect(await send(provider)).toMatchObject({ is: 'refused' })
    expect(requests).toHaveLength(0)
  })

  it('are not reached by a redirect', async () => {
    answer = (_request, response) =>
      void response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end()
    expect(await send()).toEqual({ is: 'refused', because: 'the endpoint crm answered 302' })
  })

  it('are called where that is allowed, with the same lookup', async () => {
    const lookup = resolvingTo('127.0.0.1')
    expect(await send(providerOf({ lookup }, `http://hooks.example:${port}/`))).toMatchObject({
      is: 'accepted',
    })
    expect(lookup).toHaveBeenCalledTimes(1)
  })

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.255.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '192.0.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    '2001:db8::1',
    '4000::1',
    '1::1',
    'not an address',
  ])('%s counts as one', (address) => expect(isPublic(address)).toBe(false))

  it.each(['93.184.216.34', '8.8.8.8', '2606:4700:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    '%s does not',
    (address) => expect(isPublic(address)).toBe(true),
  )
})

describe('settings', () => {
  it.each([
    [{ url: 'ftp://x.example', secret }, /needs an http or https URL/],
    [{ url: 'nonsense', secret }, /needs an http or https URL/],
    [{ url: 'https://x.example', secret: 'whsec_' }, /must read whsec_ and base64/],
    [{ url: 'https://x.example', secret: '%%%' }, /must read whsec_ and base64/],
  ])('%j is turned down at once, without showing the secret', (endpoint, sentence) => {
    const create = () => standardWebhook({ endpoints: { crm: endpoint }, allowPrivate: false })
    expect(create).toThrow(sentence)
  })

  it('an endpoint nobody configured is refused', async () => {
    for (const address of ['elsewhere', '__proto__', 'constructor']) {
      expect(await providerOf().send({ ...outgoing, address }, 'inline')).toEqual({
        is: 'refused',
        because: `there is no webhook endpoint named ${address}`,
      })
    }
  })
})
