import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import type { Outgoing, Provider } from '../../channels/channel'
import { smtp } from '../../channels/email/smtp'

const letters: { raw: string; parsed: ParsedMail }[] = []
let inbox: SMTPServer
let provider: Provider

beforeAll(async () => {
  inbox = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === 'robot@shop.example' && password === 'p:a/s s'
        ? done(null, { user: 'robot' })
        : done(new Error('no')),
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const raw = Buffer.concat(chunks)
        letters.push({ raw: raw.toString(), parsed: await simpleParser(raw) })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve))
  const { port } = inbox.server.address() as AddressInfo
  const url = `smtp://robot%40shop.example:p%3Aa%2Fs%20s@127.0.0.1:${port}`
  provider = smtp({ url, from: 'Bücher & Co <hello@bücher.example>' })
})
afterAll(async () => {
  await provider.close?.()
  await new Promise<void>((resolve) => inbox.close(resolve))
})
beforeEach(() => void letters.splice(0))

const outgoing: Outgoing = {
  touchpointId: 'care:c-1/1/welcome/1',
  ref: 'q7Zx_-1',
  address: 'ada@customers.example',
  content: {
    subject:
      'Grüße, 你好 — your order 🎉 is on its way, and this subject is long enough to be folded somewhere',
    text: 'Hallo Zoë,\n\n.a line that begins with a dot\nÜber 100 €\n',
    html: '<p>Hallo Zoë, <b>你好</b></p>',
  },
  category: 'marketing',
  unsubscribeUrl: 'https://journeys.shop.example/unsubscribe/abc?x=1&y=ü',
}

const deliver = async (more: Partial<Outgoing> = {}) => {
  const answer = await provider.send({ ...outgoing, ...more }, 'patient')
  expect(answer).toEqual({ is: 'accepted', providerMessageId: '<q7Zx_-1@xn--bcher-kva.example>' })
  expect(letters).toHaveLength(1)
  return letters[0]!
}

const headerLines = (raw: string): string[] => raw.slice(0, raw.indexOf('\r\n\r\n')).split(/\r\n(?![ \t])/)
const namesOf = (raw: string): string[] =>
  headerLines(raw).map((line) => line.slice(0, line.indexOf(':')).toLowerCase())

it('arrives with its text, html, subject and addresses', async () => {
  const { parsed } = await deliver()
  expect(parsed.subject).toBe(outgoing.content.subject)
  expect(parsed.text).toBe(outgoing.content.text)
  expect(parsed.html).toContain(outgoing.content.html)
  expect(parsed.messageId).toBe('<q7Zx_-1@xn--bcher-kva.example>')
  expect(parsed.from?.value).toEqual([{ name: 'Bücher & Co', address: 'hello@bücher.example' }])
  expect(parsed.to).toMatchObject({ value: [{ address: 'ada@customers.example' }] })
})

it('is text alone when there is no html', async () => {
  const { parsed, raw } = await deliver({ content: { subject: 'Short', text: 'Just text\n' } })
  expect([parsed.text, parsed.html]).toEqual(['Just text\n', false])
  expect(raw).not.toContain('multipart')
})

it('offers one-click unsubscribe for marketing', async () => {
  const { parsed, raw } = await deliver()
  expect(headerLines(raw)).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  expect(headerLines(raw)).toContain(
    'List-Unsubscribe: <https://journeys.shop.example/unsubscribe/abc?x=1&y=%C3%BC>',
  )
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated')
})

it('offers none for transactional mail', async () => {
  const { raw } = await deliver({ category: 'transactional' })
  expect(namesOf(raw)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^list-/)]))
})

it.each([
  'Hello\r\nBcc: eve@evil.example',
  'Hello\nBcc: eve@evil.example\n\nbody',
  'Hello\rBcc: eve@evil.example',
  'Hello\r\n\r\n<script>',
  'Hello\u2028Bcc: eve@evil.example',
  '=?utf-8?Q?Hello=0D=0ABcc:_eve@evil.example?=',
])('cannot be given headers by a subject: %j', async (subject) => {
  const plain = namesOf((await deliver()).raw)
  letters.splice(0)
  const { raw } = await deliver({ content: { ...outgoing.content, subject } })
  expect(namesOf(raw)).toEqual(plain)
})

it('cannot be given headers by the unsubscribe link or the ref', async () => {
  const answer = await provider.send(
    {
      ...outgoing,
      ref: 'x>\r\nBcc: eve@evil.example',
      unsubscribeUrl: 'https://a.example/\r\nBcc: <eve@evil.example>',
    },
    'patient',
  )
  expect(answer).toMatchObject({ is: 'accepted' })
  expect(namesOf(letters[0]!.raw)).not.toContain('bcc')
})
