import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openStore } from '../../store'

const ROUNDS = 4
/** The power cut reads files through /proc. */
const onLinux = process.platform === 'linux' ? test : test.skip

/** A process that writes through the store, and what it said. */
class Writer {
  readonly stored: string[] = []
  readonly other: string[] = []
  readonly ended: Promise<void>
  private readonly child: ChildProcess
  private heard = () => {}

  constructor(folder: string, operations = 0) {
    this.child = spawn(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'writer.ts'), folder, String(operations)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const lines = createInterface({ input: this.child.stdout! })
    lines.on('line', (line) => this.take(line))
    const exited = new Promise<void>((resolve) => this.child.once('exit', () => resolve()))
    const read = new Promise<void>((resolve) => lines.once('close', () => resolve()))
    this.ended = Promise.all([exited, read]).then(() => this.heard())
  }

  /** Resolves when the condition holds after a line; rejects when the process ends first. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const line = new Promise<void>((resolve) => (this.heard = resolve))
      const gone = await Promise.race([line, this.ended.then(() => true)])
      if (gone && !condition()) throw new Error(`the writer ended: ${this.other.join('; ')}`)
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  private take(line: string): void {
    if (line.startsWith('stored ')) this.stored.push(line.slice('stored '.length))
    else this.other.push(line)
    this.heard()
  }
}

describe('the embedded database on disk', () => {
  let made: string
  let folder: string
  const writers: Writer[] = []
  const start = (operations?: number) => {
    const writer = new Writer(folder, operations)
    writers.push(writer)
    return writer
  }
  beforeAll(async () => {
    made = mkdtempSync(join(tmpdir(), 'sojourn-made-'))
    await (await openStore({ dataDir: made })).close()
  })
  afterAll(() => rmSync(made, { recursive: true, force: true }))
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sojourn-store-'))
    cpSync(made, folder, { recursive: true })
  })
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  async function expectAllKept(ids: readonly string[]): Promise<void> {
    const store = await openStore({ dataDir: folder })
    try {
      const missing: string[] = []
      for (const id of ids) if (!(await store.events.byMessageId(id))) missing.push(id)
      expect(missing).toEqual([])
      expect((await store.events.backlog()).pending).toBeGreaterThanOrEqual(ids.length)
      // It still takes new ones.
      const event = {
        messageId: 'new',
        kind: 'track',
        customerId: 'a',
        name: 'b',
        properties: {},
        occurredAt: 0,
      } as const
      expect(await store.events.append([event])).toBe(1)
    } finally {
      await store.close()
    }
  }

  test('killed at any moment, keeps every row it acknowledged, and lets the next process in', async () => {
    const acknowledged: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const writer = start()
      const enough = 1 + Math.floor(Math.random() * 400)
      await writer.until(() => writer.stored.length >= enough)
      await writer.kill()
      acknowledged.push(...writer.stored)
    }
    await expectAllKept(acknowledged)
  }, 120_000)

  onLinux(
    'killed while it is first made, is made again',
    async () => {
      rmSync(folder, { recursive: true })
      const child = start(40)
      await child.ended
      expect(child.stored).toEqual([])
      await expectAllKept([])
    },
    120_000,
  )

  onLinux(
    'after power cuts has every row it acknowledged',
    async () => {
      const acknowledged: string[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const writer = start(200 + Math.floor(Math.random() * 1_500))
        await writer.ended
        expect(writer.other.filter((line) => line.startsWith('failed'))).toEqual([])
        acknowledged.push(...writer.stored)
      }
      expect(acknowledged.length).toBeGreaterThan(0)
      await expectAllKept(acknowledged)
    },
    120_000,
  )

  test('is for one process: another is refused in one sentence, until it has closed or died', async () => {
    const first = start()
    await first.until(() => first.other.includes('open'))
    const refusal =
      /^The embedded database in \S+ is in use by process \d+ \(lock: \S+\); stop that process, or set DATA_DIR to another folder\.$/
    await expect(openStore({ dataDir: folder })).rejects.toThrow(refusal)
    await first.kill()
    const store = await openStore({ dataDir: folder })
    await expect(openStore({ dataDir: folder })).rejects.toThrow(refusal)
    const second = start()
    await second.ended
    expect(second.other).toEqual([
      expect.stringMatching(/^failed The embedded database .* is in use by process \d+/),
    ])
    await store.close()
    await (await openStore({ dataDir: folder })).close()
  }, 120_000)

  test('left by a dead process, is taken by exactly one of many that start at once', async () => {
    const dead = start()
    await dead.until(() => dead.stored.length > 0)
    await dead.kill()
    const heirs = Array.from({ length: 5 }, () => start())
    const opened = (writer: Writer) => writer.other.includes('open')
    await Promise.all(
      heirs.map((heir) => heir.until(() => heir.other.some((line) => /^(open|failed)/.test(line)))),
    )
    expect(heirs.filter(opened)).toHaveLength(1)
    for (const heir of heirs.filter((each) => !opened(each)))
      expect(heir.other.join()).toMatch(/in use by process/)
    await heirs.find(opened)!.kill()
    await expectAllKept([...dead.stored, ...heirs.flatMap((heir) => heir.stored)])
  }, 120_000)

  test('frees the lanes of the process that had it before', async () => {
    const before = await openStore({ dataDir: folder })
    expect(await before.lanes.hold('dead', 1_000_000)).toHaveLength(64)
    await before.close()
    const after = await openStore({ dataDir: folder })
    expect(await after.lanes.hold('heir', 1_000_000)).toHaveLength(64)
    await after.close()
  })

  test('says at the start that it is not for production', async () => {
    const lines: string[] = []
    await (await openStore({ dataDir: folder, say: (line) => lines.push(line) })).close()
    expect(lines).toEqual([expect.stringMatching(/embedded PGlite .*for development/)])
  })
})
