import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openStore } from '../../store'
import { cutPowerAfter } from './power'

// A process of its own that writes through the store without end, and says of each event when it was acknowledged:
// node --import tsx writer.ts FOLDER [operations on files until the power goes]

async function main(folder: string, operations: number): Promise<void> {
  if (operations > 0) cutPowerAfter(operations)
  const store = await openStore({ dataDir: folder, say: (line) => console.log(`said ${line}`) })
  console.log('open')
  for (let batch = 0; ; batch++) {
    const ids = Array.from({ length: 1 + (batch % 5) }, () => randomUUID())
    await store.events.append(ids.map((messageId) => event(messageId)))
    writeSync(1, ids.map((id) => `stored ${id}\n`).join(''))
  }
}

const event = (messageId: string) => ({
  messageId,
  kind: 'track' as const,
  customerId: `customer-${messageId.slice(0, 2)}`,
  name: 'Product Viewed',
  properties: { text: messageId.repeat(20) },
  occurredAt: Date.now(),
})

main(process.argv[2]!, Number(process.argv[3] ?? 0)).catch((error: Error) => {
  writeSync(1, `failed ${error.message}\n`)
  process.exitCode = 1
})
