import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'

const ENVELOPE = 'X-Sojourn-Envelope: '
const FIRST_READ_BYTES = 16 * 1024

/** What a list shows of a mail. */
export interface MailSummary {
  /** Sorts by time. */
  id: string
  /** ISO 8601, UTC. */
  receivedAt: string
  /** The From header, or the sender the mail server was told. */
  from: string
  /** Every recipient the mail server was told, bare addresses; those in Bcc too. */
  to: string[]
  subject: string
  messageId: string
}

/**
 * Mails as .eml files in one folder, named by time. A file's first line is a header of ours with the summary, so
 * that a list needs no parsing; the mail as it came follows.
 */
export class MailFiles {
  /** Every mail's id; the summary once it was read. */
  readonly #summaries: Map<string, MailSummary | undefined>
  #lastMs = 0
  #sequence = 0

  /** Opens the folder, made when missing, with the mails it holds; at most `kept`, the oldest are deleted. */
  constructor(
    private readonly dir: string,
    private readonly kept: number,
  ) {
    mkdirSync(dir, { recursive: true })
    const names = readdirSync(dir)
    for (const name of names) if (name.endsWith('.part')) rmSync(join(dir, name), { force: true })
    const mails = names.filter((name) => name.endsWith('.eml'))
    this.#summaries = new Map(mails.map((name) => [name.slice(0, -'.eml'.length), undefined]))
    this.#deleteOldest()
  }

  /** Newest first. */
  get ids(): string[] {
    return [...this.#summaries.keys()].sort().reverse()
  }

  get count(): number {
    return this.#summaries.size
  }

  /** Stores a mail; when this returns it is on the disk. */
  async add(facts: Omit<MailSummary, 'id' | 'receivedAt'>, mail: Buffer): Promise<void> {
    const { id, receivedAt } = this.#nextId()
    const summary = { id, receivedAt, ...facts }
    const line = Buffer.from(`${ENVELOPE}${JSON.stringify(summary)}\r\n`)
    await writeDurably(this.dir, `${id}.eml`, Buffer.concat([line, mail]))
    this.#summaries.set(id, summary)
    this.#deleteOldest()
  }

  /** Undefined for an unknown id. */
  summary(id: string): MailSummary | undefined {
    if (!this.#summaries.has(id)) return undefined
    const summary = this.#summaries.get(id) ?? readSummary(this.#file(id), id)
    this.#summaries.set(id, summary)
    return summary
  }

  /** The mail as it came; undefined for an unknown id. */
  read(id: string): Buffer | undefined {
    if (!this.#summaries.has(id)) return undefined
    const bytes = readFileSync(this.#file(id))
    return bytes.subarray(0, ENVELOPE.length).equals(Buffer.from(ENVELOPE)) ? afterFirstLine(bytes) : bytes
  }

  #file(id: string): string {
    return join(this.dir, `${id}.eml`)
  }

  /** Ids of this process rise even when the clock doesn't. */
  #nextId(): { id: string; receivedAt: string } {
    const now = Math.max(Date.now(), this.#lastMs)
    this.#sequence = now === this.#lastMs ? this.#sequence + 1 : 0
    this.#lastMs = now
    const receivedAt = new Date(now).toISOString()
    const stamp = receivedAt.replace(/[-:.]/g, '')
    const sequence = String(this.#sequence).padStart(4, '0')
    return { id: `${stamp}-${sequence}-${randomBytes(4).toString('hex')}`, receivedAt }
  }

  #deleteOldest(): void {
    if (this.count <= this.kept) return
    for (const id of this.ids.slice(this.kept)) {
      this.#summaries.delete(id)
      rmSync(this.#file(id), { force: true })
    }
  }
}

/** Both the bytes and the name have to be on the disk; the name comes last, so no half mail is ever seen. */
async function writeDurably(dir: string, name: string, bytes: Buffer): Promise<void> {
  const part = join(dir, `${name}.part`)
  const file = await open(part, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, join(dir, name))
  const folder = await open(dir, 'r')
  await folder.sync().finally(() => folder.close())
}

function readSummary(file: string, id: string): MailSummary {
  const head = readHead(file)
  const line = (head.includes('\n') ? head : readFileSync(file, 'utf8')).split('\n', 1)[0]!
  const blank = { id, receivedAt: '', from: '', to: [], subject: '', messageId: '' }
  return line.startsWith(ENVELOPE) ? { ...blank, ...JSON.parse(line.slice(ENVELOPE.length)), id } : blank
}

function readHead(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(FIRST_READ_BYTES)
    return bytes.toString('utf8', 0, readSync(handle, bytes))
  } finally {
    closeSync(handle)
  }
}

const afterFirstLine = (bytes: Buffer): Buffer => bytes.subarray(bytes.indexOf('\n') + 1)
