import type { AddressInfo } from 'node:net'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'
import { answerMail, crlf, deliveryReport, feedbackReport } from './mails'

interface Taken {
  readonly from: string
  readonly to: string
  readonly raw: string
}

/** A mail server that takes everything, and says by mail what became of it. */
export interface BouncingServer {
  readonly url: string
  readonly taken: readonly Taken[]
  /** Resolves once all that it had to say was taken, or refused. */
  said(): Promise<readonly string[]>
  close(): Promise<void>
}

type Back = { readonly from: string; readonly to: string; readonly raw: string }

const headersOf = (raw: string): string => raw.split('\r\n\r\n', 1)[0]!
const headerOf = (raw: string, name: string): string | undefined =>
  new RegExp(`^${name}: *(.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(headersOf(raw))?.[1]?.replace(/\r\n\s+/g, ' ')

/** By the mailbox written to; anything else arrives, and nothing is said. */
const residents: Readonly<Record<string, (mail: Taken) => Back>> = {
  nobody: (mail) => bounce(mail, '5.1.1', `550 5.1.1 <${mail.to}>: user unknown`),
  full: (mail) => bounce(mail, '5.2.2', '552 5.2.2 mailbox full'),
  slow: ({ from, to, raw }) => ({
    from: '',
    to: from,
    raw: deliveryReport({ recipient: to, status: '4.4.1', action: 'delayed', original: headersOf(raw) }),
  }),
  away: ({ from, to }) => ({
    from: '',
    to: from,
    raw: answerMail({
      from: to,
      subject: 'Away',
      headers: ['Auto-Submitted: auto-replied'],
      text: 'I am away',
    }),
  }),
  keen: ({ to, raw }) => ({
    from: to,
    to: headerOf(raw, 'Reply-To')!.replace(/^.*<|>.*$/g, ''),
    raw: answerMail({
      from: to,
      headers: [`In-Reply-To: ${headerOf(raw, 'Message-ID')}`],
      text: crlf('Yes, please!', '', 'On Monday, Shop <hello@shop.example> wrote:', '> Do you want it?'),
    }),
  }),
  angry: ({ from, raw }) => ({
    from: 'fbl@customers.example',
    to: `complaints@${from.split('@')[1]}`,
    raw: feedbackReport('abuse', headersOf(raw)),
  }),
}

function bounce({ from, to, raw }: Taken, status: string, diagnostic: string): Back {
  return {
    from: '',
    to: from,
    raw: deliveryReport({ recipient: to, status, diagnostic, original: headersOf(raw) }),
  }
}

/** `returnPort`: where the mail of whatever domain the return path names is taken. */
export async function bouncingServer(returnPort: () => number): Promise<BouncingServer> {
  const taken: Taken[] = []
  const sending: Promise<string>[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    async onData(stream, { envelope }, done) {
      const from = envelope.mailFrom ? envelope.mailFrom.address : ''
      const mail = { from, to: envelope.rcptTo[0]!.address, raw: await textOf(stream) }
      taken.push(mail)
      done()
      const back = residents[mail.to.split('@')[0]!.replace(/\d+$/, '')]?.(mail)
      if (back) sending.push(handOver(returnPort(), back))
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    taken,
    said: () => Promise.all(sending),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function textOf(stream: SMTPServerDataStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Hands a mail to a server; resolves with its word on it. */
export async function handOver(port: number, { from, to, raw }: Back): Promise<string> {
  const connection = new SMTPConnection({ host: '127.0.0.1', port, ignoreTLS: true })
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject)
      connection.connect((error) => (error ? reject(error) : resolve()))
    })
    return await new Promise<string>((resolve, reject) => {
      connection.send({ from, to: [to] }, raw, (error, info) =>
        error ? reject(error) : resolve(info.response),
      )
    })
  } catch (error) {
    return (error as { response?: string }).response ?? String(error)
  } finally {
    connection.close()
  }
}
