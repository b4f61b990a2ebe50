import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow'

/** Told of the commands that workflow code makes, in order, while a history is replayed. */
export interface Observer extends Sinks {
  observer: { made(commands: readonly unknown[]): void }
}

/** A part of the bundle that `check` replays, and of no other: it says what the code does, and changes nothing. */
export const interceptors = (): WorkflowInterceptors => {
  const { observer } = proxySinks<Observer>()
  return {
    internals: [
      {
        concludeActivation(input, next) {
          observer.made(input.commands)
          return next(input)
        },
      },
    ],
  }
}
