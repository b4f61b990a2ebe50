import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Journal } from './journal'
import { type Manners, type Misbehaviour, misbehaviourAt, slowness } from './misbehaviour'

// A receiver of webhooks in a process of its own: `webhooks.ts port file manners secret`. It drops repeats by webhook-id.

const [port, file, manners, secret] = process.argv.slice(2)
const journal = new Journal(file!)
const plan = JSON.parse(manners!) as Manners
const key = Buffer.from(secret!.slice('whsec_'.length), 'base64')

createServer((request, response) => void receive(request, response)).listen(Number(port), '127.0.0.1', () =>
  process.stdout.write('takes webhooks\n'),
)

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const ref = String(request.headers['webhook-id'])
  if (!isSigned(request, Buffer.concat(chunks).toString()))
    return (journal.write(ref, 'forged'), void response.writeHead(401).end())
  await answer(misbehaviourAt(plan, ref, journal.attemptsAt(ref)), ref, request, response)
}

const refusals: Partial<Record<Misbehaviour, [number, Record<string, string>]>> = {
  refuse: [503, {}],
  broken: [500, {}],
  'too-many': [429, { 'retry-after': '2' }],
}

async function answer(does: Misbehaviour, ref: string, request: IncomingMessage, response: ServerResponse) {
  const refusal = refusals[does]
  if (refusal) return (journal.write(ref, 'refused'), void response.writeHead(...refusal).end())
  if (does === 'hang') return journal.write(ref, 'refused')
  const isNew = !journal.has(ref)
  if (does === 'gone' && isNew) return (journal.write(ref, 'gone'), void response.writeHead(410).end())
  if (does === 'cut') return (journal.write(ref, isNew ? 'cut' : 'again'), void request.socket.destroy())
  if (does === 'silent') return journal.write(ref, isNew ? 'silent' : 'again')
  journal.write(ref, isNew ? 'took' : 'again')
  if (does === 'slow') await sleep(slowness(plan, ref))
  response.writeHead(204).end()
}

/** As standardwebhooks.com has it, reckoned anew. */
function isSigned({ headers }: IncomingMessage, body: string): boolean {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const signature = createHmac('sha256', key).update(signed).digest('base64')
  return String(headers['webhook-signature']).split(' ').includes(`v1,${signature}`)
}
