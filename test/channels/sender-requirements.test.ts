import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { SMTPServer } from 'smtp-server'
import type { Outgoing, Provider } from '../../channels/channel'
import { smtp } from '../../channels/email/smtp'
import { isSigned, nameOf, parted, signatureOf } from './verify-dkim'

// What Google, Yahoo and Microsoft ask of senders, each a line of docs/guides/sending-mail.md, and here where it is ours.

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const dkim = { domain: 'shop.example', selector: 'mail2027', privateKey: pem }

let inbox: SMTPServer
let provider: Provider
let letters: { raw: string; sender: string; secure: boolean }[] = []

beforeAll(async () => {
  inbox = new SMTPServer({
    authOptional: true,
    onData: (stream, { envelope: { mailFrom }, secure }, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('latin1')
        letters.push({ raw, secure, sender: mailFrom ? mailFrom.address : '' })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve))
  const { port } = inbox.server.address() as AddressInfo
  const url = `smtp://127.0.0.1:${port}/?tls.rejectUnauthorized=false`
  provider = smtp({ url, from: 'Bücher & Co <hello@shop.example>', dkim })
})
afterAll(async () => {
  await provider.close?.()
  await new Promise<void>((resolve) => inbox.close(resolve))
})

const outgoing: Outgoing = {
  touchpointId: 'care:c-1/1/welcome/1',
  ref: 'q7Zx_-1',
  address: 'ada@customers.example',
  content: {
    subject: `Grüße, 你好 🎉 ${'a subject that is long enough to be folded '.repeat(4)}`,
    text: `Hallo Zoë,\n\n.a line with a dot, and trailing blanks   \n${'long '.repeat(400)}\n\n\n`,
    html: `<p>${'Ein langer Absatz ohne Umbruch. '.repeat(100)}</p>`,
  },
  category: 'marketing',
  unsubscribeUrl: 'https://journeys.shop.example/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA.' + 'b'.repeat(43),
}

async function sent(more: Partial<Outgoing> = {}) {
  letters = []
  expect(await provider.send({ ...outgoing, ...more }, 'patient')).toMatchObject({ is: 'accepted' })
  const [letter] = letters
  const { headers } = parted(letter!.raw)
  const valueOf = (name: string) =>
    headers
      .find((each) => nameOf(each) === name)
      ?.replace(/^[^:]+:\s*/, '')
      .replace(/\r\n[ \t]/g, ' ')
  return { ...letter!, headers, valueOf }
}

const plain = {
  content: { subject: 'Your invoice', text: 'It is paid.\n' },
  category: 'transactional',
} as const

const requirements: Record<string, () => Promise<void>> = {
  'The mail is valid by RFC 5322': async () => {
    const { raw, headers } = await sent()
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(raw.split('\r\n').every((line) => line.length <= 998)).toBe(true)
    expect(raw).toMatch(/^[\x00-\x7f]*$/)
    expect(headers.every((header) => /^[!-9;-~]+:/.test(header))).toBe(true)
  },
  'Each header that may appear once does': async () => {
    const names = (await sent()).headers.map(nameOf)
    for (const name of [
      'from',
      'to',
      'subject',
      'date',
      'message-id',
      'mime-version',
      'content-type',
      'list-unsubscribe',
      'list-unsubscribe-post',
    ])
      expect([name, names.filter((each) => each === name).length]).toEqual([name, 1])
  },
  'A Message-ID of the sender’s domain': async () => {
    expect((await sent()).valueOf('message-id')).toBe('<q7Zx_-1@shop.example>')
  },
  'A Date that is now': async () => {
    const date = Date.parse((await sent()).valueOf('date')!)
    expect(Math.abs(date - Date.now())).toBeLessThan(60_000)
  },
  'One From address, the same as the envelope’s, so that SPF aligns': async () => {
    const { valueOf, sender } = await sent()
    expect(valueOf('from')).toMatch(/<hello@shop\.example>$/)
    expect(sender).toBe('hello@shop.example')
  },
  'A DKIM signature aligned with From': async () => {
    for (const more of [{}, plain]) {
      const { raw } = await sent(more)
      expect(signatureOf(raw)).toMatchObject({ d: 'shop.example', s: 'mail2027', a: 'rsa-sha256' })
      expect(isSigned(raw, publicKey)).toBe(true)
    }
    const { raw } = await sent()
    expect(isSigned(raw.replace('Hallo', 'Hullo'), publicKey)).toBe(false)
  },
  'A DKIM key of at least 1,024 bits': async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    })
    expect(() =>
      smtp({ url: 'smtp://x', from: 'a@shop.example', dkim: { ...dkim, privateKey: weak as string } }),
    ).toThrow('1024 bits')
  },
  'One-click unsubscribing on marketing: List-Unsubscribe with https, and List-Unsubscribe-Post':
    async () => {
      const { valueOf } = await sent()
      expect(valueOf('list-unsubscribe')).toBe(`<${outgoing.unsubscribeUrl}>`)
      expect(valueOf('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
    },
  'The signature covers both of these headers (RFC 8058)': async () => {
    const { raw } = await sent()
    expect(signatureOf(raw)!.h!.split(':')).toEqual(
      expect.arrayContaining(['from', 'list-unsubscribe', 'list-unsubscribe-post']),
    )
    expect(isSigned(raw.replace('/unsubscribe/A', '/unsubscribe/B'), publicKey)).toBe(false)
    expect(isSigned(raw.replace('=One-Click', '=Two-Click'), publicKey)).toBe(false)
  },
  'No unsubscribing from what must be sent': async () => {
    const { headers } = await sent(plain)
    expect(headers.map(nameOf).filter((name) => name.startsWith('list-'))).toEqual([])
  },
  'Every marketing mail has an unsubscribe link in its text': async () => {
    const folder = path.join(__dirname, '../../catalog/messages')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.email.liquid'),
    )
    // What is sent as transactional.
    const needed = [
      'appointment/reminder',
      'care/payment-failed',
      'consent/confirm',
      'orders/late',
      'outage/',
    ]
    for (const file of files.filter((each) => !needed.some((name) => each.startsWith(name)))) {
      const [, text, html] = readFileSync(path.join(folder, file), 'utf8').split(/^--- .*$/m)
      for (const part of [text, html])
        expect([file, part]).toEqual([file, expect.stringContaining('links.unsubscribe')])
    }
  },
  'The connection is encrypted where the server offers it': async () => {
    expect((await sent()).secure).toBe(true)
  },
}

test.each(Object.keys(requirements))('%s', (name) => requirements[name]!())

test('each of the guide’s lines that is ours is checked here, and nothing else', () => {
  const guide = readFileSync(path.join(__dirname, '../../docs/guides/sending-mail.md'), 'utf8')
  const rows = guide.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const ours = rows.filter(([, , who]) => who === 'Sojourn').map(([, what]) => what)
  expect(ours.sort()).toEqual(Object.keys(requirements).sort())
})

test.each([
  [{ domain: 'shop.example' }, 'must be set together'],
  [{ ...dkim, selector: 'a b' }, 'DKIM_SELECTOR must'],
  [{ ...dkim, domain: 'localhost' }, 'DKIM_DOMAIN must be a domain'],
  [{ ...dkim, domain: 'evilshop.example' }, 'DMARC fails'],
  [{ ...dkim, privateKey: 'secret' }, 'DKIM_PRIVATE_KEY must be an RSA'],
  [
    {
      ...dkim,
      privateKey: generateKeyPairSync('ed25519').privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }) as string,
    },
    'must be an RSA',
  ],
])('DKIM settings that cannot be used are refused at the start: %#', (settings, sentence) => {
  const start = () => smtp({ url: 'smtp://x', from: 'a@shop.example', dkim: settings })
  expect(start).toThrow(sentence)
  expect(start).not.toThrow(/secret/)
})

test('a key on one line, and a domain above or below the sender’s, can be used', () => {
  const privateKey = pem.replaceAll('\n', '\\n')
  for (const domain of ['shop.example', 'mail.shop.example', 'SHOP.example'])
    expect(() =>
      smtp({ url: 'smtp://x', from: 'a@shop.example', dkim: { ...dkim, domain, privateKey } }),
    ).not.toThrow()
  expect(() => smtp({ url: 'smtp://x', from: 'a@news.shop.example', dkim })).not.toThrow()
})
