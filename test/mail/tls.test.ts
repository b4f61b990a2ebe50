import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { certificateFiles } from '../../api/mail/certificate'
import { listenForMail, type MailListener } from '../../api/mail/listener'
import { createMetrics } from '../../api/metrics'
import type { ReturnedMail } from '../../channels/email/inbound'
import { createLogger } from '../../logger'
import type { Store } from '../../store/store'
import { until } from '../support/until'

// Mail servers that demand TLS, and some that have none, deliver what comes back.

const fixture = (name: string) => path.join(__dirname, 'certificates', name)
const pem = (name: string) => readFileSync(fixture(`${name}.pem`), 'utf8')
let folder: string
let listener: MailListener
const read: string[] = []

const returned: ReturnedMail = {
  isOurs: (address) => address === 'bounce@bounces.shop.example',
  read: async ({ raw }) => {
    read.push(raw.toString())
    return []
  },
}
const store = { receipts: { accept: async () => ({ added: 0, customerIds: [] }) } } as unknown as Store
const files = () => ({ cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') })
const listening = (more: object = {}) =>
  listenForMail(
    { returned, store, metrics: createMetrics(), logger: createLogger('silent'), ...more },
    '127.0.0.1',
    0,
  )

function installed(name: string): void {
  copyFileSync(fixture(`${name}.key.pem`), files().key)
  copyFileSync(fixture(`${name}.pem`), files().cert)
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'certificate-'))
  installed('first')
  read.length = 0
  listener = await listening({ certificate: files(), certificateEveryMs: 50 })
})
afterEach(async () => {
  await listener.stop()
  rmSync(folder, { recursive: true })
})

type Options = SMTPConnection.Options
const demanding = (ca: string, more: object = {}): Options => ({
  requireTLS: true,
  tls: { ca, servername: 'mail-in.shop.example', ...more },
})

/** Delivers a mail from a null sender. Resolves with the protocol it went by, once it was taken. */
function deliver(options: Options, port = listener.port): Promise<string> {
  const connection = new SMTPConnection({ host: '127.0.0.1', port, ...options })
  return new Promise<string>((resolve, reject) => {
    connection.on('error', reject)
    connection.connect(() => {
      const envelope = { from: '', to: 'bounce@bounces.shop.example' }
      connection.send(envelope, 'Subject: Undelivered\r\n\r\nNo such mailbox\r\n', (error) => {
        const socket = (connection as unknown as { _socket: TLSSocket })._socket
        if (error) return reject(error)
        resolve(connection.secure ? socket.getProtocol()! : 'plain')
      })
    })
  }).finally(() => connection.close())
}

test('who demands TLS, and a certificate that is right, delivers', async () => {
  expect(await deliver(demanding(pem('first')))).toBe('TLSv1.3')
  expect(await deliver(demanding(pem('first'), { maxVersion: 'TLSv1.2' }))).toBe('TLSv1.2')
  expect(read).toHaveLength(2)
  expect(read[0]).toContain('No such mailbox')
})

test('who demands another certificate, or offers TLS that is broken, does not', async () => {
  await expect(deliver(demanding(pem('renewed')))).rejects.toThrow(/self-signed certificate/)
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
  await expect(deliver(demanding(pem('first'), old))).rejects.toThrow()
  expect(read).toEqual([])
})

test('who has no TLS delivers all the same', async () => {
  expect(await deliver({ ignoreTLS: true })).toBe('plain')
})

test('a renewed certificate is taken up; half of one is not', async () => {
  writeFileSync(files().cert, 'half')
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(await deliver(demanding(pem('first')))).toBe('TLSv1.3')
  installed('renewed')
  const taken = () => deliver(demanding(pem('renewed'))).catch(() => undefined)
  await until(async () => (await taken()) === 'TLSv1.3')
})

test('without one TLS is not offered', async () => {
  const plain = await listening()
  await expect(deliver(demanding(pem('first')), plain.port)).rejects.toThrow()
  expect(await deliver({}, plain.port)).toBe('plain')
  await plain.stop()
})

test('the start ends with a sentence where the files are none, are not a pair, or one is missing', async () => {
  const start = (certificate: object) => listening({ certificate })
  await expect(start({ ...files(), cert: '/nowhere' })).rejects.toThrow(
    /^Mail cannot be taken over TLS \(ENOENT.*MAIL_RETURN_TLS_CERT/,
  )
  await expect(start({ ...files(), key: fixture('renewed.key.pem') })).rejects.toThrow(/key values mismatch/)
  expect(certificateFiles({})).toBeUndefined()
  expect(() => certificateFiles({ mailReturnTlsCert: 'a' })).toThrow('MAIL_RETURN_TLS_KEY is missing')
  expect(() => certificateFiles({ mailReturnTlsKey: 'a' })).toThrow('MAIL_RETURN_TLS_CERT is missing')
})
