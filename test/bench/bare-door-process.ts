import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Client, Connection } from '@temporalio/client'
import express from 'express'

// node … bare-door-process.ts <Temporal>: answers once Temporal has taken the signal; nothing is checked or stored.

async function main([address]: string[]): Promise<void> {
  const client = new Client({ connection: await Connection.connect({ address }) })
  const app = express()
  app.use(express.json())
  app.post('/v1/track', async (request, response) => {
    const { userId, messageId, event: name, properties } = request.body
    const timestamp = new Date().toISOString()
    const handle = client.workflow.getHandle(`bareAnswering:${userId}`)
    await handle.signal('event', { messageId, name, properties, timestamp })
    response.json({ success: true })
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`)
}

void main(process.argv.slice(2))
