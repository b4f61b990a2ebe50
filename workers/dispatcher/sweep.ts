import type { Client } from '@temporalio/client'
import type { Logger } from '../../logger'
import type { Store } from '../../store/store'
import type { Enrollments } from './enrollments'
import { fromTimeToTime } from './from-time-to-time'
import { Unreachable } from './handling'
import { reached } from './unreachable'

const EVERY_MS = 30_000
const LOOK_BACK_MS = 10 * 60_000

/** Finds workflows that were ended past the engine (terminated in the UI, timed out) and lets our records follow. */
export function startSweep(deps: SweepDeps & { readonly logger: Logger }): { stop(): Promise<void> } {
  let since = Date.now() - LOOK_BACK_MS
  return fromTimeToTime({
    everyMs: EVERY_MS,
    work: async () => void (since = (await reached(sweep(deps, since))) - LOOK_BACK_MS),
    putOff: 'sweep put off',
    isAway: (error) => error instanceof Unreachable,
    logger: deps.logger,
  })
}

interface SweepDeps {
  readonly client: Client
  readonly store: Store
  readonly enrollments: Enrollments
  readonly taskQueue: string
}

/** Resolves with the time up to which closed workflows were looked at. */
export async function sweep(
  { client, store, enrollments, taskQueue }: SweepDeps,
  since: number,
): Promise<number> {
  const startedAt = Date.now()
  const query =
    `TaskQueue = '${taskQueue.replaceAll("'", '')}' AND CloseTime > '${new Date(since).toISOString()}' ` +
    `AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Canceled', 'Failed')`
  for await (const { workflowId } of client.workflow.list({ query })) {
    const row = await store.enrollments.get(workflowId)
    if (row && row.status !== 'ended') await enrollments.reconcile(row)
  }
  return startedAt
}
