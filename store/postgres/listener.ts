import pg from 'pg'
import { connectionOptions } from './pool'

const SHORTEST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000

/** Hears NOTIFY on one channel over a connection of its own, made again whenever it is lost. */
export class Listener {
  private client: pg.Client | undefined
  private retry: NodeJS.Timeout | undefined
  private pauseMs = SHORTEST_PAUSE_MS
  private closed = false

  /** `hear` gets the payload, and undefined when something may have been missed. */
  constructor(
    private readonly url: string,
    private readonly channel: string,
    private readonly hear: (payload: string | undefined) => void,
  ) {}

  /** Resolves once it listens, or after the first attempt failed; then it goes on trying. */
  async open(): Promise<void> {
    const client = new pg.Client(connectionOptions(this.url))
    this.client = client
    client.on('notification', ({ payload }) => this.hear(payload))
    client.on('error', () => this.lost(client))
    client.on('end', () => this.lost(client))
    try {
      await client.connect()
      await client.query(`listen ${client.escapeIdentifier(this.channel)}`)
      this.pauseMs = SHORTEST_PAUSE_MS
      this.hear(undefined)
    } catch {
      this.lost(client)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.retry)
    const client = this.client
    this.client = undefined
    await client?.end().catch(() => undefined)
  }

  private lost(client: pg.Client): void {
    if (this.closed || this.client !== client) return
    this.client = undefined
    void client.end().catch(() => undefined)
    this.retry = setTimeout(() => void this.open(), this.pauseMs)
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS)
  }
}
