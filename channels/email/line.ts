import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'

type SmtpError = SMTPConnection.SMTPError

export interface LineSettings {
  readonly connection: SMTPConnection.Options
  readonly auth?: SMTPConnection.AuthenticationType
}

export interface Mail {
  readonly from: string
  readonly to: string
  readonly raw: Buffer
}

/** How a conversation failed, and whether the body was on its way by then. */
export class LineFault extends Error {
  constructor(
    readonly reason: SmtpError,
    readonly bodyBegun: boolean,
  ) {
    super(reason.message)
    this.name = 'LineFault'
  }
}

const POLITE_MS = 1_000

/**
 * One conversation with an SMTP server, for any number of mails one after the other. nodemailer's own transports are not
 * used: their pool sends a mail again when the line was cut, even after the body, and neither says how far a mail got.
 */
export class Line {
  sent = 0
  #connection: SMTPConnection
  #failure: SmtpError | undefined
  #ended = false

  private constructor(options: SMTPConnection.Options) {
    this.#connection = new SMTPConnection(options)
    this.#connection.on('error', (error: SmtpError) => (this.#failure ??= error))
    this.#connection.once('end', () => (this.#ended = true))
  }

  /** Connects, upgrades to TLS where offered, and signs in. Rejects with LineFault. */
  static async open({ connection, auth }: LineSettings, withinMs: number): Promise<Line> {
    // Whole numbers: node's resolver takes no others.
    const whole = Math.max(Math.ceil(withinMs), 1)
    const timeouts = {
      connectionTimeout: whole,
      greetingTimeout: whole,
      dnsTimeout: whole,
      socketCloseTimeout: 0,
    }
    const line = new Line({ ...connection, ...timeouts })
    const deadline = performance.now() + withinMs
    await line.#step<void>(withinMs, (done) => line.#connection.connect((error) => done(error ?? null)))
    if (auth && line.#connection.allowsAuth) {
      await line.#step<unknown>(deadline - performance.now(), (done) => line.#connection.login(auth, done))
    }
    return line
  }

  get usable(): boolean {
    return !this.#ended
  }

  /**
   * Hands one mail over. `beforeMs` may pass until the body begins; from then on only `replyMs` counts, because giving up
   * on a body under way would leave its fate unknown. Rejects with LineFault.
   */
  async send(mail: Mail, beforeMs: number, replyMs: number): Promise<SMTPConnection.SentMessageInfo> {
    let bodyBegun = false
    const info = await this.#step<SMTPConnection.SentMessageInfo>(
      beforeMs,
      (done, extend) => {
        const body = readOnDemand(mail.raw, () => {
          bodyBegun = true
          extend(replyMs)
        })
        this.#connection.send({ from: mail.from, to: [mail.to], size: mail.raw.length }, body, done)
      },
      () => bodyBegun,
    )
    this.sent += 1
    return info
  }

  /** Says goodbye, and hangs up soon whatever the server does. */
  quit(): void {
    if (this.#ended) return
    this.#connection.quit()
    setTimeout(() => this.close(), POLITE_MS).unref()
  }

  close(): void {
    this.#connection.close()
  }

  #step<Value>(
    withinMs: number,
    start: (done: (error: SmtpError | null, value?: Value) => void, extend: (ms: number) => void) => void,
    bodyBegun = () => false,
  ): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      const settle = (error: SmtpError | null, value?: Value) => {
        clearTimeout(timer)
        this.#connection.removeListener('end', onEnd)
        if (!error) return resolve(value as Value)
        this.#failure ??= error
        reject(new LineFault(error, bodyBegun()))
      }
      // nodemailer ends a line without calling back when it is closed between two commands; its own error comes first.
      const onEnd = () => setImmediate(() => settle(this.#failure ?? new Error('Connection closed')))
      const expire = () => {
        this.#failure ??= timedOut()
        this.close()
      }
      let timer = setTimeout(expire, Math.max(withinMs, 0))
      const extend = (ms: number) => {
        clearTimeout(timer)
        timer = setTimeout(expire, ms)
      }
      this.#connection.once('end', onEnd)
      try {
        start(settle, extend)
      } catch (error) {
        settle(error as SmtpError)
      }
    })
  }
}

/** A stream that tells when it is first asked for a byte: nodemailer does so once the server has said 354, not before. */
function readOnDemand(raw: Buffer, onFirstRead: () => void): Readable {
  return new Readable({
    read() {
      onFirstRead()
      this.push(raw)
      this.push(null)
    },
  })
}

const timedOut = (): SmtpError => Object.assign(new Error('Timed out'), { code: 'ETIMEDOUT' })
