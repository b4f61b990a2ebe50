import { createServer, type AddressInfo, type Socket } from 'node:net'

/** What the server does at a point of the conversation: a reply (one or more lines), or one of these. */
export type Act =
  string | { readonly cut: true } | { readonly hang: true } | { readonly after: number; readonly say: string }

export interface Script {
  readonly greeting?: Act
  readonly ehlo?: Act
  readonly auth?: Act
  readonly starttls?: Act
  readonly mail?: Act
  readonly rcpt?: Act
  readonly data?: Act
  /** After the final dot. */
  readonly message?: Act
  /** Once this many bytes of the body came. */
  readonly midBody?: { readonly bytes: number; readonly act: Act }
}

export const cut = { cut: true } as const
export const hang = { hang: true } as const

export interface ScriptedSmtp {
  readonly url: string
  readonly port: number
  /** Whole bodies received, up to the final dot. */
  readonly bodies: string[]
  readonly commands: string[]
  connections: number
  script: Script
  /** Ends all connections as an idle server would. */
  hangUp(): void
  close(): Promise<void>
}

const POLITE: Required<Omit<Script, 'midBody'>> = {
  greeting: '220 ready',
  ehlo: '250-here\r\n250 8BITMIME',
  auth: '235 welcome',
  starttls: '220 go on',
  mail: '250 ok',
  rcpt: '250 ok',
  data: '354 go on',
  message: '250 taken',
}

/** An SMTP server on a raw socket that does exactly what the script says. */
export async function scriptedSmtp(script: Script = {}): Promise<ScriptedSmtp> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    self.connections += 1
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    converse(socket, self)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const self: ScriptedSmtp = {
    url: `smtp://127.0.0.1:${port}`,
    port,
    bodies: [],
    commands: [],
    connections: 0,
    script,
    hangUp: () => sockets.forEach((socket) => socket.destroy()),
    close: () => {
      sockets.forEach((socket) => socket.destroy())
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return self
}

function converse(socket: Socket, server: ScriptedSmtp): void {
  const script = () => ({ ...POLITE, ...server.script })
  let received = ''
  let inBody = false
  let expectsTls = false
  perform(socket, script().greeting)
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    if (expectsTls) return perform(socket, 'this is not TLS')
    received += chunk
    for (;;) {
      if (inBody) {
        const { midBody } = script()
        if (midBody && received.length >= midBody.bytes) return perform(socket, midBody.act)
        const end = received.indexOf('\r\n.\r\n')
        if (end < 0) return
        server.bodies.push(received.slice(2, Math.max(end, 2)))
        received = received.slice(end + 5)
        inBody = false
        perform(socket, script().message)
        continue
      }
      const end = received.indexOf('\r\n')
      if (end < 0) return
      const command = received.slice(0, end)
      received = received.slice(end + 2)
      server.commands.push(command)
      const act = answerTo(command, script())
      expectsTls = /^STARTTLS/i.test(command) && typeof act === 'string' && act.startsWith('220')
      inBody = /^DATA/i.test(command) && typeof act === 'string' && act.startsWith('354')
      // An empty body is a dot alone: the line end before it is the one of DATA.
      if (inBody) received = `\r\n${received}`
      perform(socket, act)
    }
  })
}

function answerTo(command: string, script: Required<Omit<Script, 'midBody'>>): Act {
  const verb = command.slice(0, 4).toUpperCase()
  if (verb === 'EHLO' || verb === 'HELO') return script.ehlo
  if (verb === 'AUTH') return script.auth
  if (verb === 'STAR') return script.starttls
  if (verb === 'MAIL') return script.mail
  if (verb === 'RCPT') return script.rcpt
  if (verb === 'DATA') return script.data
  return verb === 'QUIT' ? '221 bye' : '250 ok'
}

function perform(socket: Socket, act: Act): void {
  if (typeof act === 'string') socket.write(`${act}\r\n`)
  else if ('cut' in act) socket.destroy()
  else if ('after' in act) setTimeout(() => socket.writable && socket.write(`${act.say}\r\n`), act.after)
}
