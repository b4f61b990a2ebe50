import { type Client, isGrpcServiceError } from '@temporalio/client'
import type { CustomerRef } from '../../sdk/customer-ref'
import type { OpenDeletion, Store, StoredEvent } from '../../store/store'
import type { Handled } from './handling'
import { reached } from './unreachable'

interface DeletionDeps {
  readonly store: Store
  readonly client: Client
  readonly taskQueue: string
  readonly customerRef: CustomerRef
}

const NOT_FOUND = 5
/** How long Temporal may take to be rid of a history it was asked to delete, before it is asked again. */
const DELETING_MS = 500
const IDS_AT_ONCE = 50

/** Ends the customer's enrollments for good and erases what there is of them. Each step may be repeated. */
export const deleting =
  (deps: DeletionDeps) =>
  async (event: StoredEvent): Promise<Handled> => {
    const { store, client } = deps
    const { deletion } = event.properties as { deletion: number }
    const open = await store.deletions.open(deletion)
    if (!open) return { is: 'handled' }
    for (const workflowId of open.workflowIds) await deleteRun(client, { workflowId })
    const found = await deleteFound(deps, open)
    if (found > 0) return { is: 'waits', ms: DELETING_MS }
    const finished = await store.deletions.finish(deletion, event)
    return finished.is === 'waits' ? finished : { is: 'handled' }
  }

/** The newest run, unless another is named; one that runs is terminated. */
async function deleteRun(
  client: Client,
  workflowExecution: { workflowId: string; runId?: string },
): Promise<void> {
  const { namespace } = client.options
  try {
    await reached(client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }))
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== NOT_FOUND) throw error
  }
}

/** All runs that Temporal lists, also of workflows that the ledger never heard of. Resolves with how many there were. */
async function deleteFound(deps: DeletionDeps, open: OpenDeletion): Promise<number> {
  const { client } = deps
  let found = 0
  for (const query of queriesFor(deps, open)) {
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      await deleteRun(client, { workflowId, runId })
      found += 1
    }
  }
  return found
}

function queriesFor(
  { taskQueue, customerRef }: DeletionDeps,
  { customerIds, workflowIds }: OpenDeletion,
): string[] {
  return [
    ...slices(workflowIds).map((ids) => `WorkflowId IN (${ids})`),
    ...slices(customerIds.map(customerRef)).map(
      (refs) => `TaskQueue = ${quoted(taskQueue)} AND SojournCustomer IN (${refs})`,
    ),
  ]
}

function slices(texts: readonly string[]): string[] {
  const starts = Array.from({ length: Math.ceil(texts.length / IDS_AT_ONCE) }, (_, nth) => nth * IDS_AT_ONCE)
  return starts.map((start) =>
    texts
      .slice(start, start + IDS_AT_ONCE)
      .map(quoted)
      .join(', '),
  )
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
