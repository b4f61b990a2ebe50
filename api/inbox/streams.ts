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

  constructor(
    private readonly inbox: InboxStore,
    private readonly logger: Logger,
    stopping?: AbortSignal,
  ) {
    stopping?.addEventListener('abort', () => this.#readers.forEach(({ response }) => response.end()))
  }

  /** Writes to the response until its reader goes, or its token ends. */
  open({ customerId, after, endsAt }: Opening, response: Response): void {
    const reader = { customerId, after, response }
    response.write('retry: 2000\n\n')
    const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS)
    const end = endsAt === undefined ? undefined : setTimeout(() => response.end(), endsAt - Date.now())
    response.once('close', () => {
      this.#readers.delete(reader)
      clearInterval(heartbeat)
      clearTimeout(end)
    })
    this.#readers.add(reader)
    this.#lookIn(0)
  }

  #lookIn(ms: number): void {
    if (ms > 0 && this.#timer) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), ms)
  }

  async #look(): Promise<void> {
    const readers = [...this.#readers]
    try {
      const changes = readers.length > 0 ? await this.inbox.changes(readers, AT_ONCE) : []
      for (const [index, items] of changes.entries()) tell(readers[index]!, items)
    } catch (error) {
      this.logger.warn({ error: (error as Error).name }, 'a look at the inboxes was put off')
    }
    this.#timer = undefined
    if (this.#readers.size > 0) this.#lookIn(LOOK_MS)
  }
}

function tell(reader: Reader, items: readonly InboxItem[]): void {
  for (const item of items) {
    const event = item.shown ? 'item' : 'gone'
    const data = JSON.stringify(item.shown ? toInboxItem(item) : { id: item.ref })
    reader.response.write(`id: ${item.version}\nevent: ${event}\ndata: ${data}\n\n`)
    reader.after = item.version
  }
  // Whatever comes from now on is a change, also what is not shown.
  reader.after ??= 0
  if (reader.response.writableLength > MOST_UNREAD_BYTES) reader.response.destroy()
}
