import type { Client } from '@temporalio/client'
import { temporal } from '@temporalio/proto'

type Event = temporal.api.history.v1.IHistoryEvent
const { WorkflowTaskFailedCause } = temporal.api.enums.v1

/** All runs of an enrollment, the first first. */
export async function runsOf(client: Client, workflowId: string): Promise<Event[][]> {
  const runs: Event[][] = []
  const query = `WorkflowId = '${workflowId}'`
  for await (const { runId, startTime } of client.workflow.list({ query })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    runs.push(Object.assign(events ?? [], { startTime }))
  }
  return runs.toSorted((one, other) => startOf(one) - startOf(other))
}

const startOf = (run: Event[]): number => Number(run[0]?.eventTime?.seconds ?? 0)

/**
 * Failed workflow tasks, each in words. A task whose completion met a new event is done again; that is no failure of
 * anybody's code.
 */
export const failuresIn = (events: readonly Event[]): string[] =>
  events.flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed && failed.cause !== WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
      ? [`${WorkflowTaskFailedCause[failed.cause!]}: ${failed.failure?.message}`]
      : [],
  )

/** Which bundle did the tasks of a run, one after the other: its build id as the SDK makes it. */
export const bundlesOf = (events: readonly Event[]): string[] =>
  events.flatMap(({ workflowTaskCompletedEventAttributes: done }) =>
    done ? [done.workerVersion?.buildId || done.binaryChecksum || 'unknown'] : [],
  )
