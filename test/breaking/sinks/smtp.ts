import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Journal } from './journal'
import { type Manners, misbehaviourAt, slowness } from './misbehaviour'

// A mail server in a process of its own: `smtp.ts port file manners`. It misbehaves as the seed says.

const [port, file, manners] = process.argv.slice(2)
const journal = new Journal(file!)
const plan = JSON.parse(manners!) as Manners
const asked = new Map<string, number>()

const replies: Record<string, string> = {
  EHLO: '250-here\r\n250 8BITMIME',
  DATA: '354 go on',
  QUIT: '221 bye',
}

createServer((socket) => {
  const say = (line: string) => void (socket.writable && socket.write(`${line}\r\n`))
  let received = ''
  let inBody = false
  socket.on('error', () => {})
  socket.setEncoding('latin1')
  say('220 ready')
  socket.on('data', (chunk: string) => {
    received += chunk
    for (;;) {
      const end = received.indexOf(inBody ? '\r\n.\r\n' : '\r\n')
      if (end < 0) return
      const text = received.slice(0, end)
      received = received.slice(end + (inBody ? 5 : 2))
      if (inBody) void take(socket, text, say)
      else command(text, say)
      inBody = !inBody && text.toUpperCase() === 'DATA'
    }
  })
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('takes mail\n'))

/** Before the body nothing is handed over: refusing and hanging are harmless here. */
function command(line: string, say: (line: string) => void): void {
  const verb = line.slice(0, 4).toUpperCase()
  if (verb !== 'RCPT') return say(replies[verb] ?? '250 ok')
  const attempt = asked.get(line) ?? 0
  asked.set(line, attempt + 1)
  const does = misbehaviourAt(plan, `before ${line}`, attempt)
  if (does === 'refuse') return say('451 not now')
  if (does !== 'hang') say('250 ok')
}

async function take(socket: Socket, mail: string, say: (line: string) => void): Promise<void> {
  const ref = /^Message-ID:\s*<([^@>]+)@/im.exec(mail)?.[1] ?? 'without an id'
  const does = misbehaviourAt(plan, ref, journal.attemptsAt(ref))
  if (does === 'refuse') return (journal.write(ref, 'refused'), say('452 no room'))
  if (does === 'gone') return (journal.write(ref, 'gone'), say('554 never'))
  if (does === 'cut') return (journal.write(ref, 'cut'), void socket.destroy())
  if (does === 'silent') return journal.write(ref, 'silent')
  journal.write(ref, 'took')
  if (does === 'slow') await sleep(slowness(plan, ref))
  say('250 taken')
}
