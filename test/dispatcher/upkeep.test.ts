import { Writable } from 'node:stream'
import pino from 'pino'
import { startUpkeep } from '../../workers/dispatcher/upkeep'
import { embeddedStore } from '../support/embedded'
import { freshStore } from '../support/postgres'

function listener() {
  const lines: { level: number; msg: string }[] = []
  const write = (line: Buffer, _: string, done: () => void) => (lines.push(JSON.parse(String(line))), done())
  return { lines, logger: pino({ level: 'debug' }, new Writable({ write })) }
}

test('the dispatcher makes the partitions to come when it starts, and says so once', async () => {
  const store = await freshStore()
  const { lines, logger } = listener()
  for (let start = 0; start < 2; start++) await startUpkeep({ store, retention: {}, logger }).stop()
  expect(lines).toMatchObject([
    { msg: 'partitions made', partitions: expect.arrayContaining([expect.stringMatching(/^events_\d{8}$/)]) },
  ])
  await store.close()
})

test('a database that is away puts it off', async () => {
  const store = await embeddedStore()
  await store.close()
  const { lines, logger } = listener()
  await startUpkeep({ store, retention: {}, logger }).stop()
  expect(lines).toMatchObject([{ level: 20, msg: 'upkeep of partitions put off' }])
})
