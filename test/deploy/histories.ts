import { temporal } from '@temporalio/proto'

type History = temporal.api.history.v1.IHistory
const { WorkflowTaskFailedCause } = temporal.api.enums.v1

/**
 * Failed workflow tasks, each in words. A task whose completion met a new event is done again; that is no failure of
 * anybody's code.
 */
export const failuresIn = ({ events }: History): string[] =>
  events!.flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed && failed.cause !== WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
      ? [`${WorkflowTaskFailedCause[failed.cause!]}: ${failed.failure?.message}`]
      : [],
  )

/** Which bundle did the tasks of a run, one after the other: its build id as the SDK makes it. */
export const bundlesOf = ({ events }: History): string[] =>
  events!.flatMap(({ workflowTaskCompletedEventAttributes: done }) =>
    done ? [done.workerVersion?.buildId || done.binaryChecksum || 'unknown'] : [],
  )
