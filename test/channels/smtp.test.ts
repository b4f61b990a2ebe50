import { createServer } from 'node:net'
import type { Answer, Outgoing, Provider } from '../../channels/channel'
import { smtp, type SmtpSettings } from '../../channels/email/smtp'
import { cut, hang, scriptedSmtp, type Script, type ScriptedSmtp } from './scripted-smtp'

const outgoing: Outgoing = {
  touchpointId: 'trial:c-1/1/welcome/1',
  ref: 'a1b2c3',
  address: 'ada.lovelace@customers.example',
  content: { subject: 'Hello', text: 'Good day.\n' },
  category: 'transactional',
}
const bigBody = { ...outgoing, content: { subject: 'Hello', text: 'A line of text.\n'.repeat(300_000) } }

let server: ScriptedSmtp
const providers: Provider[] = []

beforeEach(async () => {
  server = await scriptedSmtp()
})
afterEach(async () => {
  await Promise.all(providers.splice(0).map(async (provider) => provider.close?.()))
  await server.close()
})

const providerOf = (more: Partial<SmtpSettings> = {}): Provider => {
  const timeouts = { inline: 5_000, patient: 5_000, reply: 10_000 }
  const provider = smtp({ url: server.url, from: 'Shop <hello@shop.example>', timeouts, ...more })
  providers.push(provider)
  return provider
}

const sendTo = (script: Script, more?: Partial<SmtpSettings>, message = outgoing): Promise<Answer> => {
  server.script = script
  return providerOf(more).send(message, 'inline')
}

const pipelining = { ehlo: '250-here\r\n250 PIPELINING' }
const withAuth = { ehlo: '250-here\r\n250 AUTH PLAIN LOGIN' }

describe('nothing was handed over: busy', () => {
  it.each<[string, Script]>([
    ['the line is cut before the greeting', { greeting: cut }],
    ['the greeting is 421', { greeting: '421 too many connections' }],
    ['the greeting is 554', { greeting: '554 go away' }],
    ['EHLO and HELO are refused', { ehlo: '502 no' }],
    ['the line is cut at EHLO', { ehlo: cut }],
    ['STARTTLS is refused', { ehlo: '250-here\r\n250 STARTTLS', starttls: '454 not now' }],
    ['the TLS handshake fails', { ehlo: '250-here\r\n250 STARTTLS', starttls: '220 go on' }],
    ['MAIL gets 451', { mail: '451 later' }],
    ['MAIL gets 421', { mail: '421 closing' }],
    ['MAIL wants us to sign in', { mail: '530 5.7.0 Authentication required' }],
    ['MAIL says our sign-in is not enough', { mail: '535 5.7.8 credentials have expired' }],
    ['MAIL wants encryption', { mail: '538 5.7.11 encryption required' }],
    ['the line is cut at MAIL', { mail: cut }],
    ['RCPT gets 450', { rcpt: '450 4.2.0 greylisted' }],
    ['the line is cut at RCPT', { rcpt: cut }],
    ['DATA gets 451', { data: '451 later' }],
    ['DATA gets 503', { data: '503 bad sequence' }],
    ['the line is cut at DATA', { data: cut }],
    ['the mail gets 451', { message: '451 4.3.0 try later' }],
    ['the mail gets 421', { message: '421 shutting down' }],
    ['RCPT gets 450, pipelined', { ...pipelining, rcpt: '450 greylisted', data: '554 no valid recipients' }],
    ['RCPT gets 450 and DATA is taken all the same', { ...pipelining, rcpt: '450 greylisted' }],
  ])('%s', async (_, script) => {
    expect(await sendTo(script)).toMatchObject({ is: 'busy', because: expect.stringMatching(/\w/) })
    expect(server.bodies.filter((body) => body !== '')).toHaveLength(script.message ? 1 : 0)
  })

  it('nobody listens', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const { port } = free.address() as { port: number }
    await new Promise((resolve) => free.close(resolve))
    expect(await sendTo({}, { url: `smtp://127.0.0.1:${port}` })).toEqual({
      is: 'busy',
      because: 'the mail server could not be used (ECONNREFUSED)',
      fault: 'down',
    })
  })

  it('the host has no address', async () => {
    expect(await sendTo({}, { url: 'smtp://mail.invalid:2525' })).toMatchObject({ is: 'busy' })
  })

  it('the port speaks no TLS', async () => {
    expect(await sendTo({}, { url: `smtps://127.0.0.1:${server.port}` })).toMatchObject({ is: 'busy' })
  })

  it.each<[string, Script]>([
    ['greeting', { greeting: hang }],
    ['EHLO', { ehlo: hang }],
    ['RCPT', { rcpt: hang }],
    ['DATA', { data: hang }],
  ])('the server hangs at %s', async (_, script) => {
    const answer = await sendTo(script, { timeouts: { inline: 300 } })
    expect(answer).toEqual({
      is: 'busy',
      because: 'the mail server could not be used (ETIMEDOUT)',
      fault: 'down',
    })
  })

  it('all connections are in use', async () => {
    server.script = { message: hang }
    const provider = providerOf({ connections: 1, timeouts: { inline: 1_000, reply: 3_000 } })
    const [first, second] = await Promise.all([
      provider.send(outgoing, 'inline'),
      provider.send(outgoing, 'inline'),
    ])
    expect(first).toMatchObject({ is: 'unknown' })
    expect(second).toEqual({
      is: 'busy',
      because: 'the mail server could not be used (EBUSY)',
      fault: 'down',
    })
  })

  it.each(['535 5.7.8 bad credentials for robot@shop.example', '454 4.7.0 later'])(
    'signing in gets %s',
    async (reply) => {
      const url = `smtp://robot%40shop.example:secret-word@127.0.0.1:${server.port}`
      const answer = await sendTo({ ...withAuth, auth: reply }, { url })
      expect(answer).toMatchObject({ is: 'busy', because: expect.stringContaining('did not let us sign in') })
      expect(JSON.stringify(answer)).not.toMatch(/robot|secret-word/)
    },
  )
})

describe('the server said never: refused, with its reason', () => {
  it.each<[string, Script]>([
    ['MAIL', { mail: '550 5.7.1 sender not allowed' }],
    ['RCPT', { rcpt: '550 no such user' }],
    ['RCPT, pipelined', { ...pipelining, rcpt: '550 no such user', data: '554 no valid recipients' }],
    ['DATA', { data: '554 5.5.1 no' }],
    ['the mail', { message: '554 5.7.1 looks like spam' }],
    ['its size', { ehlo: '250-here\r\n250 SIZE 10' }],
  ])('%s', async (_, script) => {
    const said =
      [script.mail, script.rcpt, script.message, script.data].find((act) => act !== undefined) ??
      'Message size'
    expect(await sendTo(script)).toEqual({ is: 'refused', because: expect.stringContaining(said as string) })
  })

  it.each<[string, Script]>([
    ['no such mailbox', { rcpt: '550 5.1.1 <ada.lovelace@customers.example>: user unknown' }],
    ['in several lines', { rcpt: '550-5.1.1 The account does not exist.\r\n550 5.1.1 Look for typos' }],
    ['pipelined', { ...pipelining, rcpt: '550 5.1.1 no such user', data: '554 no valid recipients' }],
    ['moved without a new address', { rcpt: '551 5.1.6 moved away' }],
    ['a domain that takes no mail', { rcpt: '556 5.1.10 null MX' }],
  ])('and the address is dead: %s', async (_, script) => {
    expect(await sendTo(script)).toMatchObject({ is: 'refused', address: 'dead' })
  })

  it.each<[string, Script]>([
    ['without an enhanced status', { rcpt: '550 user unknown' }],
    ['for policy', { rcpt: '550 5.7.1 you are not welcome' }],
    ['for policy, under the wrong status', { rcpt: '550 5.1.1 blocked: your address is on a spam list' }],
    ['a mailbox that is disabled', { rcpt: '550 5.2.1 disabled' }],
    ['a mailbox that is full', { rcpt: '552 5.2.2 over quota' }],
    ['the sender, not the receiver', { mail: '550 5.1.1 who are you' }],
    ['after the mail', { message: '550 5.1.1 no such user' }],
    ['a status inside the text', { rcpt: '550 see 5.1.1 in our manual' }],
    ['another status that begins alike', { rcpt: '550 5.1.11 odd' }],
  ])('and the address may be alive: %s', async (_, script) => {
    const answer = await sendTo(script)
    expect(answer).toMatchObject({ is: 'refused' })
    expect(answer).not.toHaveProperty('address')
  })

  it('without the customer in the reason', async () => {
    const rcpt =
      '550-5.1.1 <Ada.Lovelace@customers.example>: unknown\r\n550 5.1.1 mailbox ada.lovelace is not here'
    const answer = await sendTo({ rcpt })
    expect(answer).toEqual({
      is: 'refused',
      address: 'dead',
      because: 'the mail server said: 550-5.1.1 <(address)>: unknown 550 5.1.1 mailbox (address) is not here',
    })
  })
})

describe('the body was on its way: unknown', () => {
  it.each<[string, Script, Outgoing]>([
    ['cut after the final dot', { message: cut }, outgoing],
    ['cut in the middle of the body', { midBody: { bytes: 100_000, act: cut } }, bigBody],
    ['no reply', { message: hang }, outgoing],
    ['a reply that makes no sense', { message: 'what?' }, outgoing],
    ['half a reply', { message: '250-almost' }, outgoing],
    ['another 354', { message: '354 go on' }, outgoing],
  ])('%s', async (_, script, message) => {
    const answer = await sendTo(script, { timeouts: { inline: 5_000, reply: 1_000 } }, message)
    expect(answer).toMatchObject({ is: 'unknown', because: expect.stringMatching(/\w/) })
    expect(server.connections).toBe(1)
  })

  it('is refused all the same when the server says so in the middle', async () => {
    const script = { midBody: { bytes: 1_000, act: '552 5.3.4 too big' } }
    expect(await sendTo(script, {}, bigBody)).toMatchObject({
      is: 'refused',
      because: expect.stringContaining('552'),
    })
  })
})

describe('accepted', () => {
  it('waits for a slow reply beyond the inline patience', async () => {
    const answer = await sendTo(
      { message: { after: 2_500, say: '250 taken' } },
      { timeouts: { inline: 2_000, reply: 30_000 } },
    )
    expect(answer).toEqual({ is: 'accepted', providerMessageId: '<a1b2c3@shop.example>' })
  })

  it('uses one connection for one mail after the other', async () => {
    const provider = providerOf()
    for (let count = 0; count < 5; count += 1) await provider.send(outgoing, 'inline')
    expect([server.connections, server.bodies.length]).toEqual([1, 5])
  })

  it('opens a new connection when the kept one died meanwhile', async () => {
    const provider = providerOf()
    await provider.send(outgoing, 'inline')
    server.hangUp()
    expect(await provider.send(outgoing, 'inline')).toMatchObject({ is: 'accepted' })
    expect([server.connections, server.bodies.length]).toEqual([2, 2])
  })

  it('opens a new connection when the kept one answers 421 or dies at MAIL', async () => {
    const provider = providerOf()
    for (const mail of ['421 idle too long', cut]) {
      server.script = {}
      await provider.send(outgoing, 'inline')
      let told = false
      server.script = Object.defineProperty({} as Script, 'mail', {
        enumerable: true,
        get: () => (told ? '250 ok' : ((told = true), mail)),
      })
      expect(await provider.send(outgoing, 'inline')).toMatchObject({ is: 'accepted' })
    }
    expect(server.bodies).toHaveLength(4)
  })

  it('never repeats a mail cut on a kept connection after its body began', async () => {
    const provider = providerOf()
    await provider.send(outgoing, 'inline')
    server.script = { message: cut }
    expect(await provider.send(outgoing, 'inline')).toMatchObject({ is: 'unknown' })
    expect(server.bodies).toHaveLength(2)
  })

  it('goes on after a refusal', async () => {
    const provider = providerOf()
    server.script = { rcpt: '550 no' }
    expect(await provider.send(outgoing, 'inline')).toMatchObject({ is: 'refused' })
    server.script = {}
    expect(await provider.send(outgoing, 'inline')).toMatchObject({ is: 'accepted' })
  })

  it('sends 60 at once over at most 3 connections, each once', async () => {
    const provider = providerOf({ connections: 3, timeouts: { inline: 30_000 } })
    const mails = Array.from({ length: 60 }, (_, index) => ({ ...outgoing, ref: `r${index}` }))
    const answers = await Promise.all(mails.map((mail) => provider.send(mail, 'inline')))
    expect(answers.every((answer) => answer.is === 'accepted')).toBe(true)
    const ids = server.bodies.map((body) => /^Message-ID: (.*)$/m.exec(body)?.[1]?.trim())
    expect(new Set(ids).size).toBe(60)
    expect(ids).toHaveLength(60)
    expect(server.connections).toBeLessThanOrEqual(3)
  })
})

describe('addresses', () => {
  it.each([
    'no-at-sign',
    '@customers.example',
    'ada@',
    'ada@localhost',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada lovelace@customers.example',
    'ada@customers.example, eve@evil.example',
    'Ada <ada@customers.example>',
    'ada@customers.example>\r\nRCPT TO:<eve@evil.example',
    'ada\r\nBcc: eve@evil.example\r\n@customers.example',
    'ada\0@customers.example',
    'a..b@customers.example',
    '.ada@customers.example',
    'ada@customers..example',
    'ada@-customers.example',
    `${'a'.repeat(65)}@customers.example`,
    `ada@${'a'.repeat(64)}.example`,
    'ada@customers%2eexample',
    '"ada"@customers.example',
  ])('%j is refused before connecting', async (address) => {
    const answer = await providerOf().send({ ...outgoing, address }, 'inline')
    expect(answer).toEqual({ is: 'refused', because: 'the address is not a valid email address' })
    expect(server.connections).toBe(0)
  })

  it.each([
    [' ada@customers.example ', 'ada@customers.example'],
    ["o'neill+tag=1@sub.customers.example", "o'neill+tag=1@sub.customers.example"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@CUSTOMERS.example', 'ada@customers.example'],
  ])('%j goes to %j', async (address, recipient) => {
    expect(await providerOf().send({ ...outgoing, address }, 'inline')).toMatchObject({ is: 'accepted' })
    expect(server.commands).toContain(`RCPT TO:<${recipient}>`)
  })

  it('are the email trait', () => {
    const provider = providerOf()
    expect(provider.address({ id: 'c', traits: { email: 'ada@customers.example' } })).toBe(
      'ada@customers.example',
    )
    for (const email of [undefined, null, 7, '', '  ', ['a@b.example']]) {
      expect(provider.address({ id: 'c', traits: { email } })).toBeUndefined()
    }
  })
})

describe('settings', () => {
  it.each([
    [{ url: 'http://mail.example' }, /SMTP_URL must read smtp:/],
    [{ url: 'smtp://' }, /SMTP_URL/],
    [{ from: 'nobody' }, /MAIL_FROM must be one email address/],
    [{ from: 'a@shop.example, b@shop.example' }, /MAIL_FROM/],
  ])('%j is turned down at once', (settings, sentence) => {
    expect(() => providerOf(settings)).toThrow(sentence)
  })

  it('an address cannot make nodemailer write messages to the console', async () => {
    const written = jest.spyOn(console, 'log').mockImplementation(() => {})
    await providerOf({ url: `${server.url}?logger=true&debug=true&transactionLog=true` }).send(
      outgoing,
      'inline',
    )
    expect(written).not.toHaveBeenCalled()
    written.mockRestore()
  })

  it('greets with the host of our public address', async () => {
    await providerOf({ publicUrl: 'https://journeys.shop.example/x' }).send(outgoing, 'inline')
    expect(server.commands).toContain('EHLO journeys.shop.example')
  })
})
