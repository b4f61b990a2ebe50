import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly bytes: Buffer
}

export interface Says {
  readonly status: number
  readonly headers?: Record<string, string>
  /** JSON unless it is text. */
  readonly body?: unknown
}

/** What a provider's documentation makes of one request: a message it takes, or its refusal. */
export type Examined<Message> = { readonly takes: Message; readonly says: Says } | { readonly says: Says }

/** silent: takes it and never answers. cut: takes it and breaks the connection. Others are answers without taking it. */
export type Mood = 'well' | 'silent' | 'cut' | 'html' | Says

/** A provider on loopback that behaves as its documentation says. */
export class Double<Message> {
  readonly taken: Message[] = []
  mood: Mood = 'well'
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async open<Message>(
    examine: (asked: Asked) => Examined<Message> | Promise<Examined<Message>>,
  ): Promise<Double<Message>> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const double = new Double<Message>(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server)
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { method = '', url: path = '', headers } = request
      const bytes = Buffer.concat(chunks)
      const examined = await examine({ method, path, headers, bytes, body: bytes.toString() })
      const { mood } = double
      if ('takes' in examined && typeof mood === 'string' && mood !== 'html')
        double.taken.push(examined.takes)
      if (mood === 'silent') return
      if (mood === 'cut') return request.socket.destroy()
      const {
        status,
        headers: more,
        body,
      } = mood === 'html' ? html : typeof mood === 'object' ? mood : examined.says
      const type = typeof body === 'string' ? 'text/html' : 'application/json'
      response.writeHead(status, { 'content-type': type, ...more })
      response.end(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body))
    })
    return double
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.closeAllConnections()
      this.server.close(() => resolve())
    })
  }
}

const html: Says = { status: 200, body: '<html><body>Sign in to the network</body></html>' }
