import { CancellationScope } from '@temporalio/workflow'
import { RootCancellationScope } from '@temporalio/workflow/lib/cancellation-scope'

/**
 * What is cancelled with a stage. The SDK's scopes (1.24) keep each timer and activity that ever began in them, 5 KB for a
 * wait with its send; a stage may hold thousands. This one keeps what is open: each begins in a scope of its own.
 */
export class StageScope extends CancellationScope {
  private readonly open = new Set<CancellationScope>()

  constructor() {
    super()
    this.cancelRequested.catch(() => {
      for (const scope of this.open) scope.cancel()
    })
  }

  begin<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.consideredCancelled) return operation()
    const scope = new RootCancellationScope()
    this.open.add(scope)
    const forget = (): void => void this.open.delete(scope)
    // Given as it is: what waits for it must not come a tick later than it ends.
    let begun!: Promise<Result>
    scope.run(() => (begun = operation())).then(forget, forget)
    return begun
  }
}

/** Begins it in the stage that the caller is in, if in any. */
export function begin<Result>(operation: () => Promise<Result>): Promise<Result> {
  const current = CancellationScope.current()
  return current instanceof StageScope ? current.begin(operation) : operation()
}
