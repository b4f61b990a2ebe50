import type { Client } from '@temporalio/client'
import type { Logger } from '../../logger'
import type { Store } from '../../store/store'
import type { Enrollments } from './enrollments'

const EVERY_MS = 30_000
const LOOK_BACK_MS = 10 * 60_000

/** Finds workflows that were ended past the engine (terminated in the UI, timed out) and lets our records follow. */
export function startSweep(deps: {
  client: Client
  store: Store
  enrollments: Enrollments
  taskQueue: string
  logger: Logger
}): {
  stop(): Promise<void>
} {
  let sweeping = Promise.resolve()
  let since = Date.now() - LOOK_BACK_MS
  const timer = setInterval(() => {
    const from = since
    sweeping = sweeping
      .then(() => sweep(deps, from))
      .then(
        (reachedAt) => void (since = reachedAt - LOOK_BACK_MS),
        (error) => deps.logger.debug({ err: error }, 'sweep put off'),
      )
  }, EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await sweeping
    },
  }
}

type SweepDeps = { client: Client; store: Store; enrollments: Enrollments; taskQueue: string }

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
