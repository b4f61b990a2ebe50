import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import nodemailer from 'nodemailer'
import { startInbox, type Inbox } from '../../workers/servers/inbox'
import { eventually, removeTemporaryFolders, startFixture, temporaryFolder } from './support'

let dir: string
let inbox: Inbox

beforeEach(async () => {
  dir = temporaryFolder()
  inbox = await startInbox({ dir })
})
afterEach(async () => {
  await inbox.stop()
  removeTemporaryFolders()
})

const send = (url: string, mail: object) =>
  nodemailer
    .createTransport(url)
    .sendMail({ from: 'Café <shop@café.example>', to: 'ada@example.com', ...mail })

test('a mail is kept with its envelope, headers and both bodies', async () => {
  const { messageId } = await send(inbox.url, {
    to: 'Ada <ada@example.com>',
    bcc: 'grace@example.com',
    subject: 'Grüße, 你好',
    text: 'plain\n.\ndots',
    html: '<p>rich <img src="cid:x"></p>',
    headers: { 'List-Unsubscribe': '<https://shop.example/u/1>', 'X-Twice': ['a', 'b'] },
  })
  const [summary] = inbox.list()
  expect(summary).toEqual({
    id: expect.stringMatching(/^\d{8}T\d{9}Z-0000-[0-9a-f]{8}$/),
    receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    from: expect.stringContaining('Café'),
    to: ['ada@example.com', 'grace@example.com'],
    subject: 'Grüße, 你好',
    messageId,
  })
  const mail = (await inbox.get(summary!.id))!
  expect(mail).toMatchObject(summary!)
  expect(mail.headers).toMatchObject({
    'list-unsubscribe': '<https://shop.example/u/1>',
    'x-twice': 'a\nb',
    to: 'Ada <ada@example.com>',
  })
  expect(mail.headers).not.toHaveProperty('x-sojourn-envelope')
  expect(mail.text.trim()).toBe('plain\n.\ndots')
  expect(mail.html).toContain('<p>rich')
})

test('lists are newest first, by recipient, and go on before an id', async () => {
  for (const n of [1, 2, 3, 4])
    await send(inbox.url, { to: n % 2 ? 'Odd@x.example' : 'even@x.example', subject: `${n}` })
  const subjects = (query?: Parameters<Inbox['list']>[0]) => inbox.list(query).map(({ subject }) => subject)
  expect(subjects()).toEqual(['4', '3', '2', '1'])
  expect(subjects({ to: 'odd@X.example' })).toEqual(['3', '1'])
  expect(subjects({ limit: 2 })).toEqual(['4', '3'])
  expect(subjects({ limit: 2, before: inbox.list({ limit: 2 })[1]!.id })).toEqual(['2', '1'])
  expect(inbox.count()).toBe(4)
})

test('an unknown id, and one that is a path, find nothing', async () => {
  expect(await inbox.get('20260101T000000000Z-0000-00000000')).toBeUndefined()
  expect(await inbox.get('../../etc/passwd')).toBeUndefined()
})

test('a mail above 1 MB is refused and not kept', async () => {
  await expect(send(inbox.url, { text: 'x'.repeat(1_200_000) })).rejects.toThrow(/552/)
  expect(inbox.count()).toBe(0)
})

test('one above 1 MB whose size is not announced is refused and not kept', async () => {
  const reply = await talk(`DATA\r\nSubject: x\r\n\r\n${`${'y'.repeat(70)}\r\n`.repeat(16_000)}.\r\n`)
  expect(reply).toContain('552 ')
  expect(inbox.count()).toBe(0)
})

test('a mail whose sender goes away in the middle is not kept', async () => {
  await talk('DATA\r\nSubject: half\r\n\r\nhalf a li', { hangUp: true })
  await sleep(200)
  expect(inbox.count()).toBe(0)
  expect(readdirSync(dir)).toEqual([])
  await send(inbox.url, { text: 'whole' })
  expect(inbox.count()).toBe(1)
})

test('bytes that are no mail are kept as they came', async () => {
  expect(await talk('DATA\r\n\xff\xfe no header here\r\n.\r\n')).toContain('250 ')
  const [summary] = inbox.list()
  expect(summary).toMatchObject({ from: 'a@b.example', to: ['c@d.example'], subject: '' })
  expect(await inbox.get(summary!.id)).toBeDefined()
})

test('every acknowledged mail survives kill -9 of the inbox', async () => {
  const kept = temporaryFolder()
  const owner = startFixture('hold-inbox.ts', kept)
  const { url } = await owner.next()
  const acknowledged: string[] = []
  const sending = Promise.allSettled(
    Array.from({ length: 4 }, async () => {
      for (;;) acknowledged.push((await send(url, { text: 'x' })).messageId)
    }),
  )
  await eventually(() => acknowledged.length > 40)
  owner.child.kill('SIGKILL')
  await sending

  const again = await startInbox({ dir: kept })
  const found = new Set(again.list({ limit: 10_000 }).map(({ messageId }) => messageId))
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
  await again.stop()
})

test('thousands of earlier mails are there at once, and only the newest 5,000', async () => {
  await send(inbox.url, { to: 'first@x.example', subject: 'template' })
  const [name] = readdirSync(dir) as [string]
  const raw = readFileSync(join(dir, name))
  const many = temporaryFolder()
  for (let n = 0; n < 5_003; n++) {
    writeFileSync(join(many, `20260101T0000${String(n).padStart(5, '0')}Z-0000-00000000.eml`), raw)
  }
  const started = Date.now()
  const again = await startInbox({ dir: many })
  expect(Date.now() - started).toBeLessThan(1_000)
  expect(again.count()).toBe(5_000)
  expect(readdirSync(many)).toHaveLength(5_000)
  expect(again.list({ to: 'nobody@x.example' })).toEqual([])
  expect(again.list({ limit: 5_000 }).at(-1)).toMatchObject({
    id: '20260101T000000003Z-0000-00000000',
    subject: 'template',
  })
  expect(Date.now() - started).toBeLessThan(5_000)
  await send(again.url, {})
  expect(again.count()).toBe(5_000)
  await again.stop()
})

test('a port in use is one sentence', async () => {
  const port = Number(new URL(inbox.url).port)
  await expect(startInbox({ dir: temporaryFolder(), port })).rejects.toThrow(
    `port ${port} is already in use: stop what listens there, or set SMTP_PORT to another port`,
  )
})

/** Speaks SMTP by hand up to the given words; what the server said. */
async function talk(words: string, { hangUp = false } = {}): Promise<string> {
  const socket = connect(Number(new URL(inbox.url).port), '127.0.0.1')
  let heard = ''
  socket.setEncoding('utf8').on('data', (chunk) => (heard += chunk))
  for (const command of ['', 'EHLO x', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>']) {
    const before = heard
    if (command) socket.write(`${command}\r\n`)
    await eventually(() => heard !== before && /^\d{3} .*\r\n$/m.test(heard.slice(before.length)))
  }
  const [data, rest] = words.split(/(?<=^DATA\r\n)/) as [string, string]
  socket.write(data)
  await eventually(() => heard.includes('354'))
  socket.write(Buffer.from(rest, 'latin1'))
  if (!hangUp)
    await eventually(() =>
      /^(250|552) [^]*\r\n$/m.test(heard.split('354')[1]!.split('\r\n').slice(1).join('\r\n')),
    )
  await sleep(50)
  socket.destroy()
  return heard.split('354')[1]!
}
