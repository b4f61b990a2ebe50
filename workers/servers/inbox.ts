import { simpleParser, type HeaderLines } from 'mailparser'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { MailFiles, type MailSummary } from './mail-files'
import { portIsFree } from './ports'

export type { MailSummary } from './mail-files'

const MAILS_KEPT = 5_000
const LARGEST_MAIL_BYTES = 1024 * 1024
// The summary and the bodies are wanted, nothing derived from them.
const PARSING = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true }

/** A mail with its content. */
export interface Mail extends MailSummary {
  /** By lower-case name, unfolded but not decoded; the values of a repeated header stand on a line each. */
  headers: Record<string, string>
  /** Empty where the mail has no such part. */
  text: string
  html: string
}

export interface InboxOptions {
  /** SMTP_PORT; any free one when not given. */
  port?: number
  /** The folder for the mails, one .eml file each. */
  dir: string
  say?: (line: string) => void
}

/** A local mail server that takes every mail and keeps it to be read. */
export interface Inbox {
  /** "smtp://127.0.0.1:port". */
  url: string
  /** Newest first; `to` is a whole address, `before` a mail's id to go on from, `limit` 50 when not given. */
  list(query?: { to?: string; limit?: number; before?: string }): MailSummary[]
  /** Undefined for an unknown id. */
  get(id: string): Promise<Mail | undefined>
  count(): number
  stop(): Promise<void>
}

/**
 * Starts the inbox on the loopback address, with the mails that are in its folder already. A mail is on the disk
 * before it is acknowledged; the newest 5,000 are kept, and none above 1 MB is taken.
 * Throws an Error of one sentence when the port is in use.
 */
export async function startInbox({ port = 0, dir, say = () => {} }: InboxOptions): Promise<Inbox> {
  if (port !== 0) await portIsFree(port, 'SMTP_PORT')
  const mails = new MailFiles(dir, MAILS_KEPT)
  const server = smtpServer(mails, say)
  const url = `smtp://127.0.0.1:${await listen(server, port)}`
  return {
    url,
    list: (query) => list(mails, query),
    get: (id) => read(mails, id),
    count: () => mails.count,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function smtpServer(mails: MailFiles, say: (line: string) => void): SMTPServer {
  const options = {
    size: LARGEST_MAIL_BYTES,
    disabledCommands: ['AUTH', 'STARTTLS'],
    hideSTARTTLS: true,
    disableReverseLookup: true,
    closeTimeout: 500,
    onData: (
      stream: SMTPServerDataStream,
      session: SMTPServerSession,
      done: (error?: Error | null) => void,
    ) => {
      receive(mails, stream, session).then(() => done(), done)
    },
  }
  const server = new SMTPServer(options)
  // A client that goes away in mid-sentence; nothing is lost that was acknowledged.
  server.on('error', (error) => say(`the local inbox met a broken connection: ${error.message}`))
  return server
}

async function receive(
  mails: MailFiles,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<void> {
  const bytes = await readAll(stream)
  const { mailFrom, rcptTo } = session.envelope
  const sender = mailFrom ? mailFrom.address : ''
  const to = rcptTo.map(({ address }) => address)
  await mails.add({ ...(await facts(bytes, sender)), to }, bytes)
}

/** The whole mail. What exceeds the limit is read too, as the protocol demands, but not kept. */
async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Buffer)
  if (stream.sizeExceeded) throw Object.assign(new Error('the mail exceeds 1 MB'), { responseCode: 552 })
  return Buffer.concat(chunks)
}

async function facts(mail: Buffer, sender: string): Promise<Omit<MailSummary, 'id' | 'receivedAt' | 'to'>> {
  const end = mail.indexOf('\r\n\r\n')
  const parsed = await simpleParser(end < 0 ? mail : mail.subarray(0, end + 4), PARSING)
  const { from, subject = '', messageId = '' } = parsed
  return { from: from?.text || sender, subject, messageId }
}

function list(
  mails: MailFiles,
  { to, limit = 50, before }: { to?: string; limit?: number; before?: string } = {},
): MailSummary[] {
  const wanted = to?.toLowerCase()
  const found: MailSummary[] = []
  for (const id of mails.ids) {
    if (found.length >= limit) break
    if (before !== undefined && id >= before) continue
    const summary = mails.summary(id)!
    if (!wanted || summary.to.some((address) => address.toLowerCase() === wanted)) found.push(summary)
  }
  return found
}

async function read(mails: MailFiles, id: string): Promise<Mail | undefined> {
  const summary = mails.summary(id)
  const bytes = mails.read(id)
  if (!summary || !bytes) return undefined
  const { headerLines, text = '', html } = await simpleParser(bytes, PARSING)
  return { ...summary, headers: headersOf(headerLines), text, html: html || '' }
}

function headersOf(lines: HeaderLines): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const { key, line } of lines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\r?\n(?=[ \t])/g, '')
      .trim()
    headers[key] = key in headers ? `${headers[key]}\n${value}` : value
  }
  return headers
}

function listen(server: SMTPServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.server.address() as AddressInfo).port))
  })
}
