import type { Response } from 'express'
import type { Logger } from '../../logger'
import type { InboxItem, InboxStore } from '../../store/store'
import { toInboxItem } from './shape'

/** A reader of server-sent events. */
interface Reader {
  readonly customerId: string
  after: number | undefined
  readonly response: Response
}

export interface Opening {
  readonly customerId: string
  /** Of the last change that the reader has. */
  readonly after: number | undefined
  /** When its token ends; undefined: never. */
  readonly endsAt: number | undefined
}

const LOOK_MS = 500
const HEARTBEAT_MS = 25_000
const AT_ONCE = 100
/** Who reads slower than this is cut off, and comes again where it was. */
const MOST_UNREAD_BYTES = 1024 * 1024

/** All open streams of a process, and one look at the database for all of them. */
export class InboxStreams {
  readonly #readers = new Set<Reader>()
  #timer: NodeJS.Timeout | undefined
  #looking = false

  constructor(
    private readonly inbox: InboxStore,
    private readonly logger: Logger,
    stopping?: AbortSignal,
  ) {
    stopping?.addEventListener('abort', () => this.#readers.forEach((reader) => this.#end(reader)))
  }

  /** Writes to the response until its reader goes, or its token ends. */
  open({ customerId, after, endsAt }: Opening, response: Response): void {
    const reader = { customerId, after, response }
    response.write('retry: 2000\n\n')
    const heartbeat = setInterval(() => this.#readers.has(reader) && response.write(':\n\n'), HEARTBEAT_MS)
    const end = endsAt === undefined ? undefined : setTimeout(() => this.#end(reader), endsAt - Date.now())
    response.once('close', () => {
      this.#readers.delete(reader)
      clearInterval(heartbeat)
      clearTimeout(end)
    })
    this.#readers.add(reader)
    this.#lookIn(0)
  }

  /** Nothing may be written to it from here on. */
  #end(reader: Reader): void {
    if (this.#readers.delete(reader)) reader.response.end()
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), ms)
  }

  /** One at a time, so that nobody is told twice: who comes meanwhile waits for the next. */
  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const readers = [...this.#readers]
    try {
      const changes = readers.length > 0 ? await this.inbox.changes(readers, AT_ONCE) : []
      for (const [index, items] of changes.entries())
        if (this.#readers.has(readers[index]!)) tell(readers[index]!, items)
    } catch (error) {
      this.logger.warn({ error: (error as Error).name }, 'a look at the inboxes was put off')
    }
    this.#looking = false
    const isAwaited = [...this.#readers].some((reader) => !readers.includes(reader))
    if (this.#readers.size > 0) this.#lookIn(isAwaited ? 0 : LOOK_MS)
  }
}

function tell(reader: Reader, items: readonly InboxItem[]): void {
  for (const item of items) {
    const event = item.shown ? 'item' : 'gone'
    const data = JSON.stringify(item.shown ? toInboxItem(item) : { id: item.ref })
    reader.response.write(`id: ${item.version}\nevent: ${event}\ndata: ${data}\n\n`)
    reader.after = item.version
  }
  if (reader.response.writableLength > MOST_UNREAD_BYTES) reader.response.destroy()
}
