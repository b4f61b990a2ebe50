import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { Pool } from 'undici'
import { answer } from './asked'
import type { Caused, EventsRequest, MailQuestion } from './events'
import { customerOf, type Posted, sources } from './sources'

// The process that posts events and takes the mails: forked by events.ts.

const LONGEST_MAIL_MS = 60_000

/** When the requests were sent whose mails are still to come, by customer, in order. */
const outstanding = new Map<string, number[]>()
let mails: number[] = []
let strangers = 0

function mailCame(address: string): void {
  const customer = customerOf(address)
  const [sentAt, ...later] = outstanding.get(customer) ?? []
  if (sentAt === undefined) {
    strangers += 1
    return
  }
  mails.push(performance.now() - sentAt)
  if (later.length > 0) outstanding.set(customer, later)
  else outstanding.delete(customer)
}

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  hideSTARTTLS: true,
  disableReverseLookup: true,
  onData(stream: SMTPServerDataStream, session: SMTPServerSession, done: () => void) {
    stream.on('end', () => {
      for (const { address } of session.envelope.rcptTo) mailCame(address)
      done()
    })
    stream.resume()
  },
})
server.on('error', () => undefined)
server.listen(0, '127.0.0.1')
const listening = once(server.server, 'listening')

async function mailServer(): Promise<string> {
  await listening
  return `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
}

async function post(request: EventsRequest): Promise<Caused> {
  const { url, authorization, perSecond, seconds } = request
  const pool = new Pool(url, { connections: 32 })
  const headers = { authorization, 'content-type': 'application/json' }
  const answers: number[] = []
  mails = []
  strangers = 0
  const send = async ({ path, body, headers: more, mails: customer }: Posted): Promise<void> => {
    const sentAt = performance.now()
    if (customer) outstanding.set(customer, [...(outstanding.get(customer) ?? []), sentAt])
    const all = { ...headers, ...more }
    const response = await pool.request({ method: 'POST', path, headers: all, body: JSON.stringify(body) })
    const text = await response.body.text()
    if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}: ${text}`)
    answers.push(performance.now() - sentAt)
  }
  await atRate(perSecond, perSecond * seconds, (number) => send(postedIn(request, number)))
  const missing = await mailsCame()
  await pool.close()
  return { mails, answers, missing }
}

function postedIn({ source, customers, from }: EventsRequest, number: number): Posted {
  return sources[source](customers[(from + number) % customers.length]!, number)
}

/** Begins each piece of work when its time has come, whether or not those before are done. */
async function atRate(perSecond: number, count: number, work: (number: number) => Promise<void>) {
  const began = performance.now()
  const running: Promise<void>[] = []
  for (let number = 0; number < count; number++) {
    await sleep(began + (number * 1_000) / perSecond - performance.now())
    running.push(work(number))
    running.at(-1)!.catch(() => undefined)
  }
  await Promise.all(running)
}

/** Resolves with the customers whose mail did not come. */
async function mailsCame(): Promise<string[]> {
  const deadline = performance.now() + LONGEST_MAIL_MS
  while (outstanding.size > 0 && performance.now() < deadline) await sleep(50)
  if (strangers > 0) throw new Error(`${strangers} mails were caused by no request`)
  const missing = [...outstanding.keys()]
  outstanding.clear()
  return missing
}

answer((request: EventsRequest | MailQuestion) =>
  'mailServer' in request ? mailServer() : (post(request) as Promise<Caused | string>),
)
