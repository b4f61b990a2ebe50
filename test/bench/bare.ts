import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'

/** The part of a pool that a bare insert needs: pg's, and the embedded database's single connection. */
export interface BarePool {
  connect(): Promise<{
    query(text: string, values: unknown[]): Promise<unknown>
    release(): void
  }>
}

export interface RunningBare {
  readonly url: string
  stop(): Promise<void>
}

interface Message {
  readonly type: string
  readonly messageId: string
  readonly userId: string
  readonly event: string
  readonly timestamp: string
  readonly properties: object
}

/** A table of its own beside ours, with the same columns, defaults and indexes: those of one partition. */
export const bareTable = 'create table bare_events (like events_default including all)'

const columns = 'message_id, customer_id, kind, name, properties, anonymous_id, occurred_at, lane'
const width = columns.split(',').length
const lanes = 64

/** What ingest costs at least: express reads the JSON, one insert takes its rows, nothing is checked. */
export async function startBare(pool: BarePool): Promise<RunningBare> {
  const app = express()
  app.use(express.json())
  app.post('/events', async (request, response) => {
    const messages: Message[] = request.body.batch ?? [request.body]
    const connection = await pool.connect()
    try {
      await connection.query(insertion(messages.length), messages.flatMap(row))
    } finally {
      connection.release()
    }
    response.json({ success: true })
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

let taken = 0

const row = (message: Message): unknown[] => [
  message.messageId,
  message.userId,
  message.type,
  message.event,
  JSON.stringify(message.properties),
  null,
  Date.parse(message.timestamp),
  // Over all lanes, as ours are: into one alone the index takes them cheaper.
  taken++ % lanes,
]

const insertions = new Map<number, string>()

function insertion(count: number): string {
  const known = insertions.get(count)
  if (known !== undefined) return known
  const rows = Array.from({ length: count }, (_, index) => `(${places(index * width)})`)
  const text = `insert into bare_events (${columns}) values ${rows.join(', ')}`
  insertions.set(count, text)
  return text
}

const places = (before: number): string =>
  Array.from({ length: width }, (_, index) => `$${before + index + 1}`).join(', ')
