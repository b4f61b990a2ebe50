import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a model server was asked. */
export interface Asked {
  readonly model: string
  readonly customerId: string
  readonly arms: readonly { readonly arm: string }[]
  readonly context: Record<string, unknown>
}

/** A model server on loopback that answers as told, and remembers what it was asked. */
export interface ModelServerDouble {
  readonly url: string
  readonly asked: readonly Asked[]
  readonly headers: readonly Record<string, unknown>[]
  answer: RequestListener
  close(): Promise<void>
}

export const answering =
  (body: unknown, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))

/** Takes the question, and never answers. */
export const hanging: RequestListener = () => {}

export async function modelServerDouble(answer: RequestListener = hanging): Promise<ModelServerDouble> {
  const asked: Asked[] = []
  const headers: Record<string, unknown>[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    asked.push(JSON.parse(body) as Asked)
    headers.push(request.headers)
    double.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const double: ModelServerDouble = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`,
    asked,
    headers,
    answer,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return double
}
