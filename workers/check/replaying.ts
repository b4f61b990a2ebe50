import path from 'node:path'
import type { coresdk } from '@temporalio/proto'
import type { InjectedSinks } from '@temporalio/worker'
import type { Build } from '../bundle'
import { ThreadedWorker } from '../thread'
import { type Made, madeBy, type Recorded } from './commands'
import type { Observer } from './observer'

type Command = coresdk.workflow_commands.IWorkflowCommand

/** The module that the bundle must hold for `replayed`. */
export const observer = path.join(__dirname, 'observer')

export interface ToReplay {
  readonly id: string
  readonly past: Recorded
}

/** What the code made of a history, or why it can't go on with it. */
export type Replayed = { readonly id: string; readonly past: Recorded } & (
  { readonly made: readonly Made[] } | { readonly error: string }
)

/** Runs the new code over histories, one by one, with the SDK's own replay. */
export async function* replayed(
  workflowBundle: Build['workflowBundle'],
  histories: AsyncIterable<ToReplay>,
): AsyncGenerator<Replayed> {
  const commands = new Map<string, Command[]>()
  const pasts = new Map<string, Recorded>()
  const sinks: InjectedSinks<Observer> = {
    observer: {
      made: {
        fn: ({ workflowId }, made) => void commands.get(workflowId)?.push(...(made as Command[])),
        callDuringReplay: true,
      },
    },
  }
  async function* begun() {
    for await (const { id, past } of histories) {
      commands.set(id, [])
      pasts.set(id, past)
      yield { workflowId: id, history: past.history }
    }
  }
  for await (const { workflowId: id, error } of ThreadedWorker.runReplayHistories(
    { workflowBundle, replayName: 'check', sinks },
    begun(),
  )) {
    const past = pasts.get(id)!
    yield error ? { id, past, error: wordsOf(error) } : { id, past, made: madeBy(commands.get(id)!) }
    commands.delete(id)
    pasts.delete(id)
  }
}

/** Of what the SDK says, what is about the history; else what the code threw. */
function wordsOf({ message }: Error): string {
  const told = /\[TMPRL\d+\] [^"\\]+/.exec(message)?.[0].trim()
  const thrown = /failure: Some\(Failure \{ message: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1]
  return told ?? thrown?.replaceAll('\\"', '"') ?? message
}
