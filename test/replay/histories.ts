import type { Client } from '@temporalio/client'
import { temporal } from '@temporalio/proto'

type History = temporal.api.history.v1.IHistory
const protobuf = temporal.api.history.v1.History

/** The histories of all runs of a workflow, oldest first. */
export async function runsOf(client: Client, workflowId: string): Promise<History[]> {
  const newest = await client.workflow.getHandle(workflowId).fetchHistory()
  let runId = newest.events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId
  const runs: History[] = []
  while (runId) {
    const run = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    runs.push(run)
    runId = run.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId
  }
  return runs
}

/** Whose machine it was is nobody's business, and no two recordings should differ by it. */
const AS_ANYBODY: Readonly<Record<string, string>> = {
  identity: 'worker',
  stackTrace: '',
  binaryChecksum: '',
}
// A worker's own queue is named by its process and host.
const OWN_QUEUE = /^\d+@.+$/

/** Ready to be written: enums and numbers as text, bytes as base64, and without what tells of the machine. */
export const scrubbed = (history: History): unknown =>
  JSON.parse(
    JSON.stringify(
      protobuf.toObject(protobuf.fromObject(history), { enums: String, longs: String, bytes: String }),
    ),
    (name, value: unknown) =>
      typeof value === 'string' ? (AS_ANYBODY[name] ?? value.replace(OWN_QUEUE, 'worker')) : value,
  )

/** What was written, as Temporal takes it. */
export const restored = (written: unknown): History => protobuf.fromObject(written as object)
