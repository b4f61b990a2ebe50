import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** A process of its own, so that what it does stays off our event loop; it answers one request after the other. */
export interface Asked<Request, Reply> {
  /** Rejects with what went wrong there. */
  ask(request: Request): Promise<Reply>
  stop(): Promise<void>
}

type Answer<Reply> = { readonly reply: Reply } | { readonly error: string }

/** Starts one from a source of this folder that calls `answer`. */
export function startAsked<Request extends object, Reply>(name: string): Asked<Request, Reply> {
  const child = fork(path.join(__dirname, `${name}.ts`))
  const gone = once(child, 'exit').then(() => ({ error: `${name} has ended` }))
  return {
    async ask(request) {
      const ended = new AbortController()
      const answered = once(child, 'message', { signal: ended.signal })
      answered.catch(() => undefined)
      child.send(request)
      const answer = await Promise.race([answered.then(([value]) => value as Answer<Reply>), gone])
      ended.abort()
      if ('error' in answer) throw new Error(answer.error)
      return answer.reply
    },
    async stop() {
      child.kill()
      await gone
    },
  }
}

/** In the process that is asked. */
export function answer<Request, Reply>(work: (request: Request) => Promise<Reply>): void {
  const send = (value: Answer<Reply>): void => void process.send?.(value)
  process.once('disconnect', () => process.exit())
  process.on('message', (request: Request) => {
    work(request).then(
      (reply) => send({ reply }),
      (error: Error) => send({ error: error.message }),
    )
  })
}
