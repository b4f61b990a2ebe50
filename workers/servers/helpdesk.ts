import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Helpdesk {
  readonly url: string
  stop(): Promise<void>
}

const LARGEST = 64 * 1024

/** A stand-in for the call centre's software: takes signed webhooks on loopback and tells what they ask for. */
export async function startHelpdesk(
  secret: string,
  told: (topic: string, customer: string) => void,
): Promise<Helpdesk> {
  const verifier = new Webhook(secret)
  const server = createServer(async (request, response) => {
    try {
      const body = await read(request)
      const message = verifier.verify(body, request.headers as Record<string, string>) as {
        topic?: string
        customer?: { id?: string }
      }
      told(String(message.topic), String(message.customer?.id))
      response.writeHead(204).end()
    } catch {
      response.writeHead(400).end()
    }
  })
  await listening(server)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tickets`
  return { url, stop: () => closed(server) }
}

async function read(request: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > LARGEST) throw new Error('too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const listening = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  })
