import type { AddressInfo } from 'node:net'
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server'
import { MAIL_SOURCE, type ReturnedMail } from '../../channels/email/inbound'
import type { Logger } from '../../logger'
import type { Receipt } from '../../sdk'
import type { Store } from '../../store/store'
import type { Metrics } from '../metrics'
import { readCertificate, watchCertificate, type CertificateFiles } from './certificate'

export interface MailListenerDeps {
  readonly returned: ReturnedMail
  readonly store: Store
  readonly metrics: Metrics
  readonly logger: Logger
  /** With them STARTTLS is offered. */
  readonly certificate?: CertificateFiles
  /** How often is looked whether it was renewed. */
  readonly certificateEveryMs?: number
}

export interface MailListener {
  readonly port: number
  stop(): Promise<void>
}

// What reports say stands before the mail they give back, which may be large.
const KEPT_BYTES = 512 * 1024
const LARGEST_BYTES = 64 * 1024 * 1024
const MOST_RECIPIENTS = 20
const IDLE_MS = 60_000
const MOST_CLIENTS = 100
const CERTIFICATE_EVERY_MS = 10 * 60_000

/**
 * Takes the mail that comes back: for addresses that we signed alone, and for nobody else. What is answered with 250 is stored,
 * or says nothing to us: reports must not be refused, there is nobody to send them back to.
 */
export async function listenForMail(
  deps: MailListenerDeps,
  host: string,
  port: number,
): Promise<MailListener> {
  const server = smtpServer(deps)
  server.on('error', ({ message }) => deps.logger.debug({ because: message }, 'A mail connection broke'))
  await listen(server, host, port)
  const watching = watched(server, deps)
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => {
      watching?.stop()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const watched = (
  server: SMTPServer,
  { certificate, logger, certificateEveryMs: everyMs = CERTIFICATE_EVERY_MS }: MailListenerDeps,
) =>
  certificate &&
  watchCertificate(certificate, (renewed) => server.updateSecureContext(renewed), { logger, everyMs })

const smtpServer = (deps: MailListenerDeps): SMTPServer =>
  new SMTPServer({
    size: LARGEST_BYTES,
    ...secrecy(deps),
    disableReverseLookup: true,
    socketTimeout: IDLE_MS,
    closeTimeout: 5_000,
    maxClients: MOST_CLIENTS,
    onRcptTo: ({ address }, session, done) => done(refusal(deps, address, session)),
    onData: (stream, session, done) => {
      receive(deps, stream, session).then(() => done(), done)
    },
  })

/** Offered, and not asked for: servers that speak no TLS bring bounces, too. */
const secrecy = ({ certificate }: MailListenerDeps): SMTPServerOptions =>
  certificate
    ? { ...readCertificate(certificate), minVersion: 'TLSv1.2', disabledCommands: ['AUTH'] }
    : { disabledCommands: ['AUTH', 'STARTTLS'], hideSTARTTLS: true }

const reply = (responseCode: number, words: string): Error =>
  Object.assign(new Error(words), { responseCode })

function refusal(
  { returned, metrics }: MailListenerDeps,
  address: string,
  { envelope }: SMTPServerSession,
): Error | undefined {
  if (envelope.rcptTo.length >= MOST_RECIPIENTS) return reply(452, '4.5.3 too many recipients')
  if (returned.isOurs(address)) return undefined
  metrics.count('sojourn_receipts_refused_total', { provider: MAIL_SOURCE })
  return reply(550, '5.1.1 no such mailbox here')
}

async function receive(
  deps: MailListenerDeps,
  stream: SMTPServerDataStream,
  { envelope }: SMTPServerSession,
): Promise<void> {
  const raw = await beginningOf(stream)
  if (stream.sizeExceeded) throw reply(552, '5.3.4 the mail is too large')
  const envelopeFrom = envelope.mailFrom ? envelope.mailFrom.address : ''
  const at = Date.now()
  const receipts: Receipt[] = []
  for (const { address } of envelope.rcptTo)
    receipts.push(...(await read(deps, { envelopeFrom, envelopeTo: address, raw, at })))
  await keep(deps, receipts)
}

/** The first bytes; the rest is read, as the protocol demands, and let go. */
async function beginningOf(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  let kept = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (kept >= KEPT_BYTES) continue
    chunks.push(chunk.subarray(0, KEPT_BYTES - kept))
    kept += chunk.length
  }
  return Buffer.concat(chunks)
}

async function read(
  { returned, logger }: MailListenerDeps,
  mail: Parameters<ReturnedMail['read']>[0],
): Promise<readonly Receipt[]> {
  try {
    return await returned.read(mail)
  } catch (error) {
    logger.warn({ error: (error as Error).name }, 'A mail could not be read')
    return []
  }
}

async function keep(
  { store, metrics, logger }: MailListenerDeps,
  receipts: readonly Receipt[],
): Promise<void> {
  try {
    const { added } = await store.receipts.accept(MAIL_SOURCE, receipts)
    metrics.count('sojourn_receipts_accepted_total', { provider: MAIL_SOURCE }, added)
  } catch (error) {
    logger.warn({ error }, 'A mail was put off')
    throw reply(451, '4.3.0 try again later')
  }
}

const listen = (server: SMTPServer, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.server.once('error', ({ message }: Error) =>
      reject(
        new Error(
          `Mail cannot be taken on ${host}, port ${port} (${message}): set MAIL_RETURN_PORT to another one.`,
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
