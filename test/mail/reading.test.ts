import { returnedMail } from '../../channels/email/inbound'
import { returnAddresses } from '../../channels/email/inbound/addresses'
import { refOf } from '../../store'
import { answerMail, crlf, deliveryReport, feedbackReport, type Answer, type Report } from './mails'

const settings = { domain: 'bounces.shop.example', secrets: ['new-secret'.repeat(4)], replies: true }
const addresses = returnAddresses(settings)
const returned = returnedMail(settings)
const ref = refOf('care:ada/1/hello/1')
const token = addresses.tokens.of(ref)
const path = addresses.path(ref)
const messageId = `Message-ID: <${token}@shop.example>`
const ada = 'ada@customers.example'
const original = crlf('From: Shop <hello@shop.example>', `To: ${ada}`, 'Subject: Hello', messageId)

const read = (
  raw: string | Buffer,
  { envelopeTo = path, envelopeFrom = '' }: { envelopeTo?: string; envelopeFrom?: string } = {},
) => returned.read({ envelopeFrom, envelopeTo, raw: Buffer.from(raw), at: 1_000 })

describe('addresses', () => {
  test('are ours when we signed them, in whatever case a server writes them', () => {
    const before = returnAddresses({ ...settings, secrets: ['old-secret'.repeat(4)] })
    const rotated = returnAddresses({ ...settings, secrets: [...settings.secrets, 'old-secret'.repeat(4)] })
    expect(path).toMatch(/^bounce-[0-9a-f]{52}@bounces\.shop\.example$/)
    expect(path.indexOf('@')).toBeLessThanOrEqual(64)
    for (const address of [
      path,
      path.toUpperCase(),
      addresses.replyTo(ref)!,
      'Complaints@bounces.shop.example',
    ])
      expect([address, addresses.isOurs(address)]).toEqual([address, true])
    expect(rotated.isOurs(before.path(ref))).toBe(true)
    expect(rotated.tokens.refIn(before.path(ref))).toBe(ref)
  })

  test.each([
    ['another secret', returnAddresses({ ...settings, secrets: ['x'.repeat(32)] }).path(ref)],
    ['another touchpoint', path.replace(/-./, '-0').replace('-0', path[7] === '0' ? '-1' : '-0')],
    ['another domain', path.replace('shop', 'shops')],
    ['a domain before ours', `${path}@elsewhere.example`],
    ['no token', 'bounce-@bounces.shop.example'],
    ['somebody else', 'postmaster@bounces.shop.example'],
    ['nothing', ''],
  ])('%s is not ours', (_, address) => {
    expect(addresses.isOurs(address)).toBe(false)
  })
})

describe('delivery reports', () => {
  test.each<[string, Partial<Report>, object | undefined]>([
    ['no such mailbox', { status: '5.1.1', diagnostic: '550 5.1.1 unknown user' }, { kind: 'bounced', hard: true }],
    ['a comment behind the status', { status: '5.1.1 (bad destination mailbox address)' }, { kind: 'bounced', hard: true }],
    ['a domain without mail', { status: '5.1.10' }, { kind: 'bounced', hard: true }],
    ['a full mailbox', { status: '5.2.2', diagnostic: '552 5.2.2 over quota' }, { kind: 'bounced', hard: false }],
    ['disabled', { status: '5.2.1' }, { kind: 'bounced', hard: false }],
    ['given up', { status: '4.4.7' }, { kind: 'bounced', hard: false }],
    ['refused for what we are', { status: '5.1.1', diagnostic: '550 5.1.1 blocked by policy' }, { kind: 'bounced', hard: false }],
    ['Exim says 5.0.0, the server more', { status: '5.0.0', diagnostic: '550 5.1.1 no such user' }, { kind: 'bounced', hard: true }],
    ['Exim and nobody says more', { status: '5.0.0', diagnostic: '550 no' }, { kind: 'bounced', hard: false }],
    ['an address of four numbers is no status', { status: '5.0.0', diagnostic: '550 5.1.1.7 refused' }, { kind: 'bounced', hard: false }],
    ['a delay', { status: '4.4.1', action: 'delayed' }, { kind: 'deferred' }],
    ['delivered', { status: '2.0.0', action: 'delivered' }, { kind: 'delivered' }],
    ['a word of its own for it', { status: '5.1.1', action: 'failure' as 'failed' }, { kind: 'bounced', hard: true }],
    ['an error', { status: '5.0.0', action: 'error' as 'failed' }, { kind: 'bounced', hard: false }],
    ['no action that we know', { status: '4.2.2', action: 'perhaps' as 'failed' }, { kind: 'deferred' }],
    ['relayed: nobody knows', { status: '2.0.0', action: 'relayed' }, undefined],
    ['expanded', { status: '2.0.0', action: 'expanded' }, undefined],
  ])('%s', async (_, more, expected) => {
    const receipts = await read(deliveryReport({ recipient: ada, status: '', original, ...more }))
    expect(receipts).toMatchObject(expected ? [{ ...expected, ref, at: 1_000 }] : [])
    expect(receipts).toHaveLength(expected ? 1 : 0)
  }) // prettier-ignore

  test('the reason names nobody', async () => {
    const diagnostic = `550 5.1.1 <${ada}>: ada is unknown`
    const [receipt] = await read(deliveryReport({ recipient: ada, status: '5.1.1', diagnostic, original }))
    expect(receipt!.because).toBe('5.1.1 550 5.1.1 <(address)>: (address) is unknown')
  })

  test('a mailbox that her mail is forwarded to may be dead, and hers is not', async () => {
    const report = deliveryReport({ recipient: 'old@elsewhere.example', status: '5.1.1', original })
    expect(await read(report)).toMatchObject([{ kind: 'bounced', hard: false }])
    expect(await read(report.replaceAll('Original-Recipient: rfc822;old@elsewhere.example', `Original-Recipient: rfc822;${ada}`)))
      .toMatchObject([{ hard: true }]) // prettier-ignore
  })

  test('the mail given back names the touchpoint where the return path was lost', async () => {
    const report = deliveryReport({ recipient: ada, status: '5.1.1', original })
    expect(await read(report, { envelopeTo: 'replies@bounces.shop.example' })).toMatchObject([
      { ref, hard: true },
    ])
    const forged = report.replaceAll(
      token,
      token.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    )
    expect(await read(forged, { envelopeTo: 'replies@bounces.shop.example' })).toEqual([])
  })

  test('Exchange gives the whole mail back, with no headers of its own that we need', async () => {
    const whole = crlf(
      'From: <postmaster@customers.example>',
      'Content-Type: multipart/report; report-type=delivery-status;',
      '\tboundary="_c0ffee_"',
      'X-MS-Exchange-Message-Is-Ndr:',
      '',
      '--_c0ffee_',
      'Content-Type: multipart/alternative; boundary="_inner_"',
      '',
      '--_inner_',
      'Content-Type: text/plain; charset="iso-2022-jp"',
      'Content-Transfer-Encoding: base64',
      '',
      'GyRCJDMkcyRLJEEkTxsoQg==',
      '--_inner_--',
      '--_c0ffee_',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns;customers.example',
      '',
      `Final-recipient: RFC822;${ada}`,
      'Action: FAILED',
      'Status: 5.1.10',
      'Diagnostic-code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient',
      '\tnot found by SMTP address lookup',
      '',
      '--_c0ffee_',
      'Content-Type: message/rfc822',
      '',
      original,
      '',
      'Good day.',
      '--_c0ffee_--',
    )
    expect(await read(whole)).toMatchObject([
      { hard: true, because: expect.stringMatching(/Recipient not found by SMTP address lookup$/) },
    ])
  })

  test('qmail makes no report: a null sender, a daemon’s name and a status in its words do', async () => {
    const words = crlf(
      'Hi. This is the qmail-send program at mx.customers.example.',
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      '',
      `<${ada}>:`,
      'Sorry, no mailbox here by that name. (#5.1.1)',
      '',
      '--- Below this line is a copy of the message.',
    )
    const qmail = answerMail({
      from: 'MAILER-DAEMON@mx.customers.example',
      subject: 'failure notice',
      text: words,
    })
    expect(await read(qmail)).toMatchObject([
      { kind: 'bounced', hard: true, because: 'Sorry, no mailbox here by that name. (#5.1.1)' },
    ])
    expect(await read(qmail, { envelopeFrom: 'mailer-daemon@mx.customers.example' })).toEqual([])
    expect(await read(qmail.replace('#5.1.1', 'gone'))).toMatchObject([
      { kind: 'bounced', hard: false, because: 'failure notice' },
    ])
    expect(await read(qmail.replace('#5.1.1', 'your message is delayed'))).toMatchObject([
      { kind: 'deferred' },
    ])
    expect(await read(qmail, { envelopeTo: addresses.replyTo(ref)! })).toEqual([])
    const away = answerMail({ from: 'Ada <ada@customers.example>', text: 'I am away' })
    expect(await read(away)).toEqual([])
  })

  test.each<[string, (report: string) => string | Buffer]>([
    ['a charset nobody knows', (report) => report.replace('us-ascii', 'x-mars-5')],
    ['bytes of no charset', (report) => Buffer.from(report.replace('I am sorry', 'D\xe9sol\xe9 \xff\xfe'), 'latin1')],
    ['UTF-16 by name', (report) => report.replace('us-ascii', 'utf-16le')],
    ['cut off after the status', (report) => report.slice(0, report.indexOf('Content-Description: Undelivered'))],
    ['lines that end in LF alone', (report) => report.replaceAll('\r\n', '\n')],
    ['no first group of fields', (report) => report.replace(/Reporting-MTA[^]*?\(CET\)\r\n/, '')],
    ['the report in base64', inBase64],
    ['an explanation of a megabyte', (report) => report.replace('I am sorry', 'sorry '.repeat(200_000))],
  ])('%s', async (_, change) => {
    const report = deliveryReport({ recipient: ada, status: '5.1.1', original })
    expect(await read(change(report))).toMatchObject([{ kind: 'bounced', hard: true, ref }])
  }) // prettier-ignore

  test.each<[string, string]>([
    ['nothing', ''],
    ['no headers', 'hello'],
    ['a report that says nothing', deliveryReport({ recipient: ada, status: 'x' }).replace('Action: failed\r\n', '')],
    ['a boundary that never comes', 'Content-Type: multipart/report; boundary="never"\r\n\r\nhello'],
    ['nested fifty times', nested(50)],
    ['a header of half a megabyte', `References: ${'<a@b> '.repeat(80_000)}\r\n\r\n`],
  ])('%s says nothing, and harms nothing', async (_, raw) => {
    expect(await read(raw)).toEqual([])
  }) // prettier-ignore

  test('more parts than anybody needs are not read', async () => {
    await expect(read(nested(101))).rejects.toThrow('child nodes')
  })

  test('the same mail again is the same receipt, another one is not', async () => {
    const report = deliveryReport({ recipient: ada, status: '4.4.1', action: 'delayed', original })
    const [[first], [again], [other]] = await Promise.all([
      read(report),
      read(`Received: from elsewhere\r\n${report}`),
      read(report.replace('Message-ID: <', 'Message-ID: <second.')),
    ])
    expect(again!.id).toBe(first!.id)
    expect(other!.id).not.toBe(first!.id)
    const nameless = report.replace(/^Message-ID:.*\r\n/m, '')
    expect((await read(nameless))[0]!.id).toBe((await read(`Received: from elsewhere\r\n${nameless}`))[0]!.id)
  })
})

function inBase64(report: string): string {
  const [, before, fields, after] = /^([^]*message\/delivery-status)\r\n\r\n([^]*?)(\r\n--B\/mx[^]*)$/.exec(
    report,
  )!
  const encoded = Buffer.from(fields!).toString('base64').replace(/.{76}/g, '$&\r\n')
  return `${before}\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}${after}`
}

function nested(times: number): string {
  const open = Array.from({ length: times }, (_, n) => `Content-Type: multipart/mixed; boundary="b${n}"\r\n\r\n--b${n}\r\n`)
  return `${open.join('')}Content-Type: text/plain\r\n\r\nhello`
} // prettier-ignore

describe('complaints', () => {
  const shared = { envelopeTo: 'complaints@bounces.shop.example', envelopeFrom: 'fbl@example.com' }
  test.each([
    ['abuse', 'complained'],
    ['fraud', 'complained'],
    ['opt-out', 'unsubscribed'],
    ['not-spam', undefined],
    ['auth-failure', undefined],
    ['constructor', undefined],
  ])('%s: %s', async (type, kind) => {
    expect(await read(feedbackReport(type, original), shared)).toMatchObject(kind ? [{ kind, ref }] : [])
  })

  test('the touchpoint may be named by Original-Mail-From alone, and by nothing we did not sign', async () => {
    const bare = feedbackReport('abuse', 'Subject: redacted')
    const named = bare.replace('\nVersion: 1', `\nVersion: 1\r\nOriginal-Mail-From: <${path}>`)
    expect(await read(named, shared)).toMatchObject([{ kind: 'complained', ref }])
    expect(await read(bare, shared)).toEqual([])
  })
})

describe('answers', () => {
  const to = { envelopeTo: addresses.replyTo(ref)!, envelopeFrom: ada }

  test.each<[string, Answer, string]>([
    ['plain', { text: 'Yes, please.' }, 'Yes, please.'],
    ['above what Apple quotes', { text: crlf('Yes!', '', 'On 1 Mar 2027, at 10:00, Shop <hello@shop.example> wrote:', '> Hello') }, 'Yes!'],
    ['above what Gmail quotes over two lines', { text: crlf('Ja', '', 'Am Mo., 1. März 2027 um 10:00 Uhr schrieb Shop <', 'hello@shop.example>:', '> Hallo') }, 'Ja'],
    ['above what Outlook quotes', { text: crlf('Oui', '', '________________________________', 'De : Shop <hello@shop.example>') }, 'Oui'],
    ['between quoted lines', { text: crlf('> Do you want it?', 'Yes', '> Now?', 'No') }, 'Yes\nNo'],
    ['without a signature', { text: crlf('Yes', '-- ', 'Ada Lovelace') }, 'Yes'],
    ['in HTML alone', { type: 'text/html; charset=utf-8', text: '<p>Yes, <b>please</b></p><script>no()</script>' }, 'Yes, please'],
    ['in Latin-1 by quoted-printable', { type: 'text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable', text: 'Gr=FC=DFe' }, 'Grüße'],
    ['Auto-Submitted: no is a person', { headers: ['Auto-Submitted: no'], text: 'Yes' }, 'Yes'],
  ])('%s', async (_, answer, text) => {
    expect(await read(answerMail(answer), to)).toMatchObject([{ kind: 'replied', text, ref }])
  }) // prettier-ignore

  test('STOP and nothing else withdraws', async () => {
    const text = crlf('Unsubscribe', '', 'On 1 Mar 2027, Shop <hello@shop.example> wrote:', '> STOP')
    expect(await read(answerMail({ text }), to)).toMatchObject([{ kind: 'unsubscribed', ref }])
  })

  test.each<[string, Answer]>([
    ['RFC 3834', { headers: ['Auto-Submitted: auto-replied (vacation)'], text: 'I am away' }],
    ['Precedence', { headers: ['Precedence: auto_reply'], text: 'I am away' }],
    ['Exchange', { headers: ['X-Auto-Response-Suppress: All'], text: 'I am away' }],
    ['a list', { headers: ['List-Id: <members.example.com>'], text: 'Digest' }],
    ['its subject alone', { subject: 'Automatische Antwort: Hallo', text: 'Ich bin nicht da' }],
    ['a subject that is encoded', { subject: '=?utf-8?q?R=C3=A9ponse_automatique?=', text: 'absent' }],
    ['a ticket system', { from: 'noreply+17@desk.example', text: 'Ticket 17 was opened' }],
    ['a read receipt', { type: 'multipart/report; report-type=disposition-notification; boundary=x', text: '--x\r\n\r\nread\r\n--x--' }],
    ['nothing but a quotation', { text: '> Hello' }],
  ])('of a program is none: %s', async (_, answer) => {
    expect(await read(answerMail(answer), to)).toEqual([])
  }) // prettier-ignore

  test('with a null sender none either', async () => {
    expect(await read(answerMail({ text: 'I am away' }), { ...to, envelopeFrom: '' })).toEqual([])
  })

  test('forwarded from the sender’s mailbox belongs to the mail it answers', async () => {
    const headers = [`In-Reply-To: <other@x>`, `References: <a@b> <${token}@shop.example>`]
    const forwarded = { envelopeTo: 'replies@bounces.shop.example', envelopeFrom: ada }
    expect(await read(answerMail({ text: 'Yes', headers }), forwarded)).toMatchObject([
      { kind: 'replied', ref },
    ])
    expect(await read(answerMail({ text: 'Yes' }), forwarded)).toEqual([])
  })

  test('of a megabyte are cut', async () => {
    const [receipt] = await read(answerMail({ text: 'yes '.repeat(250_000) }), to)
    expect(receipt!.text!.length).toBeLessThanOrEqual(4_000)
  })
})
