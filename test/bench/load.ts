import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface LoadRequest {
  readonly url: string
  readonly path: string
  readonly authorization: string
  /** Events in a request. */
  readonly size: number
  readonly seconds: number
}

/** Events answered by 200, and how long that took. */
export interface Accepted {
  readonly events: number
  readonly seconds: number
}

export type LoadReply = Accepted | { readonly error: string }

/** A process that posts track events over 32 kept-alive connections. */
export interface Load {
  /** Rejects at any other answer than 200. */
  send(request: LoadRequest): Promise<Accepted>
  stop(): Promise<void>
}

export function startLoad(): Load {
  const child = fork(join(__dirname, 'load-process.ts'))
  return {
    send: (request) => send(child, request),
    async stop() {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

async function send(child: ChildProcess, request: LoadRequest): Promise<Accepted> {
  const ended = new AbortController()
  const { signal } = ended
  child.send(request)
  const gone = once(child, 'exit', { signal }).then(() => ({ error: 'the load process has ended' }))
  const answered = once(child, 'message', { signal }).then(([reply]) => reply as LoadReply)
  gone.catch(() => undefined)
  const reply = await Promise.race([answered, gone])
  answered.catch(() => undefined)
  ended.abort()
  if ('error' in reply) throw new Error(reply.error)
  return reply
}
