import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'

/** A wire to a database that can be cut, and made silent. */
export class Proxy {
  private server: Server | undefined
  private readonly sockets = new Set<Socket>()
  private port = 0

  constructor(private readonly target: URL) {}

  /** The database's URL through this wire. */
  get url(): string {
    const url = new URL(this.target)
    url.host = `127.0.0.1:${this.port}`
    return url.href
  }

  async open(): Promise<void> {
    this.server = createServer((near) =>
      this.join(near, connect(Number(this.target.port), this.target.hostname)),
    )
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve))
    this.port = (this.server.address() as AddressInfo).port
  }

  /** Ends every connection and takes no new ones. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server!.close(resolve))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  /** Lets nothing through any more, without a word to either end. */
  silence(): void {
    for (const socket of this.sockets) socket.pause()
  }

  private join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one)
      one.on('data', (bytes) => other.write(bytes))
      one.on('error', () => other.destroy())
      one.on('close', () => (this.sockets.delete(one), other.destroy()))
    }
  }
}
